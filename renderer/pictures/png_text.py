"""The text that a PNG carries, read without looking at its picture (PNG specification, 11.3.3).

An image library would refuse a picture of many megapixels, and texts of more than a megabyte,
before it gave the text.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO, Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_TEXT: Final = 64 << 20
"""Bytes of a text, once it is unpacked."""

_MAX_CHUNKS: Final = 1_000_000  # more than a picture of a gigabyte has
_TEXTS: Final = (b"tEXt", b"zTXt", b"iTXt")


def read_text(file: BinaryIO, keyword: str) -> str | None:
    """The first text with this keyword, wherever it lies in the file; None where there is none.

    Programs that save a picture again may turn one kind of text into another: all three are read.
    Raises ValueError for what is no PNG, and where it is cut off or damaged before the text.
    """
    begun = file.read(len(SIGNATURE))
    if begun != SIGNATURE:
        cut_off = SIGNATURE.startswith(begun)
        raise ValueError("it is a damaged PNG" if cut_off else "it is no PNG")
    start = keyword.encode() + b"\0"
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            raise ValueError("it is a damaged PNG")
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"IEND":
            return None
        if kind not in _TEXTS or length > MAX_TEXT:
            file.seek(length + 4, 1)
            continue
        data, check = file.read(length), file.read(4)
        if int.from_bytes(check, "big") != zlib.crc32(data, zlib.crc32(kind)) or len(check) < 4:
            raise ValueError("it is a damaged PNG")
        if data.startswith(start):
            return _text(kind, data[len(start) :])
    raise ValueError("it is a damaged PNG")


def _text(kind: bytes, rest: bytes) -> str:
    """What follows the keyword and its zero byte. Raises ValueError."""
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _unpacked(rest[1:]).decode("latin-1")
    packed = rest[:1] == b"\x01"
    _language, _, rest = rest[2:].partition(b"\0")
    _translated_keyword, _, text = rest.partition(b"\0")
    return (_unpacked(text) if packed else text).decode()


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, MAX_TEXT)
    except zlib.error as error:
        raise ValueError("its text is damaged") from error
    if unpacker.unconsumed_tail:
        raise ValueError(f"its text unpacks to more than {MAX_TEXT >> 20} MiB")
    if not unpacker.eof:
        raise ValueError("its text is cut off")
    return text
