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

from common.errors import UserError, reason
from common.files import open_file, write_atomically
from renderer.messages.request import RenderRequest
from renderer.pictures.codecs import CARRIERS
from renderer.pictures.png_text import SIGNATURE, read_text
from renderer.pictures.sizes import without_opaque_alpha
from renderer.pictures.video import read_comment

KEYWORD = "ganscope"
VERSION = 1
MAX_JSON = 64 << 20
"""Bytes of a session, which has a few thousand as a rule."""
_HEAD = 16
"""Bytes from which the kind of a picture is known."""


class Made(Struct, frozen=True):
    """What every file that we write carries.

    render: the request of its picture, or of the first one.
    version: of the format.
    """

    render: RenderRequest
    version: int = VERSION


def encode_png(pixels: npt.NDArray[np.uint8], made: RenderRequest | bytes) -> bytes:
    """pixels [H, W, 3 or 4] as a PNG with a request or session JSON.

    It is an RGB PNG, or an RGBA one where any pixel is not opaque.
    """
    json = made if isinstance(made, bytes) else msgspec.json.encode(Made(made))
    info = PngInfo()
    info.add_itxt(KEYWORD, json.decode(), zip=True)
    buffer = io.BytesIO()
    Image.fromarray(without_opaque_alpha(pixels)).save(
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


def is_plain_picture(path: str | Path) -> bool:
    """Whether a file is a PNG that carries nothing of ours. One that cannot be read is not."""
    try:
        with open_file(Path(path).expanduser()) as opened:
            if opened.read(len(SIGNATURE)) != SIGNATURE:
                return False
            opened.seek(0)
            return not read_text(opened, KEYWORD)
    except (OSError, ValueError):
        return False


def read_json(path: str | Path) -> bytes:
    """The JSON in a PNG or a video that we wrote, or all of any other file.

    Only regular files are read, and of them no more than MAX_JSON bytes. Raises UserError.
    """
    file = Path(path).expanduser()
    try:
        with open_file(file) as opened:
            head = opened.read(_HEAD)
            is_png = head.startswith(SIGNATURE)
            opened.seek(0)
            _refuse_others(head, file)
            if file.suffix.lower() in CARRIERS:
                return _said(read_comment(file), file, "no comment")
            if is_png or file.suffix.lower() == ".png":
                text = read_text(opened, KEYWORD)
                return _said(text, file, f"no text chunk named {KEYWORD!r}")
            json = opened.read(MAX_JSON + 1)
    except FileNotFoundError as error:
        raise UserError(f"{file} does not exist.") from error
    except OSError as error:
        raise UserError(f"Cannot read {file}: {reason(error)}.") from error
    except ValueError as error:
        raise UserError(f"Cannot read {file}: {error}.") from error
    if len(json) > MAX_JSON:
        raise UserError(f"{file} holds more than {MAX_JSON >> 20} MiB, which no session does.")
    return json


def is_picture(path: Path) -> bool:
    """Say whether a file is a picture, of a kind that can carry a session or not."""
    try:
        with open_file(path) as opened:
            head = opened.read(_HEAD)
    except OSError:
        return False
    return head.startswith(SIGNATURE) or _other_kind(head) is not None


def _other_kind(head: bytes) -> str | None:
    """What kind of picture begins so; None for a PNG and for what is no picture."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"GIF8"):
        return "GIF"
    return "WebP" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _refuse_others(head: bytes, file: Path) -> None:
    """Raises UserError for pictures of kinds in which no session is kept."""
    if (kind := _other_kind(head)) is not None:
        raise UserError(
            f"{file} is a {kind}: it carries no session.",
            "Sessions travel in the PNG, MP4, WebM and MOV files that ganscope writes, and are "
            "lost where these are saved as something else.",
        )


def _said(text: str | None, file: Path, missing: str) -> bytes:
    """The text as bytes. missing: what the file lacks where there is none. Raises UserError."""
    if not text:
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
    """The request in the JSON of a session, or of a request alone.

    where: what errors call the JSON. Raises UserError where it holds no request.
    """
    try:
        fields = msgspec.json.decode(json)
        if isinstance(fields, dict) and "render" not in fields and fields.keys() & _FIELDS:
            return msgspec.json.decode(json, type=RenderRequest)
        made = msgspec.json.decode(json, type=Made)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{where} holds no request: {error}.") from error
    except RecursionError as error:
        raise UserError(f"{where} holds no request: it is nested too deeply.") from error
    if made.version > VERSION:
        raise UserError(
            f"{where} was written by a newer ganscope (version {made.version}).", "Update ganscope."
        )
    return made.render


_FIELDS = frozenset(RenderRequest.__struct_fields__)
