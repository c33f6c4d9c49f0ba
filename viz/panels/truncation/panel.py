"""Truncation: how far w may lie from the average, for all rows or for each."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from common.units import by
from renderer.messages.model import ModelInfo, RowInfo
from renderer.messages.request import Truncation
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.panels.truncation.bars import BarPlot
from viz.panels.truncation.curves import Preset, effective, merged, preset
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.widgets import em

LOWEST, HIGHEST = -1.0, 2.0
"""The range of psi that the slider and the bars cover."""

PSI_TIP = """psi moves w towards the average of all w: w' = w_avg + psi · (w − w_avg).
Where classes have averages of their own (StyleGAN-XL), it is that of the class.

1: as the network was trained; all of its diversity, odd pictures included.
0.5 … 0.7: more typical and usually cleaner pictures, but more alike.
0: the average picture, the same for every seed.
Below 0: the opposite of this picture (across the average).
Above 1: exaggerated, until it breaks."""
"""Shown over the slider of psi."""

CUTOFF_TIP = (
    "Truncate only the first w rows, the coarse ones: pose and shape become typical while colours "
    'and textures keep their diversity. "all" truncates every row.'
)
"""Shown over the slider of the cutoff."""


class TruncationPanel:
    """Keeps where the brush was on the bars."""

    def __init__(self) -> None:
        self._bars = BarPlot(LOWEST, HIGHEST, base=0.0, default=1.0)

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session with the truncation as it was edited."""
        before, model = session.render.truncation, context.model
        if model is not None and not model.truncates:
            reason = "draws from z itself" if model.w_is_z else "has no average w"
            widgets.hint(f"This network {reason}, so truncation has no effect on it.")
            return session
        after = _draw_simple(before, model)
        if model is not None:
            after = self._draw_curve(after, model)
        return session.with_render(truncation=after) if after != before else session

    def _draw_curve(self, truncation: Truncation, model: ModelInfo) -> Truncation:
        """Draw psi of every row as bars that can be painted."""
        used = widgets.checkbox(
            "psi per row",
            truncation.curve is not None,
            default=False,
            tip="Give every w row a psi of its own. Starts from psi and cutoff as they are; "
            "switching it off goes back to them.",
        )
        if used != (truncation.curve is not None):
            curve = effective(truncation, model.num_ws) if used else None
            truncation = structs.replace(truncation, curve=curve)
        truncation = _draw_own(truncation, model)
        truncation = _draw_presets(truncation, model.rows)
        values = effective(truncation, model.num_ws)
        height = max(em(6), imgui.get_content_region_avail().y - em(0.2))
        painted = self._bars.draw(
            "curve",
            values,
            [str(row.resolution) for row in model.rows],
            [_row_tip(row) for row in model.rows],
            (imgui.get_content_region_avail().x, min(height, em(14))),
        )
        if painted != values:
            truncation = structs.replace(truncation, curve=merged(truncation.curve, painted))
        return truncation


def _draw_simple(truncation: Truncation, model: ModelInfo | None) -> Truncation:
    """Draw psi and the cutoff, which one curve for all rows is made of."""
    imgui.begin_disabled(truncation.curve is not None)
    psi = widgets.slider(
        "psi",
        truncation.psi,
        LOWEST,
        HIGHEST,
        default=1.0,
        tip=PSI_TIP,
        control="truncation/psi",
    )
    cutoff = truncation.cutoff
    if model is not None:
        rows = model.num_ws
        shown = rows if cutoff is None else min(cutoff, rows)
        chosen = widgets.slider_int(
            "Cutoff",
            shown,
            0,
            rows,
            default=rows,
            fmt="all" if shown == rows else f"first %d of {rows} rows",
            tip=CUTOFF_TIP,
            control="truncation/cutoff",
        )
        if chosen != shown:
            cutoff = None if chosen == rows else chosen
    imgui.end_disabled()
    return structs.replace(truncation, psi=psi, cutoff=cutoff)


def _draw_own(truncation: Truncation, model: ModelInfo) -> Truncation:
    """Draw, in the row above, a button for the truncation of the program that wrote the file.

    There is none where nothing is known of that.
    """
    psi, cutoff = model.own_psi, model.own_cutoff
    if psi is None:
        return truncation
    own = Truncation(psi, None if cutoff is None or cutoff >= model.num_ws else max(cutoff, 0))
    rows = "all rows" if own.cutoff is None else f"the first {own.cutoff} rows"
    imgui.same_line(0, em(1))
    imgui.begin_disabled(truncation == own)
    chosen = widgets.button(
        f"Published: {psi:g}",
        width=imgui.get_content_region_avail().x,
        tip=f"The program that wrote this file draws with psi {psi:g} in {rows} where it is not "
        "told otherwise.",
    )
    imgui.end_disabled()
    return own if chosen else truncation


def _draw_presets(truncation: Truncation, rows: Sequence[RowInfo]) -> Truncation:
    """Draw a button for each preset."""
    psi = truncation.psi if truncation.psi != 1 else 0.5
    presets: tuple[tuple[Preset, str], ...] = (
        ("Flat", "The same psi in every row."),
        ("Coarse", "Truncate only the coarse rows: typical pose and shape, free texture."),
        ("Fine", "Truncate only the fine rows: free pose and shape, typical texture."),
        ("Ramp", "From psi in the coarsest row to 1 in the finest."),
    )
    gap = em(0.3)
    width = (imgui.get_content_region_avail().x - gap * (len(presets) - 1)) / len(presets)
    for i, (name, tip) in enumerate(presets):
        if i:
            imgui.same_line(0, gap)
        if widgets.button(name, width=width, tip=f"{tip} psi is {psi:.2f}, from the slider above."):
            curve = merged(truncation.curve, preset(name, psi, rows))
            truncation = structs.replace(truncation, curve=curve)
    return truncation


def _row_tip(row: RowInfo) -> str:
    return f"Row {row.index} · {by(row.shape)} · {', '.join(row.layers)}"


PANEL = Panel(
    "Truncation", fa.ICON_FA_COMPRESS, "left_bottom", 0, make=lambda: TruncationPanel().draw
)
