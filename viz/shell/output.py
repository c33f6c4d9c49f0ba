"""The clean output: a second native window with nothing but the picture, on black.

It shares its textures with the window of the controls, and draws after it in the same frame. Only
that window waits for its display: two that waited in turn would have half the frames.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imgui_bundle import glfw_utils, imgui  # noqa: F401 - before glfw, which is theirs

# isort: split
import glfw
import numpy as np
import numpy.typing as npt
from msgspec import structs

from viz.desk.notify import Notify
from viz.desk.parts.output import Display
from viz.desk.settings import SettingsCell
from viz.gpu.pictures import Frame
from viz.gpu.stage import Stage, hand_over
from viz.gpu.texture import read_framebuffer

TITLE = "ganscope output"
"""The title of its window, where it has one."""
SIZE = (960, 540)
"""The size of that window at first, in units of the screen."""


class Output:
    """The second window, while there is one.

    settings: which display it was on last, and how pictures are scaled.
    notify: tells the user.
    wake: has a frame drawn soon.
    hidden: says whether there is no display.
    """

    def __init__(
        self,
        settings: SettingsCell,
        notify: Notify,
        wake: Callable[[], None],
        *,
        hidden: Callable[[], bool],
    ) -> None:
        self._settings, self._notify, self._wake = settings, notify, wake
        self._hidden = hidden
        self._window: Any = None  # GLFW's pointers have no types that can be named
        self._stage: Stage | None = None
        self._display = ""
        self._wanted: str | None = None
        self._shown: str | None = None
        self._drawn: tuple[object, ...] = ()
        self.draws = 0

    # -- what there is ------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        """Whether there is one."""
        return self._window is not None

    @property
    def display(self) -> str:
        """The name of the display that it fills, empty where it is in a window."""
        return self._display

    def displays(self) -> tuple[Display, ...]:
        """Return the displays of this machine."""
        return tuple(display for display, _ in self._monitors())

    def _monitors(self) -> list[tuple[Display, Any]]:
        """Return the displays with GLFW's pointers to them."""
        main = glfw_utils.glfw_window_hello_imgui()
        x, y = glfw.get_window_pos(main)
        width, height = glfw.get_window_size(main)
        middle = (x + width / 2, y + height / 2)
        found: list[tuple[Display, Any]] = []
        names: dict[str, int] = {}
        for monitor in glfw.get_monitors():
            mode, (left, top) = glfw.get_video_mode(monitor), glfw.get_monitor_pos(monitor)
            if mode is None:
                continue  # it was unplugged just now
            name = _text(glfw.get_monitor_name(monitor))
            names[name] = names.get(name, 0) + 1
            name = name if names[name] == 1 else f"{name} {names[name]}"
            wide, high = mode.size.width, mode.size.height
            ours = left <= middle[0] < left + wide and top <= middle[1] < top + high
            found.append((Display(name, wide, high, ours), monitor))
        return found

    # -- what is asked for --------------------------------------------------------------------

    def show(self, display: str) -> None:
        """Show the picture alone on a display, or in a window where the name is empty."""
        self._wanted = display
        self._shown = None  # asked for again, it comes back from where it was moved to
        self._wake()

    def _place(self, display: str) -> None:
        """Bring it to a display, or into a window where the name is empty."""
        monitors = {shown.name: (shown, monitor) for shown, monitor in self._monitors()}
        if display not in monitors:
            if display:
                self._notify(f"There is no display {display}.", error=True)
            self._to_window()
            return
        shown, monitor = monitors[display]
        mode = glfw.get_video_mode(monitor)
        rate = mode.refresh_rate if mode is not None else glfw.DONT_CARE
        glfw.set_window_monitor(self._window, monitor, 0, 0, shown.width, shown.height, rate)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        self._display, self._drawn = display, ()
        output = structs.replace(self._settings.now.output, display=display)
        self._settings.change(output=output)
        self._give_focus_back()

    def toggle(self) -> bool:
        """Show it on the other display, or no more; return whether there is another display.

        Of several others it is the one that it was on last.
        """
        if self._wanted is not None:
            self.close()
            return True
        others = [display.name for display in self.displays() if not display.ours]
        last = self._settings.now.output.display
        if others:
            self.show(last if last in others else others[0])
        return bool(others)

    def close(self) -> None:
        """Show it there no more."""
        self._wanted = None
        self._wake()

    def _open(self) -> bool:
        """Make the window, not yet on any display; return whether that could be done."""
        main = glfw_utils.glfw_window_hello_imgui()
        glfw.default_window_hints()
        hints = [
            (glfw.CONTEXT_VERSION_MAJOR, 3),
            (glfw.CONTEXT_VERSION_MINOR, 3),
            (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
            (glfw.OPENGL_FORWARD_COMPAT, True),
            (glfw.AUTO_ICONIFY, False),  # it stays where it is while the controls are used
            (glfw.FOCUSED, False),
            (glfw.FOCUS_ON_SHOW, False),
        ]
        if self._hidden():
            hints.append((glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API))
        for hint, value in hints:
            glfw.window_hint(hint, value)
        window = glfw.create_window(*SIZE, TITLE, None, main)
        glfw.default_window_hints()
        if not window:
            self._notify("OpenGL has no second window, so there is no output.", error=True)
            return False
        self._window, self._display, self._drawn = window, "", ()
        glfw.set_key_callback(window, self._key)
        glfw.set_window_close_callback(window, lambda _: self.close())
        glfw.set_window_refresh_callback(window, lambda _: self._forget())
        glfw.set_framebuffer_size_callback(window, lambda *_: self._forget())
        glfw.make_context_current(window)
        try:
            glfw.swap_interval(0)
            self._stage = Stage()
        finally:
            glfw.make_context_current(main)
        return True

    def _to_window(self) -> None:
        self._display, self._drawn = "", ()
        if glfw.get_window_monitor(self._window):
            nowhere: Any = None
            glfw.set_window_monitor(self._window, nowhere, 80, 80, *SIZE, glfw.DONT_CARE)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_NORMAL)

    def _give_focus_back(self) -> None:
        """Have the keys go to the controls: whoever performs uses these."""
        if not self._hidden():
            glfw.focus_window(glfw_utils.glfw_window_hello_imgui())

    def _key(self, window: object, key: int, code: int, action: int, mods: int) -> None:
        if action == glfw.PRESS and key in (glfw.KEY_ESCAPE, glfw.KEY_F11):
            self.close()

    def _forget(self) -> None:
        """Have the picture drawn again, as its window was covered or has another size."""
        self._drawn = ()
        self._wake()

    # -- a frame ------------------------------------------------------------------------------

    def draw(self, frame: Frame | None) -> None:
        """Draw the picture, if it is another one; at the end of a frame of the controls.

        frame: the picture, None for black.
        """
        if self._wanted is None:
            self._destroy()
            return
        if self._window is None and not self._open():
            self._wanted = None
            return
        if self._wanted != self._shown:
            self._shown = self._wanted
            self._place(self._wanted)
        self._look_for_display()
        area, smooth = glfw.get_framebuffer_size(self._window), self._settings.now.output.smooth
        wanted = (id(frame), frame and frame.request, area, smooth)
        if wanted == self._drawn or 0 in area:
            return
        self._drawn = wanted
        try:
            self._draw(frame, area, smooth)
            glfw.swap_buffers(self._window)
        finally:
            glfw.make_context_current(glfw_utils.glfw_window_hello_imgui())
        self.draws += 1

    def read(self, frame: Frame | None) -> npt.NDArray[np.uint8]:
        """Return what its window shows with a picture: [height, width, 4] uint8, rows top down."""
        area = glfw.get_framebuffer_size(self._window)
        try:
            self._draw(frame, area, self._settings.now.output.smooth)
            return read_framebuffer(*area)
        finally:
            glfw.make_context_current(glfw_utils.glfw_window_hello_imgui())

    def _draw(self, frame: Frame | None, area: tuple[int, int], smooth: bool) -> None:
        """Draw into its framebuffer; its context is the current one then."""
        assert self._stage is not None
        hand_over()
        glfw.make_context_current(self._window)
        size = (1, 1) if frame is None else (frame.width, frame.height)
        self._stage.draw(0 if frame is None else frame.texture, size, area, smooth=smooth)

    def _look_for_display(self) -> None:
        """Say so where the display that it filled has gone; GLFW has made a window of it then."""
        if self._display and not glfw.get_window_monitor(self._window):
            name = self._display
            self._wanted = self._shown = ""
            self._to_window()
            self._notify(f"{name} was unplugged: the output is in a window now.", error=True)

    def _destroy(self) -> None:
        if self._window is None:
            return
        window, self._window, self._stage = self._window, None, None
        self._display, self._shown = "", None
        glfw.destroy_window(window)
        glfw.make_context_current(glfw_utils.glfw_window_hello_imgui())

    def stop(self) -> None:
        """Close it at the end, while its context can still be made current."""
        with suppress(glfw.GLFWError):
            self._destroy()


def _text(name: object) -> str:
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return text or "Display"
