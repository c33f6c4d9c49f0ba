"""The layers of a network as a list that mouse and arrow keys walk through."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from common.units import by, side_squared
from renderer.messages.model import LayerInfo
from viz.ui import theme
from viz.ui.keys import take_key
from viz.ui.text import muted
from viz.ui.widgets import em, tooltip

ROWS = 12.5
"""The height of the list at first, in rows."""


def as_computed(layers: Sequence[LayerInfo], precision: str) -> list[LayerInfo]:
    """Return the layers with the types of features that they have on this device.

    A file names the layers that may compute in float16; on a CPU none does.
    precision: what the renderer computes in.
    """
    return [
        structs.replace(layer, dtype=precision) if layer.dtype == "float16" else layer
        for layer in layers
    ]


def layer_list(
    layers: Sequence[LayerInfo], selected: str | None, edits: dict[str, int], shape: tuple[int, int]
) -> str | None:
    """Draw the list; return the layer to view from now on, None for the picture.

    selected: the name of the layer in view, None for the picture, which is the first entry.
    edits: how many channels of each layer are edited, by its name.
    shape: height and width of the picture.
    """
    row = imgui.get_text_line_height() + 2 * em(0.18)
    flags = imgui.ChildFlags_.borders | imgui.ChildFlags_.resize_y
    if imgui.begin_child("layers", ImVec2(0, ROWS * row), flags):
        moved = _arrow_keys([None, *(layer.name for layer in layers)], selected)
        imgui.push_style_var(imgui.StyleVar_.cell_padding, ImVec2(em(0.35), em(0.18)))
        columns = imgui.TableFlags_.sizing_fixed_fit | imgui.TableFlags_.no_clip
        if imgui.begin_table("##table", 4, columns):
            stretch, fixed = imgui.TableColumnFlags_.width_stretch, 0
            for name, flag in (("at", fixed), ("layer", stretch), ("size", fixed), ("type", fixed)):
                imgui.table_setup_column(name, int(flag))
            chosen = _rows(layers, selected, edits, shape, scroll=moved != selected)
            imgui.end_table()
            selected = chosen if chosen != selected else moved
        imgui.pop_style_var()
    imgui.end_child()
    return selected


def _rows(
    layers: Sequence[LayerInfo],
    selected: str | None,
    edits: dict[str, int],
    shape: tuple[int, int],
    *,
    scroll: bool,
) -> str | None:
    chosen = selected
    if _row(fa.ICON_FA_IMAGE, "Picture", selected is None, "The picture itself."):
        chosen = None
    imgui.table_next_column()
    _right(side_squared(shape), em(3.3), quiet=True)
    imgui.table_next_column()
    before = 0
    for layer in layers:
        at = side_squared(layer.shape) if layer.resolution != before else ""
        before = layer.resolution
        if _row(at, layer.name, layer.name == selected, _about(layer)):
            chosen = layer.name
        if scroll and layer.name == selected:
            imgui.set_scroll_here_y()
        if layer.name in edits:
            _mark(edits[layer.name])
        imgui.table_next_column()
        _right(f"{layer.channels} ch", em(3.3))
        imgui.table_next_column()
        muted(layer.dtype)
    return chosen


def _row(at: str, name: str, selected: bool, tip: str) -> bool:
    imgui.table_next_row()
    imgui.table_next_column()
    muted(at)
    imgui.table_next_column()
    flags = imgui.SelectableFlags_.span_all_columns | imgui.SelectableFlags_.allow_overlap
    clicked: bool = imgui.selectable(name, selected, flags)[0]
    tooltip(tip)
    return clicked


def _right(text: str, width: float, *, quiet: bool = False) -> None:
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + width - imgui.calc_text_size(text).x)
    (muted if quiet else imgui.text_unformatted)(text)


def _mark(count: int) -> None:
    imgui.same_line()
    imgui.text_colored(theme.color(theme.current().warning), fa.ICON_FA_PEN)
    tooltip(f"{count} channels are edited.")


def _about(layer: LayerInfo) -> str:
    noise = ", with a noise input" if layer.noise else ""
    band = (
        f" It has {layer.rate} samples per side of the picture, the rest is margin, and passes "
        f"waves of up to {layer.cutoff:.1f} periods."
        if layer.rate
        else ""
    )
    return (
        f"{layer.name}: {layer.channels} channels of {by(layer.shape)} "
        f"{layer.dtype}{noise}.{band} Click, or use the up and down keys, to look at it."
    )


def _arrow_keys(names: list[str | None], selected: str | None) -> str | None:
    if not imgui.is_window_focused() or imgui.is_any_item_active():
        return selected
    step = int(take_key(imgui.Key.down_arrow)) - int(take_key(imgui.Key.up_arrow))
    index = names.index(selected) if selected in names else 0
    return names[min(max(index + step, 0), len(names) - 1)]
