"""Lines for the user: the last one in the status bar, errors as toasts, all in a list."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from imgui_bundle import ImVec2, imgui

from viz.ui import theme
from viz.ui.widgets import em

TOAST_SECONDS = 10.0
"""For how many seconds an error is shown in the corner."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Message:
    """A line for the user.

    text: what is said.
    error: whether it is shown for a while besides.
    file: what was written, empty where nothing was; it can be shown in its folder.
    at: when it was said, in seconds since 1970.
    clock: the same on a clock that never jumps.
    holds: whether it is still true.
    """

    text: str
    error: bool
    file: str = ""
    at: float = field(default_factory=time.time)
    clock: float = field(default_factory=time.monotonic)
    holds: Callable[[], bool] = _always

    @property
    def age(self) -> float:
        """Seconds since it was said."""
        return time.monotonic() - self.clock


class Messages:
    """Keeps the last two hundred messages, in `items`."""

    def __init__(self) -> None:
        self.items: deque[Message] = deque(maxlen=200)
        self._dismissed = 0.0

    def add(
        self,
        text: str,
        *,
        error: bool = False,
        file: str = "",
        holds: Callable[[], bool] | None = None,
    ) -> None:
        """Say something; see `viz.desk.notify.Notify`.

        A hint that is said again and again, as while a key is held, is one line.
        """
        newest = self.items[-1] if self.items else None
        hint = not (error or file)
        if newest is not None and hint and not newest.error and newest.text == text:
            self.items.pop()
        self.items.append(Message(text, error, file, holds=holds or _always))

    @property
    def last(self) -> Message | None:
        """What was said last, None where nothing was, or where that is no longer true.

        What was said before it is not said again.
        """
        if self.items and not self.items[-1].holds():
            return None
        return self.items[-1] if self.items else None

    def dismiss(self) -> None:
        """Close the toasts that are shown."""
        self._dismissed = time.monotonic()

    @property
    def toasts(self) -> list[Message]:
        """Return the errors of the last seconds, newest last."""
        fresh = [m for m in self.items if m.error and m.clock > self._dismissed and m.holds()]
        return [m for m in fresh if m.age < TOAST_SECONDS][-3:]

    def draw_toasts(self) -> None:
        """Draw errors in the lower right corner; a click closes them."""
        toasts = self.toasts
        if not toasts:
            return
        view = imgui.get_main_viewport()
        corner = ImVec2(view.pos.x + view.size.x - em(1), view.pos.y + view.size.y - em(3))
        imgui.set_next_window_pos(corner, imgui.Cond_.always, ImVec2(1, 1))
        imgui.set_next_window_size(ImVec2(em(26), 0))
        palette = theme.current()
        imgui.push_style_color(imgui.Col_.window_bg, theme.color(palette.popup))
        imgui.push_style_color(imgui.Col_.border, theme.color(palette.error, 0.8))
        flags = (
            imgui.WindowFlags_.no_decoration
            | imgui.WindowFlags_.no_docking
            | imgui.WindowFlags_.no_move
            | imgui.WindowFlags_.no_saved_settings
            | imgui.WindowFlags_.no_focus_on_appearing
            | imgui.WindowFlags_.no_nav
        )
        imgui.begin("Errors##toasts", None, flags)
        for message in toasts:
            imgui.push_text_wrap_pos(0.0)
            imgui.text_unformatted(message.text)
            imgui.pop_text_wrap_pos()
        if imgui.is_window_hovered() and imgui.is_mouse_clicked(imgui.MouseButton_.left):
            self.dismiss()
        imgui.end()
        imgui.pop_style_color(2)

    def draw_list(self) -> None:
        """Draw all messages in a popup, the newest at the bottom."""
        palette = theme.current()
        imgui.begin_child("list", ImVec2(em(36), em(18)))
        for message in self.items:
            imgui.text_disabled(time.strftime("%H:%M:%S", time.localtime(message.at)))
            imgui.same_line()
            shade = palette.error if message.error else palette.text
            imgui.push_style_color(imgui.Col_.text, theme.color(shade))
            imgui.push_text_wrap_pos(0.0)
            imgui.text_unformatted(message.text)
            imgui.pop_text_wrap_pos()
            imgui.pop_style_color()
        if imgui.is_window_appearing():
            imgui.set_scroll_here_y(1.0)
        imgui.end_child()
