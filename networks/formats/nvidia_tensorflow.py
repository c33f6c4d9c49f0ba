"""NVIDIA's TensorFlow snapshots (StyleGAN, StyleGAN2): recognised, not opened."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from networks.formats import Format
from networks.formats.contents import Contents, FormatError, Source


def recognises(source: Source) -> bool:
    """A pickle whose first object is a `Network` of dnnlib (or, before it, of tfutils)."""
    start = source.head[:256]
    return start[:1] == b"\x80" and (b"dnnlib.tflib.network" in start or b"tfutils" in start)


def read(source: Source, names: Collection[str]) -> Contents:
    """Raises FormatError with the way to convert the file."""
    raise FormatError(
        "it is a TensorFlow snapshot, which is not supported yet",
        "Convert it with legacy.py of NVIDIA's stylegan2-ada-pytorch "
        "(python legacy.py --source=OLD.pkl --dest=NEW.pkl) and open the result.",
    )


FORMAT: Final = Format(name="NVIDIA TensorFlow pickle", order=40, recognises=recognises, read=read)
