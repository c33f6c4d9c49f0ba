"""How directions are looked for: what to choose from, and the button that begins."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.directions import (
    BoundaryOf,
    DifferenceOf,
    How,
    LayerAxes,
    Principal,
    StyleAxes,
    StylesOfRegion,
)
from renderer.messages.model import ModelInfo
from viz.desk.context import Context
from viz.panels.directions.groups import GroupFields
from viz.picture.region import words
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

Method: TypeAlias = Literal["pca", "layer", "sefa", "groups", "region"]
METHODS: tuple[tuple[Method, str, str], ...] = (
    ("pca", "PCA", "The axes along which w spreads most (GANSpace)."),
    (
        "layer",
        "Layer",
        "The axes along which the output of a layer spreads, led back to w (GANSpace).",
    ),
    ("sefa", "SeFa", "What the layers of some rows listen to most, found at once."),
    ("groups", "A / B", "What tells two groups of pictures apart that you mark (InterFaceGAN)."),
    ("region", "Region", "What changes a part of the picture and little else: single styles."),
)
HINTS: dict[Method, str] = {
    "pca": "The axes of 100,000 w. Each changes several things; moved in few rows, fewer.",
    "layer": "From 10,000 pictures. Early layers tell of pose and shape, late ones of colour.",
    "sefa": "Early rows find pose and shape, late ones colour.",
    "groups": "Mark pictures with a quality as A, and without it as B.",
    "region": "Draw a rectangle on the picture around what shall change (StyleSpace).",
}
EARLY = (
    "The first row of w whose layers are looked at, and which is moved: earlier ones decide pose "
    "and shape."
)
LATE = "The last row of w whose layers are looked at, and which is moved: later ones decide colour."
Z_HINT = "This network draws from z itself: what its first layer listens to most."
"""The hint of SeFa where there are no rows to choose from."""


class FindingControls:
    """Draws the controls, and keeps what was chosen there."""

    def __init__(self) -> None:
        self._method: Method = "pca"
        self._rows: tuple[int, int] | None = None
        self._layer = ""
        self._groups = GroupFields()

    def draw(self, session: Session, context: Context, model: ModelInfo) -> None:
        """Draw the choice of a method, its options, and the button; or how far it is."""
        styles = any(layer.styles for layer in model.layers)
        lacks = {"pca": model.w_is_z, "sefa": not model.has_styles, "region": not styles}
        methods = [each for each in METHODS if not lacks.get(each[0])]
        before = self._method
        if lacks.get(before):
            first: Method = "sefa" if model.has_styles else "groups"
            self._method = first if model.w_is_z else "pca"
        self._method = widgets.segmented("Method", self._method, methods, labelled=False)
        if before != self._method:
            self._hold_tool(context, self._method == "region")
        if self._method == "sefa" and model.num_ws > 1:
            self._draw_rows(model)
        elif self._method == "layer":
            self._draw_layers(model)
        elif self._method == "groups":
            self._groups.draw(session, context)
        elif self._method == "region":
            self._draw_region(context)
        widgets.hint(HINTS[self._method] if model.num_ws > 1 or self._method != "sefa" else Z_HINT)
        self._draw_begin(session, context, model)

    def _hold_tool(self, context: Context, held: bool) -> None:
        if held:
            context.actions.dragging.choose("")
        context.actions.directions.hold_region_tool(held)

    def _draw_region(self, context: Context) -> None:
        facts = context.directions
        tip = "Draw a rectangle on the picture. Escape puts the tool away."
        room = imgui.get_content_region_avail().x * 0.35
        icon = fa.ICON_FA_VECTOR_SQUARE
        if widgets.button(f"{icon}  Mark###Mark", tip=tip, width=room, on=facts.marking):
            self._hold_tool(context, not facts.marking)
        imgui.same_line(0, em(0.5))
        imgui.align_text_to_frame_padding()
        room = imgui.get_content_region_avail().x
        muted(shorten("nothing yet" if facts.region is None else words(facts.region), room))

    def _draw_layers(self, model: ModelInfo) -> None:
        names = [layer.name for layer in model.layers]
        if self._layer not in names:
            self._layer = _first_layer(model)
        tip = "Whose output is looked at. Its axes are directions of w, as all others."
        self._layer = widgets.choice("Layer", self._layer, [(n, n) for n in names], tip=tip)

    def _draw_rows(self, model: ModelInfo) -> None:
        end = model.num_ws - 1
        first, last = self._rows or (0, end)
        first, last = min(first, end), min(last, end)
        first = widgets.slider_int("From row", first, 0, last, default=0, tip=EARLY)
        last = widgets.slider_int("To row", last, first, end, default=end, tip=LATE)
        self._rows = first, last

    def _draw_begin(self, session: Session, context: Context, model: ModelInfo) -> None:
        actions, job = context.actions.directions, context.directions.job
        if job:
            shown = next((each for each in context.jobs if each.id == job), None)
            side = imgui.get_frame_height()
            room = imgui.get_content_region_avail().x - side - em(0.3)
            fraction = max(shown.fraction, 0.0) if shown is not None else 0.0
            imgui.progress_bar(fraction, ImVec2(room, 0), "Looking")
            imgui.same_line(0, em(0.3))
            if widgets.button(f"{fa.ICON_FA_XMARK}###Stop", width=side, tip="Stop looking."):
                actions.give_up()
            return
        how = self._how(session, context, model)
        tip = "Look for them in the network on the screen, in the background."
        if how is None and self._method == "region":
            tip = "Mark a part of the picture first."
        elif how is None:
            tip = "Mark two pictures in each group at least, or one in each for their difference."
        text = f"{fa.ICON_FA_MAGNIFYING_GLASS}  Find###Find"
        if widgets.button(text, tip=tip, enabled=how is not None) and how is not None:
            actions.find(how)
            actions.hold_region_tool(False)
        imgui.same_line(0, em(0.3))
        tip = "Open a set that was saved, or .npy, .npz or .pt as others share them."
        if widgets.button(f"{fa.ICON_FA_FOLDER_OPEN}  File…###File", tip=tip):
            context.actions.browse("directions")

    def _how(self, session: Session, context: Context, model: ModelInfo) -> How | None:
        """Return what is to be done; None where something is missing."""
        if self._method == "pca":
            return Principal()
        if self._method == "layer":
            return LayerAxes(self._layer)
        if self._method == "region":
            region = context.directions.region
            return None if region is None else StylesOfRegion(session.render, region)
        if self._method == "sefa":
            first, last = self._rows or (0, model.num_ws - 1)
            return StyleAxes(first, None if last >= model.num_ws - 1 else last)
        a, b = context.directions.group("a"), context.directions.group("b")
        if len(a) == len(b) == 1:
            return DifferenceOf(b[0], a[0])
        return BoundaryOf(a, b) if min(len(a), len(b)) > 1 else None


def _first_layer(model: ModelInfo) -> str:
    """The first layer that shows more than where the middle is: of 8 pixels a side, no picture."""
    fine = [layer for layer in model.layers if layer.resolution >= 8]
    features = [layer for layer in fine if layer.channels > model.img_channels]
    return next(iter(features or model.layers)).name
