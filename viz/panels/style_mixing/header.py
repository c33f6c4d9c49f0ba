"""The header of a source in the table of style mixing: what it is, and buttons for its column."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import Plane, SavedW, Seed, Source
from viz.session import mixing
from viz.session.mixing import Mix
from viz.ui import seeds, widgets
from viz.ui.widgets import em

BANDS: tuple[tuple[mixing.Band, str, str], ...] = (
    ("coarse", "C", "Coarse rows: pose, layout, overall shape."),
    ("middle", "M", "Middle rows: features, smaller shapes."),
    ("fine", "F", "Fine rows: colours and textures."),
    ("all", "A", "All rows: this source replaces the picture."),
    ("none", "0", "No rows."),
)
"""Buttons that set a whole column: the band of rows, the text of the button and its tooltip."""


def draw_header(mix: Mix, index: int, model: ModelInfo) -> Mix:
    """Draw the header of a source in two lines; return the mix as it was edited there.

    The first line says what the source is, the second holds buttons for its whole column.
    """
    source = mix[index]
    side, gap = imgui.get_frame_height(), em(0.15)
    imgui.push_style_color(imgui.Col_.check_mark, ImVec4(*mixing.color(index), 1.0))
    _, enabled = imgui.checkbox("##enabled", source.enabled)
    imgui.pop_style_color()
    widgets.tooltip("Use this source.")
    imgui.same_line(0, gap)
    width = imgui.get_content_region_avail().x - side - gap
    edited = _draw_source(source.source, width)
    imgui.same_line(0, gap)
    remove = imgui.button(f"{fa.ICON_FA_XMARK}###remove", ImVec2(side, 0))
    widgets.tooltip("Remove this source.")
    changed = structs.replace(source, enabled=enabled, source=edited)
    solo = mixing.is_solo(mix, index)
    width = (imgui.get_content_region_avail().x - 5 * gap) / 6
    soloed = _small("S", width, solo, "Solo: only this source; again: all of them.")
    band = mixing.matching_band(source, model.rows)
    for name, text, tip in BANDS:
        imgui.same_line(0, gap)
        if _small(text, width, band == name, tip):
            changed = mixing.with_band(changed, name, model.rows)
    if remove:
        return mixing.removed(mix, index)
    if soloed:
        return mixing.soloed(mix, index)
    return mixing.replaced(mix, index, changed) if changed != source else mix


def _small(text: str, width: float, active: bool, tip: str) -> bool:
    """Draw a button, lit while `active`; return whether it was pressed."""
    if active:
        color = imgui.get_style_color_vec4(imgui.Col_.button_active)
        imgui.push_style_color(imgui.Col_.button, color)
    pressed: bool = imgui.button(text, ImVec2(width, 0))
    if active:
        imgui.pop_style_color()
    widgets.tooltip(tip)
    return pressed


def _draw_source(source: Source, width: float) -> Source:
    """Draw the fields of a source in a line; return it as it was edited."""
    match source:
        case Seed(seed=seed):
            return Seed(seeds.seed_field("seed", seed, width=width, tip="The seed of this source."))
        case Plane(x=x, y=y):
            gap = em(0.15)
            imgui.set_next_item_width((width - gap) / 2)
            x = widgets.edited(
                x, imgui.drag_float("##x", x, widgets.drag_speed(0.01), 0, 0, "x %.2f")
            )
            widgets.tooltip("Drag, or Ctrl+click to type.")
            imgui.same_line(0, gap)
            imgui.set_next_item_width((width - gap) / 2)
            y = widgets.edited(
                y, imgui.drag_float("##y", y, widgets.drag_speed(0.01), 0, 0, "y %.2f")
            )
            widgets.tooltip("Drag, or Ctrl+click to type.")
            return structs.replace(source, x=x, y=y)
        case SavedW():
            return _draw_saved(source, width)


def _draw_saved(source: SavedW, width: float) -> SavedW:
    """Draw a button with the name of the file, which opens fields for its path and index."""
    if imgui.button(f"{mixing.source_title(source)}###file", ImVec2(width, 0)):
        imgui.open_popup("##saved")
    widgets.tooltip(source.path or "Choose a file.")
    if imgui.begin_popup("##saved"):
        imgui.dummy(ImVec2(em(26), 0))
        widgets.label("File")
        path = widgets.path_field("File", source.path, ".npz or .npy")
        index = widgets.integer("Index", source.index, low=0, default=0, tip="Which latent in it.")
        source = SavedW(path, index)
        imgui.end_popup()
    return source
