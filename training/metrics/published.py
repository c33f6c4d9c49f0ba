"""The feature networks of published metrics, as torch-fidelity and torchvision define them.

Their weights are not in packages (`training.metrics.weights`). Inception is the one of 2015 that
FID is defined with, with its way of resizing; precision and recall use VGG-16's second fully
connected layer (Kynkäänniemi et al. 2019, Section 3), path lengths LPIPS on VGG-16.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from common.errors import UserError
from training.metrics import weights as files
from training.metrics.weights import ALTERNATIVE, Weights

Loaded = tuple[str, Callable[[Tensor], Tensor], int]
"""The key, the function and the length of features, as `FeatureNetwork` explains them."""

_STAGES: Final = (4, 9, 16, 23, 30)  # where VGG's features are looked at: after these many layers
# LPIPS was trained with pictures in −1…1, normalised by these.
_SHIFT: Final = (-0.030, -0.088, -0.188)
_SCALE: Final = (0.458, 0.448, 0.450)


def load_inception(device: torch.device, given: Sequence[Weights]) -> Loaded:
    """Inception: 2048 features, then the 1008 logits without bias for inception scores."""
    library = _library("torch_fidelity.feature_extractor_inceptionv3")
    url = library.URL_INCEPTION_V3
    found = files.find(url, "Conv2d_1a_3x3.conv.weight", "Inception", given)
    outputs = ["2048", "logits_unbiased"]
    network = _extractor(library.FeatureExtractorInceptionV3, outputs, found, device)
    published = files.published_digest(url)

    def features(images: Tensor) -> Tensor:
        return torch.cat(network(images), dim=1)

    return f"inception-2015-12-05 {found.described(published)}", features, 2048


def load_vgg16(device: torch.device, given: Sequence[Weights]) -> Loaded:
    """VGG-16: 4096 features."""
    library = _library("torch_fidelity.feature_extractor_vgg16")
    found, published = _vgg16_weights(given)
    network = _extractor(library.FeatureExtractorVGG16, ["fc2_relu"], found, device)

    def features(images: Tensor) -> Tensor:
        fc2: Tensor = network(images)[0]
        return fc2

    return f"vgg16-fc2 {found.described(published)}", features, 4096


def load_lpips(device: torch.device, given: Sequence[Weights]) -> Loaded:
    """LPIPS: distances (Zhang et al. 2018, equation 1, "lin" on VGG-16)."""
    url = _library("torch_fidelity.sample_similarity_lpips").URL_VGG16_LPIPS
    found, published = _vgg16_weights(given)
    layers = _library("torchvision").models.vgg16().features
    own = {k.removeprefix("features."): v for k, v in found.tensors.items() if k[0] == "f"}
    _fill(layers, own, found.path)
    layers.eval().requires_grad_(False).to(device)
    linear = files.find(url, "lin0.model.1.weight", "LPIPS", given)
    factors = _factors(linear, device)
    shift, scale = (
        torch.tensor(values, device=device)[:, None, None] for values in (_SHIFT, _SCALE)
    )

    def distances(images: Tensor) -> Tensor:
        x = (images / 127.5 - 1 - shift) / scale
        total, start = x.new_zeros(len(x) // 2), 0
        for end, factor in zip(_STAGES, factors, strict=True):
            x, start = layers[start:end](x), end
            a, b = nn.functional.normalize(x, dim=1, eps=1e-10).chunk(2)
            total = total + ((a - b).square() * factor).sum(dim=1).mean(dim=(1, 2))
        return total[:, None]

    return f"lpips-vgg16 {found.described(published)} {linear.digest}", distances, 1


def _factors(linear: Weights, device: torch.device) -> list[Tensor]:
    """The weight of each channel of each stage, [1, C, 1, 1]. Raises UserError."""
    try:
        return [linear.tensors[f"lin{i}.model.1.weight"].to(device) for i in range(len(_STAGES))]
    except KeyError as error:
        raise UserError(f"{linear.path} lacks the tensor {error}.", ALTERNATIVE) from error


def _vgg16_weights(given: Sequence[Weights]) -> tuple[Weights, str]:
    url = _library("torchvision").models.VGG16_Weights.IMAGENET1K_V1.url
    return files.find(url, "features.28.weight", "VGG-16", given), files.published_digest(url)


def _extractor(kind: Any, features: list[str], found: Weights, device: torch.device) -> Any:
    # The library unpickles what it is given: it gets tensors alone, written anew.
    copy = io.BytesIO()
    torch.save(dict(found.tensors), copy)
    copy.seek(0)
    try:
        return kind("ganscope", features, feature_extractor_weights_path=copy).to(device)
    except RuntimeError as error:
        raise _unfit(found.path, error) from error


def _fill(network: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    try:
        network.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise _unfit(path, error) from error


def _unfit(path: Path, error: RuntimeError) -> UserError:
    reason = " ".join(str(error).split())[:200]
    return UserError(f"{path} does not fit its network: {reason}.", ALTERNATIVE)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except (ImportError, RuntimeError) as error:
        # A torchvision made for another torch ends in a RuntimeError.
        reason = "is not installed" if isinstance(error, ImportError) else f"fails: {error}"
        raise UserError(
            f"{getattr(error, 'name', None) or name.partition('.')[0]} {reason}.",
            f"Install what it needs: pip install 'ganscope[fid]'. {ALTERNATIVE}",
        ) from error
