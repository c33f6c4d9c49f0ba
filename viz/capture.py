"""PNG files that carry the session they were made from, and reading it back."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import structs
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from renderer.errors import UserError
from renderer.protocol import RenderRequest
from viz import store
from viz.session import Session

KEY = "ganscope"
"""Keyword of the PNG's iTXt chunk; its text is the session's JSON."""


def write_png(path: Path, pixels: npt.NDArray[np.uint8], session: Session) -> Path:
    """pixels: [height, width, 3 or 4] uint8, alpha is dropped. Atomic. Raises OSError."""
    info = PngInfo()
    info.add_itxt(KEY, store.encode(session).decode(), zip=True)
    data = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    image.save(data, "PNG", pnginfo=info, compress_level=4)
    store.write_atomically(path, data.getvalue())
    return path


def read_session(path: Path) -> Session:
    """The session in a PNG that we wrote, or in a session's JSON. Raises UserError, OSError."""
    if path.suffix.lower() != ".png":
        return store.decode_session(path.read_bytes(), str(path))
    try:
        with Image.open(path) as image:
            image.load()
            text = image.info.get(KEY)
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserError(f"{path}: not a readable PNG ({error}).") from error
    if not isinstance(text, str):
        raise UserError(
            f"{path}: this PNG carries no session.", "Only pictures that ganscope wrote do."
        )
    return store.decode_session(text, str(path))


def thumbnail(pixels: npt.NDArray[np.uint8], size: int = 256) -> npt.NDArray[np.uint8]:
    """At most `size` pixels wide and high, the same shape: [h, w, 4] uint8."""
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    image.thumbnail((size, size))
    return np.array(image.convert("RGBA"))


def session_of(session: Session, request: RenderRequest) -> Session:
    """The session as it was when `request` was rendered."""
    return structs.replace(session, render=request)


def next_path(folder: Path, stem: str) -> Path:
    """A name in `folder` that is not taken: stem-0001.png, stem-0002.png …"""
    taken = {path.name for path in folder.glob("*.png")}
    number = 1
    while f"{stem}-{number:04}.png" in taken:
        number += 1
    return folder / f"{stem}-{number:04}.png"


def recording_folder(folder: Path) -> Path:
    """Where a sequence that starts now goes."""
    return folder / time.strftime("sequence-%Y%m%d-%H%M%S")
