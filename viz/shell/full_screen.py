"""The window of the controls over all of its display, and back."""

from __future__ import annotations

from typing import Any

from imgui_bundle import glfw_utils, imgui  # noqa: F401 - before glfw, which is theirs

# isort: split
import glfw


class FullScreen:
    """Keeps where the window was before it filled its display."""

    def __init__(self) -> None:
        self._before = (0, 0, 0, 0)

    def fill(self, on: bool) -> None:
        """Fill the display that the middle of the window is on, or go back to where it was."""
        window = glfw_utils.glfw_window_hello_imgui()
        if not on:
            nowhere: Any = None
            glfw.set_window_monitor(window, nowhere, *self._before, glfw.DONT_CARE)
            return
        x, y = glfw.get_window_pos(window)
        width, height = glfw.get_window_size(window)
        self._before = (x, y, width, height)
        monitors = glfw.get_monitors()
        monitor = next((m for m in monitors if _holds(m, x + width // 2, y + height // 2)), None)
        monitor = monitor or glfw.get_primary_monitor()
        mode = glfw.get_video_mode(monitor) if monitor else None
        if mode is not None:
            size = mode.size.width, mode.size.height
            glfw.set_window_monitor(window, monitor, 0, 0, *size, mode.refresh_rate)


def _holds(monitor: Any, x: int, y: int) -> bool:
    """Whether a point of the desktop is on a display."""
    mode, (left, top) = glfw.get_video_mode(monitor), glfw.get_monitor_pos(monitor)
    if mode is None:
        return False
    return bool(left <= x < left + mode.size.width and top <= y < top + mode.size.height)
