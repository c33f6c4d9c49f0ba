"""Dragging points as the picture sees it: which tool is held, and how far the points have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from common.dragging import DragStep
from renderer.messages.failure import Failure
from viz.gpu.pictures import Frame
from viz.session.session import Session

Tool: TypeAlias = Literal["", "points", "paint", "erase"]
"""What the mouse does on the picture: nothing of this; places points; paints the part that may
move, or takes from it."""


@dataclass(frozen=True)
class Dragging:
    """The tool, and the drag under way or the last one.

    tool: what the mouse does on the picture.
    brush: its radius, as a share of the picture's longer side.
    running: the points are being dragged.
    step: what the last step has come to, None before the first.
    handles: where the handles are now, by the ids of points; others are where they were placed.
    failure: why it broke off, None where it did not.
    can_reset: whether there is a drag to go back from.
    frame: the picture on the way, where it is newer than that of the session.
    reached: the session that makes that picture, None where there is none.
    """

    tool: Tool = ""
    brush: float = 0.08
    running: bool = False
    step: DragStep | None = None
    handles: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    failure: Failure | None = None
    can_reset: bool = False
    frame: Frame | None = None
    reached: Session | None = None


class DraggingActions(Protocol):
    """What can be done with the points of the session."""

    def choose(self, tool: Tool) -> None:
        """Take a tool into the hand; none ends the drag and keeps what it has come to."""

    def size(self, brush: float) -> None:
        """Make the brush larger or smaller."""

    def start(self, steps: int | None = None) -> None:
        """Drag the points, or go on. steps: so many, and no more."""

    def stop(self) -> None:
        """End it; what it has come to becomes the latent, as one step of undo."""

    def reset(self) -> None:
        """Go back to the picture and the points that it began with, as one step of undo."""
