"""What the native window does for the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Host:
    """What the native window can do; `viz/shell/window.py` fills it in.

    quit: closes the window.
    reset_layout: puts all panels back to where they start.
    wake: has a frame drawn soon; any thread may call it.
    focus_panel: opens a panel and brings it to the front of its tabs.
    focused: the panels that come to the front of their tabs, one in each of the next frames.
    front: the one of this frame, empty for none.
    show_panel: opens or closes a panel.
    is_panel_visible: whether a panel is open.
    density: pixels of the display per unit of an ordinary one.
    """

    quit: Callable[[], None] = lambda: None
    reset_layout: Callable[[], None] = lambda: None
    wake: Callable[[], None] = lambda: None
    focus_panel: Callable[[str], None] = lambda title: None
    focused: list[str] = field(default_factory=list)
    front: str = ""
    show_panel: Callable[[str, bool], None] = lambda title, visible: None
    is_panel_visible: Callable[[str], bool] = lambda title: True
    density: float = 1.0
