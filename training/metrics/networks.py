"""Feature networks: what turns pictures into the numbers that metrics compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from common.errors import UserError
from training.metrics import lite, published
from training.metrics.names import Metric, NetworkName
from training.metrics.weights import Weights, read


@dataclass(frozen=True)
class FeatureNetwork:
    """A network that looks at pictures.

    key: which network with which weights; results of another key differ.
    run: uint8 [N, 3, H, W] on the device -> float32 [N, d + extra], whose first d columns are
        features. For path lengths float32 [2N, 3, H, W] in 0…255, first one end of each pair,
        then the other -> distances [N, 1].
    d: the length of features.
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
    """One feature network; `weights` are files that hold its weights, among others.

    Raises UserError where its packages or weights are not here.
    """
    return _load(name, device, [read(path) for path in weights])


def load_all(
    metrics: Iterable[Metric], device: torch.device, weights: Sequence[Path] = ()
) -> dict[NetworkName, FeatureNetwork]:
    """All that the metrics need; each of the files `weights` is read once.

    Raises UserError, which names the metric or the file.
    """
    given = [read(path) for path in weights]
    found: dict[NetworkName, FeatureNetwork] = {}
    for metric in metrics:
        if metric.network not in found:
            try:
                found[metric.network] = _load(metric.network, device, given)
            except UserError as error:
                raise UserError(f"{metric.name}: {error.message}", error.remedy) from error
    return found


def _load(name: NetworkName, device: torch.device, given: Sequence[Weights]) -> FeatureNetwork:
    key, run, d = LOADERS[name](device, given)
    return FeatureNetwork(key, run, d)
