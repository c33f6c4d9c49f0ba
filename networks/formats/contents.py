"""What a reader finds in a snapshot file, before any network is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import torch
from torch import Tensor

NAMES = ("G_ema", "G", "D", "augment_pipe")


INCOMPLETE: Final = (
    "Where training is still writing it, try again later; else copy or download it again."
)


class FormatError(Exception):
    """The file is not what its format asks for. `reason` is one line, `remedy` may be empty."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Source:
    """A snapshot file. `head`: its first bytes. `data`: all of it, read when first asked for.

    Readers keep views into `data` and never change it.
    """

    path: str
    size: int
    head: bytes
    read: Callable[[], memoryview]

    @cached_property
    def data(self) -> memoryview:
        return self.read()


@dataclass(frozen=True, slots=True)
class TensorRef:
    """A tensor that is still in the file. `load` gives a contiguous copy on the CPU."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    load: Callable[[], Tensor]


@dataclass(frozen=True)
class NetworkData:
    """One network: its family, the keywords that build it, and its tensors by our names."""

    kind: Literal["generator", "discriminator", "augmentation"]
    family: str
    config: dict[str, Any]
    tensors: Mapping[str, TensorRef]
    class_name: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """A file as read: `available` names every network in it, `networks` those asked for.

    finish: called with the built networks by name; computes what a format does not store.
    """

    format: str
    available: tuple[str, ...]
    networks: Mapping[str, NetworkData]
    kimg: float | None = None
    augment_p: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    finish: Callable[[str, torch.nn.Module], str | None] | None = None
