"""Style mixing: a table of w rows and sources; every cell is a source's share of a row."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.protocol import ModelInfo, RowInfo
from renderer.messages.request import MixSource, Plane, SavedW, Seed, Source
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.session import mixing
from viz.session.mixing import Mix
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.widgets import em

COLUMN_EM = 12.5
NAME_EM = 8.0
ROW_EM = 1.4
SHARE_EM = 3.2

BANDS: tuple[tuple[mixing.Band, str, str], ...] = (
    ("coarse", "C", "Coarse rows: pose, layout, overall shape."),
    ("middle", "M", "Middle rows: features, smaller shapes."),
    ("fine", "F", "Fine rows: colours and textures."),
    ("all", "A", "All rows: this source replaces the picture."),
    ("none", "0", "No rows."),
)


@dataclass
class Brush:
    """The stroke under way. base: the column's weights before it. way: '', 'down' or 'across'."""

    column: int = -1
    row: int = 0
    base: tuple[float, ...] = ()
    value: float = 0.0
    start: tuple[float, float] = (0.0, 0.0)
    way: str = ""


_brush = Brush()


def draw(session: Session, context: Context) -> Session:
    mix = session.render.mix
    changed = _draw_adding(mix, session.render.source, context)
    if context.model is None:
        widgets.hint("Open a network to mix its layers.")
    elif not changed:
        widgets.hint(
            "Mix the styles of other latents in: add a source, then choose the rows of w that it "
            "takes over. Coarse rows decide pose and shape, fine rows colour and texture."
        )
    else:
        changed = _draw_table(changed, context.model)
    return session.with_render(mix=changed) if changed != mix else session


def _draw_adding(mix: Mix, current: Source, context: Context) -> Mix:
    if widgets.button(
        f"{fa.ICON_FA_PLUS} Seed###add_seed", tip="Another seed as a source, drawn at random."
    ):
        mix = (*mix, MixSource(Seed(widgets.random_seed())))
    imgui.same_line()
    if widgets.button(
        f"{fa.ICON_FA_PLUS} Current point###add_current",
        tip="The latent that is shown now, so that you can move on and mix it in.",
    ):
        mix = (*mix, MixSource(current))
    imgui.same_line()
    if widgets.button(
        f"{fa.ICON_FA_PLUS} Saved w###add_w",
        tip="A stored latent: .npz or .npy, e.g. a projection.",
    ):
        imgui.open_popup("##add")
    if imgui.begin_popup("##add"):
        path = _draw_path("")
        if path is None:
            context.actions.browse("mix")
        elif path:
            mix = (*mix, MixSource(SavedW(path)))
        if path != "":
            imgui.close_current_popup()
        imgui.end_popup()
    if mix:
        imgui.same_line()
        if widgets.button(f"{fa.ICON_FA_TRASH} Clear###clear", tip="Remove every source."):
            mix = ()
    return mix


def _draw_table(mix: Mix, model: ModelInfo) -> Mix:
    flags = (
        imgui.TableFlags_.scroll_x
        | imgui.TableFlags_.scroll_y
        | imgui.TableFlags_.borders_inner_v
        | imgui.TableFlags_.sizing_fixed_fit
        | imgui.TableFlags_.no_saved_settings
    )
    padding = imgui.get_style().cell_padding
    imgui.push_style_var(imgui.StyleVar_.cell_padding, ImVec2(padding.x, em(0.07)))
    if not imgui.begin_table("##mix", len(mix) + 2, flags):
        imgui.pop_style_var()
        return mix
    imgui.table_setup_scroll_freeze(2, 1)
    fixed = imgui.TableColumnFlags_.width_fixed
    imgui.table_setup_column("row", fixed, em(NAME_EM))
    imgui.table_setup_column("share", fixed, em(SHARE_EM))
    for index in range(len(mix)):
        imgui.table_setup_column(f"source {index}", fixed, em(COLUMN_EM))
    imgui.table_next_row(imgui.TableRowFlags_.headers)
    imgui.table_next_column()
    imgui.table_next_column()
    imgui.align_text_to_frame_padding()
    imgui.text_disabled("itself")
    widgets.tooltip(
        "What remains of the picture's own latent in each row.\nWhere sources ask for more than "
        "100 % together, they share the row in proportion."
    )
    result = mix
    for index in range(len(mix)):
        imgui.table_next_column()
        imgui.push_id(f"source{index}")
        # Only one header changes in a frame, so the others may show the mix as it was.
        after = _draw_header(mix, index, model)
        result = after if after != mix else result
        imgui.pop_id()
    if len(result) == len(mix):
        for row in model.rows:
            result = _draw_row(result, row, model)
    imgui.end_table()
    imgui.pop_style_var()
    return result


def _draw_header(mix: Mix, index: int, model: ModelInfo) -> Mix:
    """Two lines: what the source is, and what to do with its column."""
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
    if active:
        color = imgui.get_style_color_vec4(imgui.Col_.button_active)
        imgui.push_style_color(imgui.Col_.button, color)
    pressed: bool = imgui.button(text, ImVec2(width, 0))
    if active:
        imgui.pop_style_color()
    widgets.tooltip(tip)
    return pressed


def _draw_source(source: Source, width: float) -> Source:
    match source:
        case Seed(seed=seed):
            return Seed(
                widgets.seed_field("seed", seed, width=width, tip="The seed of this source.")
            )
        case Plane(x=x, y=y):
            gap = em(0.15)
            imgui.set_next_item_width((width - gap) / 2)
            x = widgets.edited(x, imgui.drag_float("##x", x, 0.01, 0, 0, "x %.2f"))
            widgets.tooltip("Drag, or Ctrl+click to type.")
            imgui.same_line(0, gap)
            imgui.set_next_item_width((width - gap) / 2)
            y = widgets.edited(y, imgui.drag_float("##y", y, 0.01, 0, 0, "y %.2f"))
            widgets.tooltip("Drag, or Ctrl+click to type.")
            return structs.replace(source, x=x, y=y)
        case SavedW():
            return _draw_saved(source, width)


def _draw_saved(source: SavedW, width: float) -> SavedW:
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


def _draw_path(path: str) -> str | None:
    """A path that was typed, '' while there is none; None when a dialog is wanted instead."""
    imgui.set_next_item_width(em(24))
    path = widgets.path_field("File", path, "path of a .npz or .npy")
    imgui.same_line()
    return None if widgets.button("Browse…") else path


def _draw_row(mix: Mix, row: RowInfo, model: ModelInfo) -> Mix:
    imgui.table_next_row(0, em(ROW_EM))
    imgui.table_next_column()
    starts = row.index == 0 or model.rows[row.index - 1].resolution != row.resolution
    size = f"{row.resolution}²" if starts else ""
    imgui.set_cursor_pos_y(
        imgui.get_cursor_pos_y() + (em(ROW_EM) - imgui.get_text_line_height()) / 2
    )
    imgui.text_unformatted(size)
    imgui.same_line(em(3.2))
    imgui.text_disabled(", ".join(layer.rpartition(".")[2] for layer in row.layers))
    widgets.tooltip(
        f"Row {row.index} of w drives {', '.join(row.layers)} at "
        f"{row.resolution} × {row.resolution}."
    )
    imgui.table_next_column()
    rest, parts = mixing.shares(mix, row.index)
    _draw_bar(rest, imgui.get_style_color_vec4(imgui.Col_.text_disabled), 0.45, f"{rest:.0%}")
    for index in range(len(mix)):
        imgui.table_next_column()
        mix = _draw_cell(mix, index, row.index, len(model.rows), parts[index])
    return mix


def _draw_bar(value: float, color: ImVec4, alpha: float, text: str) -> None:
    corner = imgui.get_cursor_screen_pos()
    width, height = imgui.get_content_region_avail().x, em(ROW_EM)
    imgui.dummy(ImVec2(width, height))
    _paint_bar(corner, width, height, value, ImVec4(color.x, color.y, color.z, alpha), text, False)


def _draw_cell(mix: Mix, index: int, row: int, rows: int, share: float) -> Mix:
    """One weight: click toggles it, dragging across sets it, dragging down paints the column."""
    source = mix[index]
    value = mixing.weight(source, row)
    corner = imgui.get_cursor_screen_pos()
    width, height = imgui.get_content_region_avail().x, em(ROW_EM)
    imgui.invisible_button(f"##w{index},{row}", ImVec2(width, height))
    hovered = imgui.is_item_hovered()
    if imgui.is_item_activated():
        mouse = imgui.get_mouse_pos()
        _brush.column, _brush.row, _brush.base, _brush.way = index, row, source.weights, ""
        _brush.value, _brush.start = (0.0 if value > 0.5 else 1.0), (mouse.x, mouse.y)
    if imgui.is_item_active():
        weights = _stroke(corner, width, height, rows)
        mix = mixing.replaced(mix, index, structs.replace(source, weights=weights))
        value = mixing.weight(mix[index], row)
    elif hovered and imgui.is_mouse_clicked(imgui.MouseButton_.right):
        weights = mixing.with_weights(source.weights, [row], 0.0)
        mix = mixing.replaced(mix, index, structs.replace(source, weights=weights))
        value = 0.0
    if hovered and not imgui.is_any_item_active():
        effective = f" ({share:.0%} of the row)" if abs(share - value) > 0.005 else ""
        widgets.tooltip(
            f"{value:.0%}{effective}. Click: on or off. Drag across: how much. Drag down: paint. "
            "Right-click: 0."
        )
    alpha = 0.85 if source.enabled else 0.25
    text = "" if value in (0.0, 1.0) else f"{value:.0%}"
    _paint_bar(corner, width, height, value, ImVec4(*mixing.color(index), alpha), text, hovered)
    return mix


def _stroke(corner: ImVec2, width: float, height: float, rows: int) -> tuple[float, ...]:
    """The column's weights with the stroke so far."""
    mouse = imgui.get_mouse_pos()
    dx, dy = mouse.x - _brush.start[0], mouse.y - _brush.start[1]
    if not _brush.way and max(abs(dx), abs(dy)) > em(0.3):
        _brush.way = "across" if abs(dx) > abs(dy) else "down"
    if _brush.way == "across":
        _brush.value = min(max((mouse.x - corner.x) / max(width, 1.0), 0.0), 1.0)
    pitch = height + 2 * imgui.get_style().cell_padding.y
    passed = round((mouse.y - (corner.y + height / 2)) / pitch) if _brush.way else 0
    return mixing.painted(_brush.base, _brush.row, _brush.row + passed, _brush.value, rows)


def _paint_bar(
    corner: ImVec2,
    width: float,
    height: float,
    value: float,
    color: ImVec4,
    text: str,
    hovered: bool,
) -> None:
    canvas = imgui.get_window_draw_list()
    far = ImVec2(corner.x + width, corner.y + height)
    ground = imgui.Col_.frame_bg_hovered if hovered else imgui.Col_.frame_bg
    canvas.add_rect_filled(corner, far, imgui.get_color_u32(ground), em(0.2))
    if value > 0:
        fill = ImVec2(corner.x + max(em(0.2), width * value), far.y)
        canvas.add_rect_filled(corner, fill, imgui.get_color_u32(color), em(0.2))
    if text:
        size = imgui.calc_text_size(text)
        at = ImVec2(corner.x + (width - size.x) / 2, corner.y + (height - size.y) / 2)
        canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text), text)


PANEL = Panel("Style mixing", fa.ICON_FA_SHUFFLE, "bottom", 0, draw=draw)
