"""What a request shows in the place of the plain picture."""

from __future__ import annotations

from pathlib import PurePath

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import AugmentView, LayerView, Target
from viz.session.inspection import channels_of
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


VIEW = Parameter[LayerView | None](
    "view", "view", "Layer", _view_words, name="the layer shown", fit=_fitting_view
)
AUGMENT = Parameter[AugmentView | None]("augment", "view", name="what the discriminator sees")
TARGET = Parameter[Target | None](
    "target",
    None,
    "Picture",
    words=lambda target: PurePath(target.path).name if target else "",
    name="the picture shown in its place",
)
