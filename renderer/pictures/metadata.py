"""PNG files (and videos) that carry what they were made from.

The session's JSON lies in an iTXt chunk (PNG specification, 11.3.3.4) with the keyword
`ganscope`, compressed. At least `{"render": request, "version": 1}` is there; the window adds
what else it wants back. In a video the same is the comment. Free of torch.
"""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common.errors import UserError
from common.files import write_atomically
from renderer.messages.request import RenderRequest
from renderer.pictures.video import read_comment

KEYWORD = "ganscope"
VERSION = 1


class Made(Struct, frozen=True):
    """What every file that we write carries."""

    render: RenderRequest
    version: int = VERSION


def encode_png(pixels: npt.NDArray[np.uint8], made: RenderRequest | bytes) -> bytes:
    """pixels [H, W, 3 or 4] as an RGB PNG (alpha is dropped) with a request or session JSON."""
    json = made if isinstance(made, bytes) else msgspec.json.encode(Made(made))
    info = PngInfo()
    info.add_itxt(KEYWORD, json.decode(), zip=True)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[..., :3])).save(
        # Level 1 is three times as fast as 6, for files 3 % larger (photographs).
        buffer,
        "PNG",
        pnginfo=info,
        compress_level=1,
    )
    return buffer.getvalue()


def write_png(path: str | Path, pixels: npt.NDArray[np.uint8], made: RenderRequest | bytes) -> None:
    """encode_png into a file, atomically. Raises UserError where it cannot be written."""
    write_atomically(path, encode_png(pixels, made))


def read_json(path: str | Path) -> bytes:
    """The JSON in a PNG or a video that we wrote, or all of any other file. Raises UserError."""
    file = Path(path).expanduser()
    try:
        with file.open("rb") as opened:
            head = opened.read(8)
        if file.suffix.lower() == ".mp4":
            return _said(read_comment(file), file, "no comment")
        if head != b"\x89PNG\r\n\x1a\n" and file.suffix.lower() != ".png":
            return file.read_bytes()
        with Image.open(file) as image:
            text = image.info.get(KEYWORD)
    except FileNotFoundError as error:
        raise UserError(f"{file} does not exist.") from error
    # Pillow raises all three for damaged files; its OSError has no reason of the system's.
    except (OSError, SyntaxError, ValueError) as error:
        reason = getattr(error, "strerror", None)
        reason = reason.lower() if reason else "it is a damaged PNG"
        raise UserError(f"Cannot read {file}: {reason}.") from error
    return _said(text, file, f"no text chunk named {KEYWORD!r}")


def _said(text: object, file: Path, missing: str) -> bytes:
    if not isinstance(text, str) or not text:
        raise UserError(
            f"{file} carries no session: {missing}.",
            "Only files that ganscope wrote do, and some programs drop it when they save again.",
        )
    return text.encode()


def read_request(path: str | Path) -> RenderRequest:
    """The request in a PNG that we wrote, in a session's JSON, or a request's own JSON.

    Raises UserError for anything else.
    """
    return decode_request(read_json(path), str(path))


def decode_request(json: bytes, where: str) -> RenderRequest:
    """The same of JSON that is at hand. where: what errors call it. Raises UserError."""
    try:
        fields = msgspec.json.decode(json)
        if isinstance(fields, dict) and "render" not in fields and fields.keys() & _FIELDS:
            return msgspec.json.decode(json, type=RenderRequest)
        made = msgspec.json.decode(json, type=Made)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{where} holds no request: {error}.") from error
    if made.version > VERSION:
        raise UserError(
            f"{where} was written by a newer ganscope (version {made.version}).", "Update ganscope."
        )
    return made.render


_FIELDS = frozenset(RenderRequest.__struct_fields__)
