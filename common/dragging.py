"""How points of a picture are dragged: what can be chosen, and how it ends. Free of torch, for the
window knows it; `networks.dragging` does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Struct

Ending: TypeAlias = Literal["", "arrived", "stuck", "oscillating"]
"""Why there is nothing left to do; empty where there is.

arrived: every handle is within a pixel of its target.
stuck: the handles have come no nearer for a while.
oscillating: the same, while they went to and fro.
"""
ENDINGS: Final[Mapping[Ending, str]] = {
    "arrived": "arrived",
    "stuck": "comes no nearer",
    "oscillating": "only goes to and fro",
    "": "",
}
"""How a drag has ended, in words."""


class DragPoint(Struct, frozen=True):
    """A place of the picture, and where what is seen there shall go.

    Places are x and y in pixels of the network's picture, y down; the middle of the first pixel is
    (0.5, 0.5).

    id: a number that tells it from others, and changes when its handle is placed anew by hand.
    handle: where it was placed.
    target: where it shall go.
    """

    id: int
    handle: tuple[float, float]
    target: tuple[float, float]


class DragSettings(Struct, frozen=True):
    """What dragging depends on besides the network, the picture and the points.

    layer: whose features are followed; empty for `networks.dragging.features.default_layer`.
    rows: how many rows of w follow, counted from the first; None for those up to that layer.
    rate: how far a step goes, as a root mean square in units of the spread of W.
    hold: how stiffly what must not move is held; 0: not at all.
    """

    layer: str = ""
    rows: int | None = None
    rate: float = 0.03
    hold: float = 3.0


class DragStep(Struct, frozen=True):
    """What one step has come to.

    done: how many steps were taken.
    handles: where the handles are now, x and y in pixels, in the order of the points.
    distance: the mean distance of handle and target, in pixels.
    ending: why there is nothing left to do; empty where there is.
    """

    done: int
    handles: tuple[tuple[float, float], ...]
    distance: float
    ending: Ending = ""
