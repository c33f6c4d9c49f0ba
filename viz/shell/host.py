"""What the native window does for the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from viz.desk.settings import Side


@dataclass
class Host:
    """What the native window can do; `viz/shell/window.py` and `docking.py` fill it in.

    quit: closes the window.
    reset_layout: puts all panels back to where they start.
    wake: has a frame drawn soon; any thread may call it.
    focus_panel: opens a panel and brings it to the front of its tabs.
    offer_panel: the same, but a side that is collapsed stays so until the user opens it.
    show_panel: opens or closes a panel.
    is_panel_visible: whether a panel is open.
    toggle_side: collapses a side of the window, or opens it.
    is_side_open: whether a side is not collapsed.
    fill_display: has the window fill its display, or go back to where it was.
    full_screen: it does.
    hidden: nobody sees the window: it is drawn without a display.
    density: pixels of the display per unit of an ordinary one.
    """

    quit: Callable[[], None] = lambda: None
    reset_layout: Callable[[], None] = lambda: None
    wake: Callable[[], None] = lambda: None
    focus_panel: Callable[[str], None] = lambda title: None
    offer_panel: Callable[[str], None] = lambda title: None
    show_panel: Callable[[str, bool], None] = lambda title, visible: None
    is_panel_visible: Callable[[str], bool] = lambda title: True
    toggle_side: Callable[[Side], None] = lambda side: None
    is_side_open: Callable[[Side], bool] = lambda side: True
    fill_display: Callable[[bool], None] = lambda fill: None
    full_screen: bool = False
    hidden: bool = False
    density: float = 1.0
