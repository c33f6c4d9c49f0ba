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

_HARMLESS = 1 << 26  # bytes
_RATIO = 200  # pictures are packed by less than 20, lists of labels by less than 30


def swollen(packed: int, unpacked: int) -> bool:
    """Whether `packed` bytes that become `unpacked` are a bomb: over 64 MiB, and 200 times more."""
    return unpacked > _HARMLESS and unpacked > _RATIO * packed
