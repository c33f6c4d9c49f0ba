"""LPIPS on VGG-16 (Zhang et al. 2018; Simonyan & Zisserman 2015), whose weights are given as files:
torchvision's VGG-16 and the published linear weights, which no Python package brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from common.errors import UserError
from networks.features.distance import Distance, enlarged, in_colour, reduced, unit
from networks.features.weights import read_weights

# The numbers of the convolutions in torchvision's `features`, stage by stage: pooling in between.
_STAGES: Final = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
SMALLEST: Final = 16
"""Pixels a side, of which its four halvings leave one."""
# LPIPS was trained with pictures in −1…1, normalised by these.
_SHIFT: Final = (-0.030, -0.088, -0.188)
_SCALE: Final = (0.458, 0.448, 0.450)
_REMEDY: Final = (
    "Give torchvision's vgg16-397923af.pth and LPIPS's vgg.pth, each with --weights FILE, or "
    "choose another distance (lite, discriminator, pixels)."
)


def load(device: torch.device, files: Sequence[Path]) -> Distance:
    """The distance out of the files that hold its weights.

    Raises UserError where weights are missing or do not fit.
    """
    tensors: dict[str, Tensor] = {}
    for path in files:
        tensors.update(read_weights(path))
    convolutions = []
    for stage in _STAGES:
        names = [f"features.{index}" for index in stage]
        convolutions.append(
            [(_get(tensors, f"{n}.weight"), _get(tensors, f"{n}.bias")) for n in names]
        )
    # |w·(a − b)²| with w ≥ 0 is the squared distance of √w·a and √w·b.
    factors = [
        _get(tensors, f"lin{index}.model.1.weight").clamp(min=0).sqrt()
        for index in range(len(_STAGES))
    ]
    _check(convolutions, factors)
    layers = [[(w.to(device), b.to(device)) for w, b in stage] for stage in convolutions]
    factors = [factor.to(device) for factor in factors]
    shift, scale = (
        torch.tensor(values, device=device)[:, None, None] for values in (_SHIFT, _SCALE)
    )

    def look(img: Tensor) -> list[Tensor]:
        x = (in_colour(enlarged(reduced(img), SMALLEST)) - shift) / scale
        maps = []
        for number, (stage, factor) in enumerate(zip(layers, factors, strict=True)):
            x = x if number == 0 else F.max_pool2d(x, 2)
            for weight, bias in stage:
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
            maps.append(unit(x) * factor)
        return maps

    return Distance("lpips", look)


def _get(tensors: dict[str, Tensor], name: str) -> Tensor:
    if name not in tensors:
        what = "VGG-16" if name.startswith("features") else "LPIPS"
        raise UserError(f"The {what} weights are missing (no tensor {name}).", _REMEDY)
    return tensors[name].float()


def _check(convolutions: Sequence[Sequence[tuple[Tensor, Tensor]]], factors: list[Tensor]) -> None:
    """Raises UserError where shapes do not follow from each other."""
    channels = 3
    for stage, factor in zip(convolutions, factors, strict=True):
        for weight, bias in stage:
            if weight.shape[1:] != (channels, 3, 3) or bias.shape != weight.shape[:1]:
                raise UserError("The VGG-16 weights are of another network.", _REMEDY)
            channels = len(weight)
        if factor.shape != (1, channels, 1, 1):
            raise UserError("The LPIPS weights are of another network than VGG-16.", _REMEDY)
