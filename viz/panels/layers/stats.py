"""Statistics of the layer in view: numbers and histograms of all channels and of one."""

from __future__ import annotations

from imgui_bundle import imgui

from renderer.messages.frame import ChannelStats, LayerStats, StatsSpec
from renderer.messages.request import LayerView
from viz.desk.context import Context
from viz.ui import plots, widgets
from viz.ui.text import muted
from viz.ui.widgets import em

ALL_TIP = "Over every value of the layer."
"""Shown over the numbers of the whole layer."""
ONE_TIP = "Over the values of the selected channel."
"""Shown over the numbers of one channel."""


class StatsSection:
    """Keeps the newest statistics, so that frames without any do not make the plot flicker."""

    def __init__(self) -> None:
        self._stats: LayerStats | None = None
        self._log = False

    def draw(self, view: LayerView, context: Context) -> None:
        """Ask for statistics of the layer in view, and draw those that there are."""
        context.ask_stats(StatsSpec(view.layer, view.channel))
        frame = context.frame
        if frame is not None and frame.info.stats is not None:
            self._stats = frame.info.stats
        stats = self._stats
        if stats is None or stats.layer != view.layer:
            widgets.hint("Waiting for the next picture …")
            return
        shape = " × ".join(str(n) for n in stats.shape)
        imgui.align_text_to_frame_padding()
        muted(f"{shape}  {stats.dtype}")
        imgui.same_line(imgui.get_content_region_avail().x - em(6.5))
        self._log = widgets.checkbox(
            "Log counts", self._log, default=False, tip="Shows how long the tails are."
        )
        one = f"channel {stats.channel}"
        _table(one, stats.all, stats.selected)
        items = (("all", stats.all.histogram), (one, stats.selected.histogram))
        plots.histograms("histogram", items, log=self._log, height=em(9))


def _table(one: str, everything: ChannelStats, selected: ChannelStats) -> None:
    flags = imgui.TableFlags_.sizing_stretch_same | imgui.TableFlags_.row_bg
    if not imgui.begin_table("##numbers", 5, flags):
        return
    for name in ("", "mean", "std", "min", "max"):
        imgui.table_next_column()
        muted(name)
    for i, (name, stats, tip) in enumerate(
        (("all", everything, ALL_TIP), (one, selected, ONE_TIP))
    ):
        imgui.table_next_column()
        imgui.text_colored(plots.series_color(i), name)
        widgets.tooltip(tip)
        for value in (stats.mean, stats.std, stats.low, stats.high):
            imgui.table_next_column()
            imgui.text_unformatted(f"{value:.4g}")
    imgui.end_table()
