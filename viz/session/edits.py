"""Channel edits of a request: at most one per channel, none that multiplies by 1, in order."""

from __future__ import annotations

from renderer.messages.request import ChannelEdit

Edits = tuple[ChannelEdit, ...]


def scale_of(edits: Edits, layer: str, channel: int) -> float:
    """What the channel is multiplied by; 1 where it is not edited."""
    return next((e.scale for e in edits if (e.layer, e.channel) == (layer, channel)), 1.0)


def with_scale(edits: Edits, layer: str, channel: int, scale: float) -> Edits:
    """The edits with one channel set; a scale of 1 takes its edit away."""
    kept = [e for e in edits if (e.layer, e.channel) != (layer, channel)]
    if scale != 1.0:
        kept.append(ChannelEdit(layer, channel, scale))
    return _ordered(kept)


def solo(edits: Edits, layer: str, channel: int, channels: int) -> Edits:
    """Every other channel of the layer silenced, this one as it was; other layers stay."""
    kept = [e for e in edits if e.layer != layer or e.channel == channel]
    if scale_of(edits, layer, channel) == 0.0:
        kept = [e for e in kept if (e.layer, e.channel) != (layer, channel)]
    kept += [ChannelEdit(layer, c, 0.0) for c in range(channels) if c != channel]
    return _ordered(kept)


def soloed(edits: Edits, layer: str, channels: int) -> int | None:
    """The only channel of the layer that is not silenced, if there is just one."""
    silent = {e.channel for e in edits if e.layer == layer and e.scale == 0.0}
    if channels < 2 or len(silent) != channels - 1:
        return None
    return next(c for c in range(channels) if c not in silent)


def cleared(edits: Edits, layer: str) -> Edits:
    """The edits of all other layers."""
    return tuple(e for e in edits if e.layer != layer)


def by_layer(edits: Edits) -> dict[str, Edits]:
    """The edits of each layer that has some."""
    names = dict.fromkeys(e.layer for e in edits)
    return {name: tuple(e for e in edits if e.layer == name) for name in names}


def _ordered(edits: list[ChannelEdit]) -> Edits:
    # One order for one set of edits: equal pictures come from equal requests.
    return tuple(sorted(edits, key=lambda e: (e.layer, e.channel)))
