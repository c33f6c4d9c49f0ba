"""Feature networks: what turns pictures into the numbers that metrics compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from renderer.errors import UserError
from training.metrics import lite, published
from training.metrics.names import Metric, NetworkName


@dataclass(frozen=True)
class FeatureNetwork:
    """run: uint8 [N, 3, H, W] on the device -> float32 [N, d + extra]; d columns are features.

    For path lengths: float32 [2N, 3, H, W] in 0…255, first one end of each pair, then the other,
    -> distances [N, 1]. key: what was computed with what; results of another key differ.
    """

    key: str
    run: Callable[[Tensor], Tensor]
    d: int


LOADERS: Final = {
    "lite": lite.load,
    "inception": published.load_inception,
    "vgg16": published.load_vgg16,
    "lpips": published.load_lpips,
}


def load(name: NetworkName, device: torch.device, weights: Sequence[Path] = ()) -> FeatureNetwork:
    """Raises UserError where its packages or weights are not here."""
    key, run, d = LOADERS[name](device, weights)
    return FeatureNetwork(key, run, d)


def load_all(
    metrics: Iterable[Metric], device: torch.device, weights: Sequence[Path] = ()
) -> dict[NetworkName, FeatureNetwork]:
    """All that the metrics need. Raises UserError naming the metric."""
    found: dict[NetworkName, FeatureNetwork] = {}
    for metric in metrics:
        if metric.network not in found:
            try:
                found[metric.network] = load(metric.network, device, weights)
            except UserError as error:
                raise UserError(f"{metric.name}: {error.message}", error.remedy) from error
    return found
