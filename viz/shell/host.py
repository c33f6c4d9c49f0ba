"""What the native window does for the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from viz.desk.actions import Side


@dataclass
class Host:
    """What the native window can do; `viz/shell/window.py` and `docking.py` fill it in.

    quit: closes the window.
    reset_layout: puts all panels back to where they start.
    wake: has a frame drawn soon; any thread may call it.
    focus_panel: opens a panel and brings it to the front of its tabs.
    offer_panel: the same, but it opens no side that is collapsed.
    focused: the panels that come to the front of their tabs, one in each of the next frames, as
        soon as their side is open.
    front: the one of this frame, empty for none.
    show_panel: opens or closes a panel.
    is_panel_visible: whether a panel is open.
    toggle_side: collapses a side of the window, or opens it.
    is_side_open: whether a side is not collapsed.
    density: pixels of the display per unit of an ordinary one.
    """

    quit: Callable[[], None] = lambda: None
    reset_layout: Callable[[], None] = lambda: None
    wake: Callable[[], None] = lambda: None
    focus_panel: Callable[[str], None] = lambda title: None
    offer_panel: Callable[[str], None] = lambda title: None
    focused: list[str] = field(default_factory=list)
    front: str = ""
    show_panel: Callable[[str, bool], None] = lambda title, visible: None
    is_panel_visible: Callable[[str], bool] = lambda title: True
    toggle_side: Callable[[Side], None] = lambda side: None
    is_side_open: Callable[[Side], bool] = lambda side: True
    density: float = 1.0
