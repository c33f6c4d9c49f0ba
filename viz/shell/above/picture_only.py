"""The picture over the whole window, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imgui_bundle import ImVec2, ImVec4, imgui


def draw(draw_picture: Callable[[], None]) -> None:
    """Draw the panel of the picture over everything.

    draw_picture: draws that panel.
    """
    view = imgui.get_main_viewport()
    imgui.set_next_window_pos(view.pos)
    imgui.set_next_window_size(view.size)
    flags = (
        imgui.WindowFlags_.no_decoration
        | imgui.WindowFlags_.no_docking
        | imgui.WindowFlags_.no_saved_settings
    )
    with _edge_to_edge():
        imgui.begin("Picture only", None, flags)
        draw_picture()
        imgui.end()


@contextmanager
def _edge_to_edge() -> Iterator[None]:
    imgui.push_style_var(imgui.StyleVar_.window_padding, ImVec2(0, 0))
    imgui.push_style_var(imgui.StyleVar_.window_rounding, 0)
    imgui.push_style_var(imgui.StyleVar_.window_border_size, 0)
    imgui.push_style_color(imgui.Col_.docking_empty_bg, ImVec4(0, 0, 0, 1))  # in both themes
    yield
    imgui.pop_style_color()
    imgui.pop_style_var(3)
