"""The header of a source in the table of style mixing: what it is, and buttons for its column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import Arc, Average, Plane, SavedW, Seed, Source
from viz.session.changes import mixing
from viz.session.changes.mixing import Mix
from viz.ui import seeds, widgets
from viz.ui.widgets import em

DrawPicture: TypeAlias = Callable[[Source, ImVec2, ImVec2], None]
"""Draws a picture of a latent between two screen positions."""

BANDS: tuple[tuple[mixing.Band, str, str], ...] = (
    ("coarse", "Coarse", "Coarse rows: pose, layout, overall shape."),
    ("middle", "Mid", "Middle rows: features, smaller shapes."),
    ("fine", "Fine", "Fine rows: colours and textures."),
    ("all", "All", "All rows: this source replaces the picture."),
)
"""Buttons that set a whole column: the band of rows, the text of the button and its tooltip."""


def draw_header(mix: Mix, index: int, model: ModelInfo, draw_picture: DrawPicture) -> Mix:
    """Draw the header of a source; return the mix as it was edited there.

    A picture of the source, what it is, and in the last line buttons for its whole column.
    draw_picture: draws the picture of the source.
    """
    source = mix[index]
    side, gap = imgui.get_frame_height(), em(0.15)
    line = imgui.get_frame_height_with_spacing()
    corner, high = imgui.get_cursor_screen_pos(), side + line
    draw_picture(source.source, corner, ImVec2(corner.x + high, corner.y + high))
    imgui.dummy(ImVec2(high, high))
    imgui.same_line(0, 2 * gap)
    imgui.begin_group()
    imgui.push_style_color(imgui.Col_.check_mark, ImVec4(*mixing.color(index), 1.0))
    _, enabled = imgui.checkbox("##enabled", source.enabled)
    imgui.pop_style_color()
    enabled = widgets.finish(enabled, None, "Use this source.", f"mixing/{index + 1}/enabled")
    solo = mixing.is_solo(mix, index)
    imgui.same_line(0, gap)
    soloed = widgets.button("Solo", tip="Only this source; again: all of them.", on=solo)
    imgui.same_line()
    room = imgui.get_content_region_avail().x - side
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(0.0, room))
    remove = imgui.button(f"{fa.ICON_FA_XMARK}###remove", ImVec2(side, 0))
    widgets.tooltip("Remove this source.")
    edited = _draw_source(source.source, f"mixing/{index + 1}", imgui.get_content_region_avail().x)
    imgui.end_group()
    changed = structs.replace(source, enabled=enabled, source=edited)
    band = mixing.matching_band(source, model.rows)
    texts = [imgui.calc_text_size(text).x for _, text, _ in BANDS]
    room = imgui.get_content_region_avail().x - gap * (len(BANDS) - 1)
    spare = (room - sum(texts)) / len(BANDS)
    padding = imgui.get_style().frame_padding
    imgui.push_style_var(imgui.StyleVar_.frame_padding, ImVec2(0, padding.y))
    for place, (name, text, tip) in enumerate(BANDS):
        if place:
            imgui.same_line(0, gap)
        if widgets.button(text, tip=tip, width=texts[place] + spare, on=band == name):
            # Pressed again, it takes the rows back.
            goal: mixing.Band = "none" if band == name else name
            changed = mixing.with_band(changed, goal, model.rows)
    imgui.pop_style_var()
    if remove:
        return mixing.removed(mix, index)
    if soloed:
        return mixing.soloed(mix, index)
    return mixing.replaced(mix, index, changed) if changed != source else mix


def _draw_source(source: Source, control: str, width: float) -> Source:
    """Draw the fields of a source in a line; return it as it was edited.

    control: what the addresses of its numbers begin with.
    """
    match source:
        case Seed(seed=seed):
            tip = "The seed of this source."
            return Seed(
                seeds.seed_field("seed", seed, width=width, tip=tip, control=f"{control}/seed")
            )
        case Plane(x=x, y=y):
            gap = em(0.15)
            imgui.set_next_item_width((width - gap) / 2)
            x = widgets.edited(
                x, imgui.drag_float("##x", x, widgets.drag_speed(0.01), 0, 0, "x %.2f")
            )
            x = widgets.finish(x, None, "Drag, or Ctrl+click to type.", f"{control}/x")
            imgui.same_line(0, gap)
            imgui.set_next_item_width((width - gap) / 2)
            y = widgets.edited(
                y, imgui.drag_float("##y", y, widgets.drag_speed(0.01), 0, 0, "y %.2f")
            )
            y = widgets.finish(y, None, "Drag, or Ctrl+click to type.", f"{control}/y")
            return structs.replace(source, x=x, y=y)
        case Average() | Arc():
            widgets.button(mixing.source_title(source), width=width, enabled=False)
            return source
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
        path = widgets.path_field("File", source.path, ".npz, .npy or .pt")
        if path != source.path:
            source = SavedW(path, source.index)
        if source.data:
            widgets.hint("The picture carries this w, so the file need not be there.")
        else:
            tip = "Which latent in it."
            index = widgets.integer("Index", source.index, low=0, default=0, tip=tip)
            source = SavedW(source.path, index)
        imgui.end_popup()
    return source
