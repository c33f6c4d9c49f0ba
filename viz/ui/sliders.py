"""Sliders whose marker never lies over their number, and which Shift makes ten times slower."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, imgui

from viz.session.changes.motion import SLOW
from viz.ui.layout import em

_PAD = 2.0
"""The pixels that ImGui leaves free at both ends of a slider."""


def edited(value: float, result: tuple[bool, float]) -> float:
    """Return what an ImGui control made of `value`: exactly `value` where nobody touched it.

    result: what the control returned, whether it was changed and its new value.

    ImGui's floats have 32 bits: 0.7 comes back as 0.699999988. Taken as it is, merely showing a
    number would change the request; so edits are rounded to what 32 bits can tell apart.
    """
    changed, new = result
    # What is typed may be beyond what 32 bits hold, and comes back as infinity.
    return float(f"{new:.7g}") if changed and math.isfinite(new) else value


def drag_speed(speed: float) -> float:
    """Return the speed for ImGui's drags with which Shift makes them slower, as everywhere.

    ImGui itself makes them ten times faster then.
    """
    return speed * SLOW / 10 if imgui.get_io().key_shift else speed


def slider_float(
    name: str, value: float, low: float, high: float, fmt: str, flags: int = 0
) -> float:
    """Draw a slider for low…high without a label; return the value to use from now on.

    name: its ImGui id.
    fmt: how the value is written, in the manner of printf.
    flags: `imgui.SliderFlags_`; logarithmic only where `low` is positive.
    """
    log = bool(flags & imgui.SliderFlags_.logarithmic)
    track = _Track(name, low, high, log=log, steps=0)
    track.begin(value, fmt)
    value = edited(value, imgui.slider_float(name, value, low, high, fmt, flags))
    share = track.end(value)
    return value if share is None else float(f"{track.value_at(share):.7g}")


def slider_int(name: str, value: int, low: int, high: int, fmt: str, flags: int = 0) -> int:
    """Draw a slider for integers without a label; see `slider_float`."""
    track = _Track(name, low, high, log=False, steps=high - low + 1)
    track.begin(value, fmt)
    _, value = imgui.slider_int(name, value, low, high, fmt, flags)
    share = track.end(value)
    return value if share is None else round(track.value_at(share))


class _Track:
    """What lies under a slider's number: how far it is filled, and a slow drag on it.

    steps: how many values it has, 0 for a continuous one.
    """

    def __init__(self, name: str, low: float, high: float, *, log: bool, steps: int) -> None:
        self._low, self._high, self._log = low, high, log
        corner, width = imgui.get_cursor_screen_pos(), imgui.calc_item_width()
        self._corner = corner
        self._far = ImVec2(corner.x + width, corner.y + imgui.get_frame_height())
        room = width - 2 * _PAD
        self._thin = em(0.16)
        grab = min(max(room / steps if steps else 0.0, self._thin), room)
        self._start, self._room = corner.x + _PAD + grab / 2, max(room - grab, 1.0)
        # ImGui keeps what a slider remembers between frames by ids of the window.
        self._slow, self._share = imgui.get_id(f"{name} slow"), imgui.get_id(f"{name} share")
        self._store = imgui.get_state_storage()
        typing = imgui.get_io().want_text_input  # digits may need Shift there
        slowed = self._store.get_bool(self._slow)
        self._ours = (slowed or imgui.get_io().key_shift) and not typing

    def share_of(self, value: float) -> float:
        """Return where a value lies on the track, 0…1."""
        value = min(max(value, self._low), self._high)
        if self._log:
            return math.log(value / self._low) / math.log(self._high / self._low)
        return (value - self._low) / ((self._high - self._low) or 1.0)

    def value_at(self, share: float) -> float:
        """Return the value at a place of the track, 0…1."""
        if self._log:
            return self._low * math.exp(share * math.log(self._high / self._low))
        return self._low + (self._high - self._low) * share

    def begin(self, value: float, fmt: str) -> None:
        """Draw the track; ImGui then writes the number over it, and nothing else."""
        text = fmt % value if "%" in fmt else fmt
        self._draw(self.share_of(value), imgui.calc_text_size(text).x)
        clear = imgui.get_style_color_vec4(imgui.Col_.text)
        clear.w = 0.0
        for color in (
            imgui.Col_.frame_bg,
            imgui.Col_.frame_bg_hovered,
            imgui.Col_.frame_bg_active,
            imgui.Col_.slider_grab,
            imgui.Col_.slider_grab_active,
        ):
            imgui.push_style_color(color, clear)
        imgui.push_style_var(imgui.StyleVar_.grab_min_size, self._thin)
        imgui.push_item_flag(int(imgui.internal.ItemFlagsPrivate_.read_only), self._ours)

    def end(self, value: float) -> float | None:
        """Return where a slow drag has come to on the track, None where there is none.

        A drag that was slowed goes on from there when Shift is let go, and does not jump.
        """
        imgui.pop_item_flag()
        imgui.pop_style_var()
        imgui.pop_style_color(5)
        if not imgui.is_item_active() or not self._ours:
            self._store.set_bool(self._slow, False)
            return None
        share = self._store.get_float(self._share)
        if not self._store.get_bool(self._slow):
            self._store.set_bool(self._slow, True)
            share = self.share_of(value)
        io = imgui.get_io()
        moved = 0.0 if imgui.is_item_activated() else io.mouse_delta.x / self._room
        share = min(max(share + moved * (SLOW if io.key_shift else 1.0), 0.0), 1.0)
        self._store.set_float(self._share, share)
        return share if moved else None

    def _draw(self, share: float, text: float) -> None:
        """Draw the track. text: how wide the number is, in pixels."""
        canvas, rounding = imgui.get_window_draw_list(), imgui.get_style().frame_rounding
        low, high = self._corner, self._far
        over = imgui.is_window_hovered() and imgui.is_mouse_hovering_rect(low, high)
        ground = imgui.Col_.frame_bg_hovered if over else imgui.Col_.frame_bg
        canvas.add_rect_filled(low, high, imgui.get_color_u32(ground), rounding)
        x = self._start + share * self._room
        grab = imgui.Col_.slider_grab
        if x - low.x > rounding:
            fill = imgui.get_color_u32(grab, 0.35)
            canvas.add_rect_filled(low, ImVec2(x, high.y), fill, rounding)
        mark = imgui.get_color_u32(imgui.Col_.check_mark)
        left, right = x - self._thin / 2, x + self._thin / 2
        if abs(x - (low.x + high.x) / 2) > text / 2 + self._thin:
            canvas.add_rect_filled(ImVec2(left, low.y), ImVec2(right, high.y), mark, self._thin / 2)
            return
        # A line through a digit makes another of it.
        end = imgui.get_style().frame_padding.y
        canvas.add_rect_filled(ImVec2(left, low.y), ImVec2(right, low.y + end), mark)
        canvas.add_rect_filled(ImVec2(left, high.y - end), ImVec2(right, high.y), mark)
