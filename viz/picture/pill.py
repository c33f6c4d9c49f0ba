"""The rounded dark plate under what is written over a picture, legible on every picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imgui_bundle import ImVec2, ImVec4, imgui

from viz.ui.text import shorten
from viz.ui.widgets import em

PLATE = (0.05, 0.05, 0.06, 0.74)
"""R, G, B and opacity of the plate, 0…1. It is dark in both themes: what lies under it is not the
theme's, and light writing on a dark plate is read on white as on black."""
INK = (0.95, 0.95, 0.95, 1.0)
"""R, G, B and opacity of what is written on the plate."""


def draw_pill(low: ImVec2, high: ImVec2, alpha: float = 1.0) -> None:
    """Draw a plate with a border between two screen positions.

    alpha: its opacity, as a share of the usual one.
    """
    red, green, blue, opacity = PLATE
    canvas = imgui.get_window_draw_list()
    plate = imgui.get_color_u32(ImVec4(red, green, blue, opacity * alpha))
    canvas.add_rect_filled(low, high, plate, em(0.4))
    canvas.add_rect(low, high, imgui.get_color_u32(ImVec4(1, 1, 1, 0.14 * alpha)), em(0.4))


def ink(alpha: float = 1.0) -> int:
    """Return the colour of writing on a plate, as ImGui's number. alpha: its opacity, 0…1."""
    return int(imgui.get_color_u32(ImVec4(*INK[:3], INK[3] * alpha)))


@contextmanager
def on_pill(alpha: float = 1.0) -> Iterator[None]:
    """Have texts and buttons drawn as they are on a plate. alpha: their opacity, 0…1."""
    colors = (
        (imgui.Col_.text, ImVec4(*INK)),
        (imgui.Col_.button, ImVec4(0, 0, 0, 0)),
        (imgui.Col_.button_hovered, ImVec4(1, 1, 1, 0.16)),
        (imgui.Col_.button_active, ImVec4(1, 1, 1, 0.28)),
    )
    imgui.push_style_var(imgui.StyleVar_.alpha, imgui.get_style().alpha * alpha)
    for which, color in colors:
        imgui.push_style_color(which, color)
    yield
    imgui.pop_style_color(len(colors))
    imgui.pop_style_var()


def draw_name(
    text: str, at: ImVec2, room: float, *, right: bool = False, alpha: float = 1.0
) -> None:
    """Draw a text on a plate of its own, as the name of a picture is drawn over it.

    at: the upper left corner of the plate as a screen position, or the upper right one.
    room: the width in pixels from which on the text is shortened.
    right: `at` is the upper right corner.
    alpha: how opaque it is, 0…1.
    """
    text = shorten(text, room)
    size = imgui.calc_text_size(text)
    height = imgui.get_frame_height()
    low = ImVec2(at.x - size.x - em(1.1), at.y) if right else at
    draw_pill(low, ImVec2(low.x + size.x + em(1.1), low.y + height), alpha)
    place = ImVec2(low.x + em(0.55), low.y + (height - size.y) / 2)
    imgui.get_window_draw_list().add_text(place, ink(alpha), text)
