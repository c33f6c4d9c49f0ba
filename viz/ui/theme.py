"""How the window looks: two palettes, one geometry, and the fonts.

Sizes are in em (the font size), so everything follows the display's density and the user's scale.
The dark palette is neutral grey, because a tint around a picture changes how its colours are seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from imgui_bundle import ImVec2, ImVec4, hello_imgui, imgui, implot

FONT_SIZE = 15.0
"""The height of text in pixels, at scale 1 on a display of ordinary density."""
MERGED = (("fa-solid-900.otf", 0.86), ("NotoSansCJK-subset.otf", 1.22))
"""The fonts that are merged into Roboto, with factors of their size.

ImGui scales a font to its line height, and Noto's lines are taller than Roboto's."""


@dataclass(frozen=True)
class Palette:
    """The colours of a theme, as 0xRRGGBB.

    back: the ground around pictures, the deepest surface.
    window: the ground of panels.
    bar: the menu bar, the status bar, and tabs.
    frame: the ground of fields and sliders.
    raised: buttons, which lie above the other surfaces.
    hover: what the mouse is over.
    border: lines around and between parts.
    text: what is read.
    muted: text that matters less.
    accent: what is chosen or changed, and the first line of a plot.
    accent_strong: the ground of what is chosen or pressed.
    grab: the knob of a slider.
    error: what failed.
    warning: what needs a look.
    good: what is as it should be.
    popup: the ground of menus, tooltips and dialogs.
    """

    back: int
    window: int
    bar: int
    frame: int
    raised: int
    hover: int
    border: int
    text: int
    muted: int
    accent: int
    accent_strong: int
    grab: int
    error: int
    warning: int
    good: int
    popup: int


DARK = Palette(
    back=0x0F0F10,
    window=0x1B1B1D,
    bar=0x141415,
    frame=0x29292C,
    raised=0x353539,
    hover=0x424247,
    border=0x303034,
    text=0xE4E4E6,
    muted=0x8F8F96,
    accent=0x4C9BE8,
    accent_strong=0x2F6DB0,
    grab=0x3E78B8,
    error=0xF2726F,
    warning=0xE5B454,
    good=0x6CC08B,
    popup=0x232326,
)
"""The palette of the dark theme."""
LIGHT = Palette(
    back=0xD9D9DC,
    window=0xF6F6F7,
    bar=0xE8E8EA,
    frame=0xFFFFFF,
    raised=0xE4E4E8,
    hover=0xD5D5DB,
    border=0xCFCFD5,
    text=0x1D1D20,
    muted=0x6C6C74,
    accent=0x1F6FBF,
    accent_strong=0xBBD7F2,
    grab=0x8DBDEB,
    error=0xB3261E,
    warning=0x8A5A00,
    good=0x1E7B45,
    popup=0xFFFFFF,
)
"""The palette of the light theme."""
PALETTES = {"dark": DARK, "light": LIGHT}
"""The palettes by the name of their theme."""
# The one state of this module. ImGui's own style is global too: `apply` sets both, so that they
# cannot differ, and whoever draws has the colours that ImGui has none for.
_current = DARK


def current() -> Palette:
    """Return the palette in use."""
    return _current


def color(rgb: int, alpha: float = 1.0) -> ImVec4:
    """Convert 0xRRGGBB to ImGui's floats. alpha: the opacity, 0…1."""
    return ImVec4((rgb >> 16 & 255) / 255, (rgb >> 8 & 255) / 255, (rgb & 255) / 255, alpha)


def ink(rgb: int, alpha: float = 1.0) -> int:
    """Convert 0xRRGGBB to what a draw list takes. alpha: the opacity, on top of the style's."""
    return int(imgui.get_color_u32(color(rgb, alpha)))


def apply(name: str, scale: float, density: float) -> None:
    """Set colours, sizes and fonts of everything that is drawn from now on.

    name: a key of PALETTES.
    scale: the size of texts and controls that the user chose, as a factor.
    density: physical pixels per unit of the display (1, 2 …).
    """
    global _current
    _current = PALETTES[name]
    style = imgui.get_style()
    style.font_scale_main = scale
    style.font_scale_dpi = density
    style.font_size_base = FONT_SIZE
    _geometry(style, scale * density)
    _colors(style, _current)
    _plots(_current)


def _geometry(style: imgui.Style, s: float) -> None:
    style.window_padding = ImVec2(10 * s, 8 * s)
    style.frame_padding = ImVec2(7 * s, 4 * s)
    style.cell_padding = ImVec2(5 * s, 3 * s)
    style.item_spacing = ImVec2(7 * s, 5 * s)
    style.item_inner_spacing = ImVec2(5 * s, 4 * s)
    style.indent_spacing = 16 * s
    style.scrollbar_size = 11 * s
    style.grab_min_size = 9 * s
    style.window_rounding = 4 * s
    style.child_rounding = 4 * s
    style.frame_rounding = 4 * s
    style.popup_rounding = 5 * s
    style.scrollbar_rounding = 5 * s
    style.grab_rounding = 3 * s
    style.tab_rounding = 4 * s
    style.tab_bar_border_size = 0
    style.tab_bar_overline_size = 2 * s
    style.tab_border_size = 0
    style.tab_min_width_base = 1 * s
    style.tab_min_width_shrink = 80 * s
    style.tab_close_button_min_width_selected = 0
    style.tab_close_button_min_width_unselected = 0
    style.window_border_size = 1
    style.child_border_size = 1
    style.popup_border_size = 1
    style.frame_border_size = 1 if _current is LIGHT else 0
    style.docking_separator_size = 3 * s
    style.separator_text_border_size = 1
    style.separator_text_padding = ImVec2(0, 4 * s)
    style.separator_text_align = ImVec2(0, 0.5)
    style.window_menu_button_position = imgui.Dir.none
    style.disabled_alpha = 0.45
    style.hover_stationary_delay = 0.2
    style.hover_delay_short = 0.35


def _colors(style: imgui.Style, p: Palette) -> None:
    c = imgui.Col_
    clear = color(p.window, 0.0)
    table = {
        c.text: color(p.text),
        c.text_disabled: color(p.muted),
        c.text_link: color(p.accent),
        c.window_bg: color(p.window),
        c.child_bg: clear,
        c.popup_bg: color(p.popup, 0.99),
        c.border: color(p.border),
        c.border_shadow: clear,
        c.frame_bg: color(p.frame),
        c.frame_bg_hovered: color(p.raised),
        c.frame_bg_active: color(p.hover),
        c.title_bg: color(p.bar),
        c.title_bg_active: color(p.bar),
        c.title_bg_collapsed: color(p.bar),
        c.menu_bar_bg: color(p.bar),
        c.scrollbar_bg: clear,
        c.scrollbar_grab: color(p.raised),
        c.scrollbar_grab_hovered: color(p.hover),
        c.scrollbar_grab_active: color(p.muted),
        c.check_mark: color(p.accent),
        c.checkbox_selected_bg: color(p.frame),
        c.slider_grab: color(p.grab),
        c.slider_grab_active: color(p.accent),
        c.button: color(p.raised),
        c.button_hovered: color(p.hover),
        c.button_active: color(p.accent_strong),
        c.header: color(p.accent_strong, 0.55),
        c.header_hovered: color(p.hover),
        c.header_active: color(p.accent_strong),
        c.separator: color(p.border),
        c.separator_hovered: color(p.accent, 0.7),
        c.separator_active: color(p.accent),
        c.resize_grip: clear,
        c.resize_grip_hovered: color(p.accent, 0.5),
        c.resize_grip_active: color(p.accent),
        c.input_text_cursor: color(p.accent),
        c.tab: color(p.bar),
        c.tab_hovered: color(p.hover),
        c.tab_selected: color(p.window),
        c.tab_selected_overline: color(p.accent),
        c.tab_dimmed: color(p.bar),
        c.tab_dimmed_selected: color(p.window),
        c.tab_dimmed_selected_overline: color(p.border),
        c.docking_preview: color(p.accent, 0.35),
        c.docking_empty_bg: color(p.back),
        c.plot_lines: color(p.accent),
        c.plot_lines_hovered: color(p.warning),
        c.plot_histogram: color(p.accent),
        c.plot_histogram_hovered: color(p.warning),
        c.table_header_bg: color(p.bar),
        c.table_border_strong: color(p.border),
        c.table_border_light: color(p.border, 0.6),
        c.table_row_bg: clear,
        c.table_row_bg_alt: color(p.raised, 0.18),
        c.text_selected_bg: color(p.accent, 0.35),
        c.drag_drop_target: color(p.accent),
        c.nav_cursor: color(p.accent),
        c.modal_window_dim_bg: color(0x000000, 0.45),
    }
    for index, value in table.items():
        style.set_color_(index, value)


def _plots(p: Palette) -> None:
    if implot.get_current_context() is None:
        return
    style = implot.get_style()
    c = implot.Col_
    for index, value in (
        (c.frame_bg, color(p.window, 0.0)),
        (c.plot_bg, color(p.back)),
        (c.plot_border, color(p.border)),
        (c.legend_bg, color(p.popup, 0.9)),
        (c.axis_grid, color(p.muted, 0.25)),
        (c.axis_text, color(p.muted)),
        (c.inlay_text, color(p.muted)),
        (c.title_text, color(p.text)),
    ):
        style.set_color_(index, value)


def font_folder() -> Path:
    """Return the folder of the bundled fonts."""
    return Path(str(resources.files("assets") / "fonts"))


def load_fonts() -> None:
    """Load Roboto with Font Awesome's icons and the CJK glyphs merged in."""
    folder = font_folder()
    fonts = imgui.get_io().fonts
    fonts.clear()
    fonts.add_font_from_file_ttf(str(folder / "Roboto-Regular.ttf"), FONT_SIZE)
    for name, size in MERGED:
        config = imgui.ImFontConfig()
        config.merge_mode = True
        fonts.add_font_from_file_ttf(str(folder / name), FONT_SIZE * size, config)


def density() -> float:
    """Return the scale of the display that the runner found: 1 is an ordinary density."""
    return hello_imgui.dpi_window_size_factor()
