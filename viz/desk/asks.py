"""What one frame of the window asks of the renderer, gathered while its panels are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from renderer.messages.frame import StatsSpec
from renderer.messages.request import RenderRequest

Ask: TypeAlias = tuple[RenderRequest, StatsSpec | None]
"""What a stream is asked for: a request, and statistics of a layer where they are wanted."""


@dataclass(frozen=True)
class PicturePlace:
    """Where the picture lay when it was drawn last.

    area: width and height of one picture's cell, in screen pixels.
    columns: of the grid that a comparison is drawn in.
    """

    area: tuple[float, float] = (1.0, 1.0)
    columns: int = 1


@dataclass
class Asks:
    """Begun anew in every frame; panels write into it through `Context`.

    streams: what is to be kept rendered beside the picture.
    panes: whether the pictures of the comparison are seen.
    stats: statistics of the picture's own stream.
    place: where the picture lies, None where it was not drawn.
    """

    streams: dict[str, Ask] = field(default_factory=dict)
    panes: bool = False
    stats: StatsSpec | None = None
    place: PicturePlace | None = None
