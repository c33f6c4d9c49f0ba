"""What a reader finds in a snapshot file, before any network is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any, Final, Literal

import torch
from torch import Tensor

from networks.pickles.file_bytes import FileBytes

NAMES: Final = ("G_ema", "G", "D", "augment_pipe")
"""The networks that a snapshot may hold."""


INCOMPLETE: Final = (
    "Where training is still writing it, try again later; else copy or download it again."
)
UNSAFE: Final = "Nothing in the file was run. Open only snapshots of networks."
DAMAGED: Final = "The file was damaged after it was written: copy or download it again."


class FormatError(Exception):
    """The file is not what its format asks for. `reason` is one line, `remedy` may be empty."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Source:
    """A snapshot file.

    path: as the user named it.
    size: bytes.
    head: its first bytes, at most 4096.
    read: reads all of it; use `data`, which does so once.
    open: opens it to be read where it is looked at; use `file`, which does so once.
    """

    path: str
    size: int
    head: bytes
    read: Callable[[], memoryview]
    open: Callable[[], FileBytes]

    @cached_property
    def data(self) -> memoryview:
        """All of the file. Readers keep views into it and never change it."""
        return self.read()

    @cached_property
    def file(self) -> FileBytes:
        """The file, of which only what is looked at comes into memory."""
        return self.open()


@dataclass(frozen=True, slots=True)
class TensorRef:
    """A tensor that is still in the file. `load` gives a contiguous copy on the CPU.

    in_file: its elements lie in the file; false where a reader makes them up, such as noise, whose
        amount it has to bound itself.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    load: Callable[[], Tensor]
    in_file: bool = True

    @classmethod
    def computed(cls, value: Tensor) -> TensorRef:
        """A small tensor that the file does not hold."""
        return cls(tuple(value.shape), value.dtype, value.clone, in_file=False)

    def changed(
        self, shape: Sequence[int], change: Callable[[Tensor], Tensor] = lambda value: value
    ) -> TensorRef:
        """This tensor in another `shape`, with `change` made in that shape.

        Raises FormatError where it has more or fewer elements.
        """
        if prod(shape) != prod(self.shape):
            raise FormatError(f"a tensor has the shape {list(self.shape)}, not {list(shape)}")
        size = tuple(shape)
        return TensorRef(size, self.dtype, lambda: change(self.load().reshape(size)).contiguous())


@dataclass(frozen=True)
class NetworkData:
    """One network, not built yet.

    kind: what it does.
    family: the name of its family (`networks.families`), or of its kind of augmentation.
    config: the keywords that build it.
    tensors: its parameters and buffers by our names.
    class_name: what the file calls it; empty where it does not.
    notes: what a person should know about how it was read.
    finish: called with the network once it is built; computes what the file does not store.
    """

    kind: Literal["generator", "discriminator", "augmentation"]
    family: str
    config: dict[str, Any]
    tensors: Mapping[str, TensorRef]
    class_name: str = ""
    notes: tuple[str, ...] = ()
    finish: Callable[[torch.nn.Module], None] | None = None


@dataclass(frozen=True)
class Contents:
    """A file as it was read.

    available: the name of every network in it.
    networks: those that were asked for, by name.
    kimg: thousands of images seen in training, where the file says it.
    augment_p: ADA's p in 0…1, where the file says it.
    metadata: whatever else it says, as JSON can hold it.
    format: the name of the format; `read_contents` fills it in where a reader leaves it empty.
    unread: why networks that are in the file cannot be read, by name.
    notes: what a person should know about the file besides.
    """

    available: tuple[str, ...]
    networks: Mapping[str, NetworkData]
    kimg: float | None = None
    augment_p: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    format: str = ""
    unread: Mapping[str, FormatError] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
