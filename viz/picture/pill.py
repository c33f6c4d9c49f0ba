"""The rounded ground of what is written over a picture, legible on every picture."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui

from viz.ui.text import shorten
from viz.ui.widgets import em


def draw_pill(low: ImVec2, high: ImVec2, alpha: float = 1.0) -> None:
    """Draw a rounded ground with a border between two screen positions.

    alpha: its opacity, as a share of the usual one.
    """
    ground = imgui.get_style_color_vec4(imgui.Col_.window_bg)
    color = imgui.get_color_u32(ImVec4(ground.x, ground.y, ground.z, 0.86 * alpha))
    canvas = imgui.get_window_draw_list()
    canvas.add_rect_filled(low, high, color, em(0.4))
    canvas.add_rect(low, high, imgui.get_color_u32(imgui.Col_.border, alpha), em(0.4))


def draw_name(text: str, at: ImVec2, room: float, *, right: bool = False) -> None:
    """Draw a text on a pill of its own, as the name of a picture is drawn over it.

    at: the upper left corner of the pill as a screen position, or the upper right one.
    room: the width in pixels from which on the text is shortened.
    right: `at` is the upper right corner.
    """
    text = shorten(text, room)
    size = imgui.calc_text_size(text)
    height = imgui.get_frame_height()
    low = ImVec2(at.x - size.x - em(1.1), at.y) if right else at
    draw_pill(low, ImVec2(low.x + size.x + em(1.1), low.y + height))
    ink = imgui.get_color_u32(imgui.Col_.text)
    place = ImVec2(low.x + em(0.55), low.y + (height - size.y) / 2)
    imgui.get_window_draw_list().add_text(place, ink, text)
