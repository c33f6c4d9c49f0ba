"""A panel is one file or folder in viz/panels/ that exports `PANEL`.

Its `draw(session, context) -> session` is called inside the panel's window in every frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from viz.desk.commands import Command
from viz.desk.context import Context
from viz.session.session import Session

Draw: TypeAlias = Callable[[Session, Context], Session]


@dataclass(frozen=True)
class Panel:
    """What a panel is called, where it starts, and how it is drawn.

    title: of its window and in menus.
    icon: a glyph of Font Awesome 6.
    dock: where it starts: `left_top`, `left_middle`, `left_bottom`, `center` (the picture),
        `right` or `bottom`; `left` is `left_middle`.
    order: its place among the tabs there; the first is in front.
    draw: draws it; for panels that keep nothing between two frames.
    make: makes what draws it, once for every window; for panels that keep something.
    open: it is there at the first start.
    wants_padding: False where it draws to its edges, as the picture does.
    commands: its named actions, for the menus, the shortcuts and the palette.
    """

    title: str
    icon: str
    dock: str
    order: int
    draw: Draw | None = None
    make: Callable[[], Draw] | None = None
    open: bool = True
    wants_padding: bool = True
    commands: tuple[Command, ...] = ()

    def begin(self) -> Draw:
        """Return what draws this panel in one window.

        Raises TypeError where the panel has neither `draw` nor `make`.
        """
        if self.make is not None:
            return self.make()
        if self.draw is None:
            raise TypeError(f"the panel {self.title} has neither `draw` nor `make`")
        return self.draw
