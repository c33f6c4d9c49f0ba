"""What a packed file may unpack to: a small file must not fill the memory."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

# What the readers of zip, gzip, bzip2, xz and tar raise on broken files.
BROKEN_PACKING = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
    OverflowError,
    IndexError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)

HARMLESS = 1 << 26  # bytes
RATIO = 200  # pictures are packed by less than 20


def swollen(packed: int, unpacked: int, ratio: int = RATIO, harmless: int = HARMLESS) -> bool:
    """Whether `packed` bytes that become `unpacked` are a bomb.

    ratio: how many times more they may become, unless they are at most `harmless` bytes.
    """
    return unpacked > harmless and unpacked > ratio * packed
