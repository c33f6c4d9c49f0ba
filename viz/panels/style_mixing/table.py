"""The table of style mixing: a column for each source, a row for each row of w."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui

from common.units import by, side_squared
from renderer.messages.model import ModelInfo, RowInfo
from viz.panels.style_mixing.brush import ROW_EM, Brush, paint_bar
from viz.panels.style_mixing.header import DrawPicture, draw_header
from viz.session.changes import mixing
from viz.session.changes.mixing import Mix
from viz.ui import widgets
from viz.ui.widgets import em

COLUMN_EM = 10.5
"""The width of the column of a source, in em."""
SCROLLING = 4
"""The frames for which the table is scrolled to a new source: in the first ones ImGui does not know
yet how wide the table has become."""
NAME_EM = 8.0
"""The width of the column with resolutions and layers, in em."""
SHARE_EM = 3.2
"""The width of the column with what remains of the picture itself, in em."""


class MixTable:
    """Draws the table; its brush keeps the stroke of the mouse under way."""

    def __init__(self) -> None:
        self._brush = Brush()
        self._sources: int | None = None
        self._scrolling = 0

    def draw(self, mix: Mix, model: ModelInfo, draw_picture: DrawPicture) -> Mix:
        """Draw the table; return the sources as they were edited in it.

        draw_picture: draws a picture of a source.
        """
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
            "What remains of the picture's own latent in each row. Where sources ask for more "
            "than 100 % together, they share the row in proportion."
        )
        result = mix
        for index in range(len(mix)):
            imgui.table_next_column()
            imgui.push_id(f"source{index}")
            # Only one header changes in a frame, so the others may show the mix as it was.
            after = draw_header(mix, index, model, draw_picture)
            result = after if after != mix else result
            imgui.pop_id()
        if self._sources is not None and len(mix) > self._sources:
            self._scrolling = SCROLLING
        self._sources = len(mix)
        if self._scrolling:
            self._scrolling -= 1
            imgui.set_scroll_x(imgui.get_scroll_max_x())
        if len(result) == len(mix):
            for row in model.rows:
                result = self._draw_row(result, row, model)
        imgui.end_table()
        imgui.pop_style_var()
        return result

    def _draw_row(self, mix: Mix, row: RowInfo, model: ModelInfo) -> Mix:
        """Draw a row of w: its layers, what remains of the picture itself, and every source."""
        imgui.table_next_row(0, em(ROW_EM))
        imgui.table_next_column()
        starts = row.index == 0 or model.rows[row.index - 1].resolution != row.resolution
        size = side_squared(row.shape) if starts else ""
        imgui.set_cursor_pos_y(
            imgui.get_cursor_pos_y() + (em(ROW_EM) - imgui.get_text_line_height()) / 2
        )
        imgui.text_unformatted(size)
        imgui.same_line(em(3.2))
        imgui.text_disabled(", ".join(layer.rpartition(".")[2] for layer in row.layers))
        widgets.tooltip(f"Row {row.index} of w drives {', '.join(row.layers)} at {by(row.shape)}.")
        imgui.table_next_column()
        rest, parts = mixing.shares(mix, row.index)
        _draw_rest(rest)
        for index in range(len(mix)):
            imgui.table_next_column()
            mix = self._brush.draw_cell(mix, index, row.index, len(model.rows), parts[index])
        return mix


def _draw_rest(rest: float) -> None:
    """Draw a bar for the share of a row that remains to the picture's own latent, 0…1."""
    corner = imgui.get_cursor_screen_pos()
    width, height = imgui.get_content_region_avail().x, em(ROW_EM)
    imgui.dummy(ImVec2(width, height))
    grey = imgui.get_style_color_vec4(imgui.Col_.text_disabled)
    color = ImVec4(grey.x, grey.y, grey.z, 0.45)
    paint_bar(corner, width, height, rest, color, f"{rest:.0%}", False)
