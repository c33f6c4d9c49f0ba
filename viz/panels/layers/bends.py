"""Bending: a list of operations on the outputs of layers, each with an amount and its channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.bending import FACTS, OPERATIONS, Bend, Operation
from renderer.messages.model import ModelInfo
from viz.desk.parts.clusters import ChannelGroups
from viz.panels.layers.bent_channels import ChannelsField
from viz.session.changes import bends
from viz.session.changes.bends import Bends
from viz.session.inspection import channels_of
from viz.session.ranges import SHIFT
from viz.ui import seeds, widgets
from viz.ui.widgets import em

FORMATS = {
    "times": "× %.2f",
    "share": "%.2f",
    "value": "%.2f",
    "pixels": "%.1f pixels",
    "pictures": "%.3f pictures",
    "degrees": "%.0f°",
}
"""How amounts are written, by the unit of the operation."""
Change: TypeAlias = Callable[[Bends, int], Bends]
"""What a button does to the list, at the place of its bend."""
HELP = (
    "Bend the network: choose what is done to the output of a layer on the way to the picture. "
    "Early layers change what is there, late ones how it looks."
)
"""What the section says while there is nothing in it."""


def title(operation: Operation) -> str:
    """What an operation is called in the window."""
    return operation.capitalize()


class BendsSection:
    """Draws the list, and keeps what is being typed."""

    def __init__(self) -> None:
        self._channels = ChannelsField()

    def draw(
        self, listed: Bends, model: ModelInfo, layer: str | None, groups: ChannelGroups
    ) -> Bends:
        """Draw the section; return the bends as they were edited.

        layer: the one in view, which a new bend is of; None: the one in the middle.
        groups: of channels that show the same things.
        """
        after = _adding(listed, model, layer)
        if not after:
            widgets.hint(HELP)
        for index in range(len(after)):
            imgui.push_id(index)
            changed = self._one(after, index, model, groups)
            imgui.pop_id()
            if len(changed) != len(after):
                return changed  # the places of those that follow are other ones now
            after = changed
        if len(after) > 1 and widgets.button(
            f"{fa.ICON_FA_TRASH}  Remove all###Remove all", tip="Take every bend away."
        ):
            after = ()
        return after

    def _one(self, listed: Bends, index: int, model: ModelInfo, groups: ChannelGroups) -> Bends:
        imgui.separator()
        bend, change = _head(listed[index], index, len(listed), model)
        unheard = not bend.solo and any(each.solo and each.enabled for each in listed)
        imgui.begin_disabled(unheard or not bend.enabled)
        bend = _amounts(bend, index)
        channels = channels_of(model).get(bend.layer, 0)
        bend = self._channels.draw(bend, channels, groups)
        imgui.end_disabled()
        if bend != listed[index]:
            listed = bends.replaced(listed, index, bend)
        return change(listed, index) if change is not None else listed


def _head(bend: Bend, index: int, count: int, model: ModelInfo) -> tuple[Bend, Change | None]:
    """Draw the line that says what is done where, and the buttons that change the list."""
    side, gap = imgui.get_frame_height(), em(0.2)
    change: Change | None = None
    _, enabled = imgui.checkbox("##enabled", bend.enabled)
    enabled = widgets.finish(enabled, None, "Do this.", f"bend/{index + 1}/enabled")
    imgui.same_line(0, gap)
    room = imgui.get_content_region_avail().x - 3 * side - 4 * gap
    operation = _operation_choice(bend.operation, 0.42 * room)
    imgui.same_line(0, gap)
    layer = _layer_choice(bend.layer, model, 0.58 * room)
    imgui.same_line(0, gap)
    tip = "Solo: leave out those that are not."
    text = f"{fa.ICON_FA_HEADPHONES}###Solo"
    solo = bend.solo != widgets.button(text, tip=tip, width=side, on=bend.solo)
    imgui.same_line(0, gap)
    if imgui.button(f"{fa.ICON_FA_ELLIPSIS_VERTICAL}###More", ImVec2(side, side)):
        imgui.open_popup("more")
    widgets.tooltip("Move or duplicate it.")
    if imgui.begin_popup("more"):
        if imgui.menu_item("Earlier", "", False, index > 0)[0]:
            change = bends.earlier
        if imgui.menu_item("Later", "", False, index < count - 1)[0]:
            change = bends.later
        if imgui.menu_item("Duplicate", "", False)[0]:
            change = bends.duplicated
        imgui.end_popup()
    imgui.same_line(0, gap)
    if imgui.button(f"{fa.ICON_FA_XMARK}###Remove", ImVec2(side, side)):
        change = bends.removed
    widgets.tooltip("Take it away.")
    bend = structs.replace(bend, enabled=enabled, layer=layer, solo=solo)
    if operation != bend.operation:
        # An amount means something else for every operation.
        bend = structs.replace(bend, operation=operation, amount=FACTS[operation].start)
    return bend, change


def _amounts(bend: Bend, index: int) -> Bend:
    facts = FACTS[bend.operation]
    amount = widgets.slider(
        "Right" if bend.operation == "translate" else "Amount",
        bend.amount,
        facts.low,
        facts.high,
        default=facts.identity,
        fmt=FORMATS[facts.unit],
        tip=f"{facts.help} {facts.identity:g} changes nothing; a right-click returns to it.",
        control=f"bend/{index + 1}/amount",
    )
    down, seed = bend.down, bend.seed
    if bend.operation == "translate":
        down = widgets.slider(
            "Down",
            down,
            -1.0,
            1.0,
            default=0.0,
            fmt=FORMATS["pictures"],
            tip="How far down.",
            control=f"bend/{index + 1}/down",
        )
    if bend.operation == "noise":
        tip, control = "Which noise is added.", f"bend/{index + 1}/seed"
        widgets.label("Seed", tip, control)
        seed = seeds.seed_field("noise", seed, default=0, tip=tip, control=control, shuffle=True)
    amount = min(max(amount, facts.low), facts.high)
    return structs.replace(bend, amount=amount, down=SHIFT.nearest(down), seed=seed)


def _operation_choice(operation: Operation, width: float) -> Operation:
    imgui.set_next_item_width(width)
    if imgui.begin_combo("##operation", title(operation), imgui.ComboFlags_.height_large):
        operation = _operations(operation) or operation
        imgui.end_combo()
    widgets.tooltip(FACTS[operation].help)
    return operation


def _operations(chosen: Operation | None = None) -> Operation | None:
    """Draw all operations as a list; return the one that was clicked."""
    clicked = None
    for operation in OPERATIONS:
        if imgui.selectable(title(operation), operation == chosen)[0]:
            clicked = operation
        widgets.tooltip(FACTS[operation].help)
    return clicked


def _layer_choice(layer: str, model: ModelInfo, width: float) -> str:
    imgui.set_next_item_width(width)
    if imgui.begin_combo("##layer", layer, imgui.ComboFlags_.height_large):
        for known in model.layers:
            if imgui.selectable(known.name, known.name == layer)[0]:
                layer = known.name
        imgui.end_combo()
    widgets.tooltip("The layer whose output is bent.")
    return layer


def _adding(listed: Bends, model: ModelInfo, layer: str | None) -> Bends:
    target = layer or model.layers[len(model.layers) // 2].name
    if widgets.button(
        f"{fa.ICON_FA_PLUS}  Bend {target}###Bend",
        tip="Add an operation on the output of this layer. View another layer to bend that one.",
    ):
        imgui.open_popup("operations")
    if imgui.begin_popup("operations"):
        imgui.dummy(ImVec2(em(9), 0))
        operation = _operations()
        if operation is not None:
            listed = bends.added(listed, target, operation)
            imgui.close_current_popup()
        imgui.end_popup()
    return listed
