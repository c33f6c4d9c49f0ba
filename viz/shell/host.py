"""What the native window does for the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Host:
    """What the window gives the application; doubles in tests.

    focused: the panel to bring to the front of its tabs in the next frame.
    """

    quit: Callable[[], None] = lambda: None
    reset_layout: Callable[[], None] = lambda: None
    wake: Callable[[], None] = lambda: None
    focus_panel: Callable[[str], None] = lambda title: None
    focused: str = ""
    show_panel: Callable[[str, bool], None] = lambda title, visible: None
    is_panel_visible: Callable[[str], bool] = lambda title: True
    density: float = 1.0
