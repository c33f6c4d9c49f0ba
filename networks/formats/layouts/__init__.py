"""Layouts: under which names other programs keep the networks of a family in pickled files.

Every file in here that exports `LAYOUT` is one, and is found by itself. `networks.formats.pickled`
opens the container, whichever it is, finds the networks in it, and asks the layouts whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from common.discover import exported
from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.modules import Module


@dataclass(frozen=True)
class Found:
    """One network as a file holds it.

    name: its name in `contents.NAMES`.
    tensors: by the names that they have in a `state_dict`.
    module: its modules with their settings; None where the file holds nothing but tensors.
    beside: what else the file holds at its top, still as records; a reader takes what it uses.
    as_tensor: the tensor that a record describes, None where it describes something else.
    path: of the file, beside which some programs keep their settings.
    """

    name: str
    tensors: Account[TensorRef]
    module: Module | None
    beside: Account[Any]
    as_tensor: Callable[[Any], TensorRef | None]
    path: str = ""

    def require_table(self) -> None:
        """Raises FormatError where the network is a whole module."""
        if self.module is not None:
            raise FormatError(
                f"its {self.name} is a whole module of another program",
                "Save its state_dict() with torch.save.",
            )


@dataclass(frozen=True)
class Layout:
    """One program's way of keeping the networks of one family.

    name: what people call a file with such networks.
    order: layouts are asked in this order, the lowest first.
    recognises: whether a network is one of these, from the names of its tensors.
    read: the network by our names; builds nothing. It accounts for every tensor and setting, and
        raises FormatError for what it does not know.
    """

    name: str
    order: int
    recognises: Callable[[Collection[str]], bool]
    read: Callable[[Found], NetworkData]


def layouts() -> list[Layout]:
    """Every layout, in the order in which they are asked."""
    found: list[Layout] = exported(__name__, "LAYOUT")
    return sorted(found, key=lambda layout: layout.order)


def layout_of(names: Collection[str]) -> Layout | None:
    """Whose network has tensors of these names; None where nobody knows."""
    return next((layout for layout in layouts() if layout.recognises(names)), None)
