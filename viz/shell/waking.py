"""Having a frame drawn soon, from any thread, whether or not a window is there yet."""

from __future__ import annotations

import threading

alive = threading.Event()
"""Set while there is a window that can be woken."""


def wake() -> None:
    """Have a frame drawn soon. Any thread may call it, also where there is no window."""
    if alive.is_set():
        import glfw  # by now the window has; before, it would keep the renderer from starting

        glfw.post_empty_event()
