"""Look inside: any layer, its channels at once, their statistics, edits, and bending."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.bending import heard
from renderer.messages.model import LayerInfo, ModelInfo
from renderer.messages.request import LayerView
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.panels.layers.atlas import AtlasSection, scale_slider
from viz.panels.layers.bends import BendsSection
from viz.panels.layers.list import as_computed, layer_list
from viz.panels.layers.stats import StatsSection
from viz.panels.layers.view import show_choice, view_controls, view_layer
from viz.session.changes import edits
from viz.session.inspection import channels_of
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.text import muted
from viz.ui.widgets import em


class LayersPanel:
    """Draws the list of layers, and sections about the layer in view.

    That layer is kept as it was looked at while the picture is shown in its place.
    """

    def __init__(self) -> None:
        self._atlas = AtlasSection()
        self._stats = StatsSection()
        self._bends = BendsSection()
        self._kept: LayerView | None = None

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        model = context.model
        if model is None:
            widgets.hint("The layers of the network appear here once one is open.")
            return session
        session, layer = self._choose(session, model, context)
        view = self._kept
        if layer is None or view is None:
            imgui.spacing()
            widgets.hint("Click a layer to look at its channels instead of the picture.")
        else:
            session = self._draw_layer(session, context, view, layer)
        session = _draw_edits(session, model)
        return self._draw_bends(session, model, layer.name if layer is not None else None, context)

    def _choose(
        self, session: Session, model: ModelInfo, context: Context
    ) -> tuple[Session, LayerInfo | None]:
        """Draw the list; return the layer that the panel is about.

        It stays when the picture is shown again, so that both can be seen at once.
        """
        view, hello = session.render.view, context.engine.hello
        layers = as_computed(model.layers, hello.precision) if hello else model.layers
        by_name = {layer.name: layer for layer in model.layers}
        if view is not None or (self._kept is not None and self._kept.layer not in by_name):
            self._kept = view
        before = self._kept.layer if self._kept and self._kept.layer in by_name else None
        name = layer_list(layers, before, _marks(session), model.img_shape)
        if name == before:
            return session, by_name.get(name or "")
        layer = by_name.get(name or "")
        beside = view is None and self._kept is not None
        self._kept = view_layer(self._kept, layer) if layer else None
        return session if beside else session.with_render(view=self._kept), layer

    def _draw_layer(
        self, session: Session, context: Context, view: LayerView, layer: LayerInfo
    ) -> Session:
        if widgets.section("View"):
            shown = show_choice(session.render.view, view)
            view = view_controls(shown or view, layer)
            self._kept = view
            session = session.with_render(view=view if shown is not None else None)
        if widgets.section("Channels"):
            session = self._atlas.draw(session, context, view, layer)
        if widgets.section("Statistics", open_first=False):
            self._stats.draw(session.render.view or view, context)
        return session

    def _draw_bends(
        self, session: Session, model: ModelInfo, layer: str | None, context: Context
    ) -> Session:
        before = session.render.bends
        done = len(heard(before))
        count = f" ({done})" if done == len(before) else f" ({done} of {len(before)})"
        if not widgets.section(f"Bending{count if before else ''}###Bending"):
            return session
        after = self._bends.draw(before, model, layer, context.groups)
        return session.with_render(bends=after) if after != before else session


def _marks(session: Session) -> dict[str, int]:
    """How many channels of each layer are edited, by its name."""
    return {name: len(some) for name, some in edits.by_layer(session.render.edits).items()}


def _draw_edits(session: Session, model: ModelInfo) -> Session:
    grouped = edits.by_layer(session.render.edits)
    total = len(session.render.edits)
    if not widgets.section(f"Edits ({total})###Edits" if total else "Edits###Edits"):
        return session
    if not grouped:
        widgets.hint(
            "To scale or silence a channel, choose a layer above and right-click the channel in "
            "the grid of its section Channels."
        )
        return session
    channels = channels_of(model)
    for name, some in grouped.items():
        session = _draw_layer_edits(session, name, some, channels.get(name, 0))
    if widgets.button(
        f"{fa.ICON_FA_TRASH}  Clear all###Clear all", tip="Undo every edit of every layer."
    ):
        session = session.with_render(edits=())
    return session


def _draw_layer_edits(session: Session, name: str, some: edits.Edits, channels: int) -> Session:
    imgui.push_id(name)
    only = edits.soloed(some, name, channels)
    text = f"{name}: " + (f"only channel {only}" if only is not None else f"{len(some)} edited")
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(text)
    side = em(4)
    imgui.same_line(imgui.get_content_region_avail().x - side)
    if widgets.button("Clear", tip=f"Undo the edits of {name}.", width=side):
        session = session.with_render(edits=edits.cleared(session.render.edits, name))
    listed = [e for e in some if only is None or e.channel == only]
    for edit in listed[:64]:
        session = _draw_edit(session, edit.layer, edit.channel, channels)
    if len(listed) > 64:
        muted(f"and {len(listed) - 64} more")
    imgui.pop_id()
    return session


def _draw_edit(session: Session, layer: str, channel: int, channels: int) -> Session:
    imgui.push_id(channel)
    side, gap = imgui.get_frame_height(), em(0.2)
    width = imgui.get_content_region_avail().x - 2 * (side + gap)
    if imgui.begin_child("row", ImVec2(width, side)):
        session = scale_slider(session, layer, channel, f"Channel {channel}")
    imgui.end_child()
    imgui.same_line(0, gap)
    if imgui.button(f"{fa.ICON_FA_HEADPHONES}###Solo", ImVec2(side, side)):
        kept = edits.solo(session.render.edits, layer, channel, channels)
        session = session.with_render(edits=kept)
    widgets.tooltip("Solo: silence all other channels of this layer.")
    imgui.same_line(0, gap)
    if imgui.button(f"{fa.ICON_FA_XMARK}###Reset", ImVec2(side, side)):
        kept = edits.with_scale(session.render.edits, layer, channel, 1.0)
        session = session.with_render(edits=kept)
    widgets.tooltip("As the network computes it.")
    imgui.pop_id()
    return session


PANEL = Panel("Layers", fa.ICON_FA_LAYER_GROUP, "right", 0, make=lambda: LayersPanel().draw)
