"""Making a request fit another network: what it has no place for is dropped."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.protocol import ModelInfo
from renderer.messages.request import ClassLabel, LayerView, RenderRequest


def fit(request: RenderRequest, model: ModelInfo) -> RenderRequest:
    """The request with its snapshot replaced by `model`, and nothing in it that would fail there.

    Latents, truncation, curves and mixing weights stay: rows that do not exist are ignored.
    """
    channels = {layer.name: layer.channels for layer in model.layers}
    edits = tuple(e for e in request.edits if e.channel < channels.get(e.layer, 0))
    noisy = {layer.name for layer in model.layers if layer.noise}
    layers = tuple(pair for pair in request.noise.layers if pair[0] in noisy)
    cutoff = request.truncation.cutoff
    if cutoff is not None and cutoff >= model.num_ws:
        cutoff = None
    return structs.replace(
        request,
        snapshot=model.path,
        label=_label(request.label, model.c_dim),
        truncation=structs.replace(request.truncation, cutoff=cutoff),
        noise=structs.replace(request.noise, layers=layers),
        edits=edits,
        view=_view(request.view, channels),
    )


def _label(label: ClassLabel | None, c_dim: int) -> ClassLabel | None:
    if c_dim == 0:
        return None
    if label is None or label.first >= c_dim:
        return ClassLabel(0)
    if label.second is not None and label.second >= c_dim:
        return ClassLabel(label.first)
    return label


def _view(view: LayerView | None, channels: dict[str, int]) -> LayerView | None:
    if view is None or view.layer not in channels:
        return None
    return structs.replace(view, channel=min(view.channel, channels[view.layer] - 1))
