"""What a request shows in the place of the plain picture."""

from __future__ import annotations

from pathlib import PurePath

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import AugmentView, LayerView, Target
from viz.session.inspection import channels_of
from viz.session.parameters.control import Control, Scope, field_control
from viz.session.parameters.parameter import Parameter


def _view_words(view: LayerView | None) -> str:
    if view is None:
        return ""
    channel = f" {view.channel}" if view.mode == "channel" else ""
    return f"{view.layer}, {view.mode}{channel}"


def _fitting_view(view: LayerView | None, model: ModelInfo | None) -> LayerView | None:
    channels = channels_of(model)
    if view is None or view.layer not in channels:
        return None
    return structs.replace(view, channel=min(view.channel, channels[view.layer] - 1))


def _view_controls(scope: Scope) -> tuple[Control, ...]:
    view = scope.session.render.view
    if view is None:
        return ()
    last = channels_of(scope.model).get(view.layer, 1) - 1
    at = "render.view"
    return (
        field_control("layer/channel", "Channel shown", f"{at}.channel", 0, last, "integer"),
        field_control("layer/gain", "Gain of the layer", f"{at}.gain_db", -40.0, 40.0),
        field_control("layer/normalize", "Layer normalised", f"{at}.normalize", 0, 1, "switch"),
        field_control("layer/apart", "Channels apart", f"{at}.per_channel", 0, 1, "switch"),
    )


def _augment_controls(scope: Scope) -> tuple[Control, ...]:
    # What the panel asks with belongs to the session; a request has it only while it is asked.
    return (
        Control(
            "discriminator/p",
            "p of augmentation",
            0.0,
            1.0,
            lambda session: session.augment.p,
            lambda session, value: session.with_augment(p=min(max(value, 0.0), 1.0)),
        ),
        field_control("discriminator/draws", "Draws", "augment.draws", 1, 32, "integer"),
        field_control("discriminator/seed", "Seed of draws", "augment.seed", 0, 999, "integer"),
    )


VIEW = Parameter[LayerView | None](
    "view",
    "view",
    "Layer",
    _view_words,
    name="the layer shown",
    fit=_fitting_view,
    controls=_view_controls,
)
AUGMENT = Parameter[AugmentView | None](
    "augment", "view", name="what the discriminator sees", controls=_augment_controls
)
TARGET = Parameter[Target | None](
    "target",
    None,
    "Picture",
    words=lambda target: PurePath(target.path).name if target else "",
    name="the picture shown in its place",
)
