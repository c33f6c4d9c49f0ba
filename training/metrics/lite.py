"""The built-in feature network: EfficientNet-Lite0 trained on ImageNet, whose weights come in a
Python package (Tan & Le 2019, and its "Lite" variant without squeeze-and-excitation).

Distances on it are not FID and not comparable with it: other features, another scale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.features.efficientnet import lite0
from training.metrics.weights import Weights

SIZE: Final = 224  # pixels a side that it was trained with
D: Final = 1280


def load(
    device: torch.device, weights: Sequence[Weights]
) -> tuple[str, Callable[[Tensor], Tensor], int]:
    """The key of the network, the function, and the length of its features.

    Raises UserError where the packages are missing.
    """
    network, digest = lite0()
    network.to(device, memory_format=torch.channels_last)

    # What eight pictures need stays in a processor's cache.
    size = 8 if device.type == "cpu" else 1024

    def features(images: Tensor) -> Tensor:
        parts = (network.extract_features(prepared(part)) for part in torch.split(images, size))
        return torch.cat([part.mean((2, 3)) for part in parts])

    return f"efficientnet-lite0 {digest} at {SIZE}", features, D


def prepared(images: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] -> float32 [N, 3, 224, 224], (x − 127) / 128 as in its training."""
    x = images.float()
    if x.shape[-1] != SIZE:
        x = F.interpolate(x, size=(SIZE, SIZE), mode="bicubic", antialias=True).clamp(0, 255)
    return ((x - 127) / 128).contiguous(memory_format=torch.channels_last)
