"""PNG files that carry the session they were made from, and reading it back."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import structs
from PIL import Image

from common.regular import require_regular
from renderer.messages.request import RenderRequest
from renderer.pictures import metadata
from renderer.pictures.codecs import CARRIERS
from viz.disk import store
from viz.disk.lists import Written
from viz.session.session import Session

SESSIONS = (".png", ".json", *CARRIERS)
"""Suffixes of files that hold sessions."""


def write_png(path: Path, pixels: npt.NDArray[np.uint8], session: Session) -> Path:
    """Write a picture with its session, whole or not at all. Raises OSError.

    pixels: [height, width, 3 or 4] uint8, of which alpha is dropped.
    """
    store.write_atomically(path, metadata.encode_png(pixels, store.encode(session)))
    return path


def write_listed(path: Path, pixels: npt.NDArray[np.uint8], session: Session) -> Written:
    """Write a picture as `write_png` does, and look at it for the list of captured files."""
    write_png(path, pixels, session)
    return Written(path, path.stat().st_size, thumbnail(pixels))


def read_session(path: Path) -> Session:
    """The session in a PNG or video that we wrote, or in a session's JSON. Raises UserError."""
    require_regular(path)
    return store.decode_session(metadata.read_json(path), str(path))


def is_session(path: Path) -> bool:
    """Say whether a file is meant as a session: by its suffix, or as a picture of any kind."""
    if not path.is_file():
        return False
    return path.suffix.lower() in SESSIONS or metadata.is_picture(path)


def thumbnail(pixels: npt.NDArray[np.uint8], size: int = 256) -> npt.NDArray[np.uint8]:
    """The picture at most `size` pixels wide and high, [height, width, 4] uint8."""
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    image.thumbnail((size, size))
    return np.array(image.convert("RGBA"))


def session_of(session: Session, request: RenderRequest) -> Session:
    """The session as it was when `request` was rendered."""
    return structs.replace(session, render=request)


def next_path(folder: Path, stem: str) -> Path:
    """The first of stem-0001.png, stem-0002.png … that is free in `folder`."""
    taken = {path.name for path in folder.glob("*.png")}
    number = 1
    while f"{stem}-{number:04}.png" in taken:
        number += 1
    return folder / f"{stem}-{number:04}.png"


def recording_folder(folder: Path) -> Path:
    """The folder for a sequence that starts now."""
    return folder / time.strftime("sequence-%Y%m%d-%H%M%S")
