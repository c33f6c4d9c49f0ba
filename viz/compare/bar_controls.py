"""What both bars of a comparison are made of: their ground, flat buttons and gaps."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.ui.widgets import em, tooltip


def height() -> float:
    """The height of a bar in pixels."""
    return float(imgui.get_frame_height() + em(0.5))


def tool(
    icon: str,
    name: str,
    tip: str,
    *,
    words: bool = False,
    active: bool = False,
    enabled: bool = True,
) -> bool:
    """A flat button. True where it is pressed.

    icon: a glyph of Font Awesome 6, or empty for a button that shows its name.
    name: what it is called, unique in its bar.
    tip: its tooltip.
    words: the name is written beside the icon.
    active: it is drawn as pressed, as the choice that holds.
    enabled: it can be pressed.
    """
    text = f"{icon}  {name}" if words and icon else icon or name
    side = imgui.get_frame_height()
    ground = imgui.Col_.button_active if active else imgui.Col_.window_bg
    imgui.push_style_color(imgui.Col_.button, imgui.get_style_color_vec4(ground))
    imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0)
    imgui.begin_disabled(not enabled)
    wide = bool(words or not icon)
    pressed: bool = imgui.button(f"{text}###{name}", ImVec2(0 if wide else side, side))
    imgui.end_disabled()
    imgui.pop_style_var()
    imgui.pop_style_color()
    tooltip(tip)
    return pressed


def gap(*, tight: bool = False) -> None:
    """Go on in the same line after a gap between groups. tight: a smaller one."""
    imgui.same_line(0, em(0.5 if tight else 1.2))


def draw_ground(corner: ImVec2, width: float) -> None:
    """Draw what a bar lies on. corner: its upper left one, as a screen position."""
    far = ImVec2(corner.x + width, corner.y + height())
    ink = imgui.get_color_u32(imgui.Col_.window_bg)
    imgui.get_window_draw_list().add_rect_filled(corner, far, ink)
