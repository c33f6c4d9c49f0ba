"""Style mixing: a table of the rows of w and the sources that take a share of each row."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.request import MixSource, SavedW, Seed, Source
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.gpu.pictures import fitted
from viz.panels.style_mixing.header import DrawPicture
from viz.panels.style_mixing.table import MixTable
from viz.picture.found import draw_choice, fitting
from viz.picture.miniatures import Miniatures
from viz.session.changes import mixing
from viz.session.changes.mixing import Mix
from viz.session.session import Session
from viz.ui import seeds, widgets
from viz.ui.widgets import em


class StyleMixingPanel:
    """Adds sources and shows their table, which keeps the stroke of the mouse under way."""

    def __init__(self) -> None:
        self._table = MixTable()
        self._miniatures = Miniatures()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session with the sources as they were edited."""
        mix, model = session.render.mix, context.model
        if model is not None and model.num_ws < 2:
            reason = "draws from z itself" if model.w_is_z else "has a single row of w"
            widgets.hint(f"This network {reason}, so there are no styles to mix.")
            return session
        changed = _draw_adding(mix, session.render.source, context)
        if model is None:
            widgets.hint("Open a network to mix its layers.")
        elif not changed:
            widgets.hint(
                "Mix the styles of other latents in: add a source, then choose the rows of w that "
                "it takes over. Coarse rows decide pose and shape, fine rows colour and texture."
            )
        else:
            changed = self._table.draw(changed, model, self._picture(session, context))
        return session.with_render(mix=changed) if changed != mix else session

    def _picture(self, session: Session, context: Context) -> DrawPicture:
        """Return what draws the pictures of sources at the session's settings."""

        def draw(source: Source, low: ImVec2, high: ImVec2) -> None:
            ground = imgui.get_color_u32(imgui.Col_.frame_bg)
            imgui.get_window_draw_list().add_rect_filled(low, high, ground, em(0.2))
            picture = self._miniatures.find(session, context, source)
            if picture is not None:
                key = f"mix {source}"
                place = fitted(picture, low, high)
                context.draw_image(picture, *place, smooth=session.view.smooth, key=key)

        return draw


def _draw_adding(mix: Mix, current: Source, context: Context) -> Mix:
    """Draw the line of buttons; return the sources with the added one, or none after Clear."""
    if widgets.button(
        f"{fa.ICON_FA_PLUS} Seed###add_seed", tip="Another seed as a source, drawn at random."
    ):
        mix = (*mix, _fine(Seed(seeds.random_seed()), context))
    imgui.same_line()
    if widgets.button(
        f"{fa.ICON_FA_PLUS} Current point###add_current",
        tip="The latent that is shown now, so that you can move on and mix it in.",
    ):
        mix = (*mix, _fine(current, context))
    imgui.same_line()
    if widgets.button(
        f"{fa.ICON_FA_PLUS} Saved w###add_w",
        tip="A stored latent: .npz, .npy or .pt, e.g. a projection.",
    ):
        imgui.open_popup("##add")
    if imgui.begin_popup("##add"):
        path = _draw_path("")
        if path is None:
            context.actions.browse("mix")
        elif path:
            mix = (*mix, _fine(SavedW(path), context))
        if fitting(context):
            widgets.heading("From a projection")
            if found := draw_choice(context):
                mix, path = (*mix, _fine(SavedW(found), context)), found
        if path != "":
            imgui.close_current_popup()
        imgui.end_popup()
    if mix:
        imgui.same_line()
        if widgets.button(f"{fa.ICON_FA_TRASH} Clear###clear", tip="Remove every source."):
            mix = ()
    return mix


def _fine(source: Source, context: Context) -> MixSource:
    """Return a new source, which takes the fine rows, so that it changes something at once."""
    rows = () if context.model is None else context.model.rows
    return mixing.with_band(MixSource(source), "fine", rows)


def _draw_path(path: str) -> str | None:
    """Draw a field for a path; return what was typed, or None where a dialog is wanted instead."""
    imgui.set_next_item_width(em(24))
    path = widgets.path_field("File", path, "path of a .npz, .npy or .pt")
    imgui.same_line()
    return None if widgets.button("Browse…") else path


PANEL = Panel("Style mixing", fa.ICON_FA_SHUFFLE, "bottom", 0, make=lambda: StyleMixingPanel().draw)
