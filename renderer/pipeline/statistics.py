"""Statistics of an activation: of all its channels, and of one."""

from __future__ import annotations

import torch
from torch import Tensor

from renderer.messages.frame import ChannelStats, Histogram, LayerStats, StatsSpec


def measure(x: Tensor, spec: StatsSpec) -> LayerStats:
    """Statistics of the activation x [1, C, H, W]: of all channels, and of the one asked for.

    A channel out of range moves to the nearest that exists.
    """
    channel = min(max(spec.channel, 0), x.shape[1] - 1)
    bins = min(max(spec.bins, 1), 4096)
    return LayerStats(
        layer=spec.layer,
        shape=tuple(x.shape),
        dtype=str(x.dtype).removeprefix("torch."),
        all=_describe(x, bins),
        channel=channel,
        selected=_describe(x[:, channel], bins),
    )


def _describe(x: Tensor, bins: int) -> ChannelStats:
    """Mean, standard deviation (of the population), extremes and histogram of the finite values."""
    values = x.float().flatten()
    if not torch.isfinite(values.sum()):
        values = values[values.isfinite()]
    if not values.numel():
        return ChannelStats(0.0, 0.0, 0.0, 0.0, Histogram(0.0, 0.0, (0,) * bins))
    std, mean = torch.std_mean(values, correction=0)
    low, high = (edge.item() for edge in values.aminmax())
    counts = torch.histc(values, bins, low, high)
    if low == high:  # histc would widen the range to the type's limits
        counts = torch.zeros(bins)
        counts[bins // 2] = values.numel()
    histogram = Histogram(low, high, tuple(int(n) for n in counts.tolist()))
    return ChannelStats(mean.item(), std.item(), low, high, histogram)
