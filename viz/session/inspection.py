"""Looking inside the network: what a view is called, how many channels, and where they lie."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.frame import AtlasLayout
from renderer.messages.model import ModelInfo
from renderer.messages.request import LayerView, RenderRequest


def plain(request: RenderRequest) -> RenderRequest:
    """Return the request for the picture itself, whatever is looked at in its place."""
    return structs.replace(request, view=None, augment=None, target=None)


def channels_of(model: ModelInfo | None) -> dict[str, int]:
    """Return the number of channels of each layer; there are none for an unknown network."""
    return {layer.name: layer.channels for layer in model.layers} if model is not None else {}


def view_title(view: LayerView, model: ModelInfo | None) -> str:
    """Say in a few words what is looked at, in more where the network is known."""
    layer = next((x for x in model.layers if x.name == view.layer), None) if model else None
    last = layer.channels - 1 if layer else view.channel + 2
    match view.mode:
        case "atlas":
            what = f"all {layer.channels} channels" if layer else "all channels"
        case "channel":
            what = f"channel {view.channel}"
        case "rgb":
            what = f"channels {view.channel}–{min(view.channel + 2, last)} as RGB"
    return f"{view.layer} · {what}" + (" · spectrum" if view.spectrum is not None else "")


def channel_at(atlas: AtlasLayout, x: int, y: int) -> int | None:
    """Return the channel that a pixel of an atlas belongs to, None beyond the last."""
    column, row = x // atlas.cell, y // atlas.cell
    if not (0 <= column < atlas.columns and 0 <= row < atlas.rows):
        return None
    channel = row * atlas.columns + column
    return channel if channel < atlas.channels else None


def cell_of(atlas: AtlasLayout, channel: int) -> tuple[int, int]:
    """Return x and y of the top left pixel of a channel's cell."""
    row, column = divmod(channel, atlas.columns)
    return column * atlas.cell, row * atlas.cell
