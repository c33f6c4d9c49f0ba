"""Channel edits of a request: at most one per channel, none that multiplies by 1, in order."""

from __future__ import annotations

from renderer.messages.request import ChannelEdit

Edits = tuple[ChannelEdit, ...]
"""Edits of channels, of any layers."""


def scale_of(edits: Edits, layer: str, channel: int) -> float:
    """Return what a channel is multiplied by, 1 where it is not edited."""
    return next((e.scale for e in edits if (e.layer, e.channel) == (layer, channel)), 1.0)


def with_scale(edits: Edits, layer: str, channel: int, scale: float) -> Edits:
    """Return the edits with the scale of one channel set; a scale of 1 takes its edit away."""
    kept = [e for e in edits if (e.layer, e.channel) != (layer, channel)]
    if scale != 1.0:
        kept.append(ChannelEdit(layer, channel, scale))
    return _ordered(kept)


def solo(edits: Edits, layer: str, channel: int, channels: int) -> Edits:
    """Return the edits with every other channel of the layer silenced.

    This channel and other layers stay as they were.
    """
    kept = [e for e in edits if e.layer != layer or e.channel == channel]
    if scale_of(edits, layer, channel) == 0.0:
        kept = [e for e in kept if (e.layer, e.channel) != (layer, channel)]
    kept += [ChannelEdit(layer, c, 0.0) for c in range(channels) if c != channel]
    return _ordered(kept)


def soloed(edits: Edits, layer: str, channels: int) -> int | None:
    """Return the only channel of the layer that is not silenced, None unless there is just one."""
    silent = {e.channel for e in edits if e.layer == layer and e.scale == 0.0}
    if channels < 2 or len(silent) != channels - 1:
        return None
    return next(c for c in range(channels) if c not in silent)


def cleared(edits: Edits, layer: str) -> Edits:
    """Return the edits without those of a layer."""
    return tuple(e for e in edits if e.layer != layer)


def by_layer(edits: Edits) -> dict[str, Edits]:
    """Return the edits of each layer that has some, by the name of the layer."""
    names = dict.fromkeys(e.layer for e in edits)
    return {name: tuple(e for e in edits if e.layer == name) for name in names}


def _ordered(edits: list[ChannelEdit]) -> Edits:
    # One order for one set of edits: equal pictures come from equal requests.
    return tuple(sorted(edits, key=lambda e: (e.layer, e.channel)))
