"""Files of `torch.save`: tables of tensors or whole modules, in a zip archive or, before PyTorch
1.6, in a chain of pickles (`networks.formats.torch_data`)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from networks.formats import Format
from networks.formats.contents import Contents, Source
from networks.formats.pickled import LEGACY_HEAD
from networks.formats.pickled import read as read_pickled
from networks.formats.refusal import DATA_NAMES

NAME: Final = "file of torch.save"


def recognises(source: Source) -> bool:
    """A zip archive, or the chain of pickles with its magic number."""
    return source.head[:4] == b"PK\x03\x04" or source.head.startswith(LEGACY_HEAD)


def read(source: Source, names: Collection[str]) -> Contents:
    """The networks `names`, still in the file. Raises FormatError and UnsafePickleError."""
    return read_pickled(source, names, NAME)


FORMAT: Final = Format(
    name=NAME,
    order=20,
    recognises=recognises,
    read=read,
    made_by="PyTorch",
    suffixes=(".pt", ".pth", ".tar", ".model"),
    pickled_names=DATA_NAMES,
)
