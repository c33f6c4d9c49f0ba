"""rosinality's StyleGAN2 (`stylegan2-pytorch`), and what pSp, e4e and others keep in its names.

The layers are those of the paper under other names; weights and scales agree, so a checkpoint is
opened by renaming and reshaping. Trained files hold no w_avg: it is computed from the mapping.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from networks.base import Generator
from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, Layout
from networks.formats.settings.stylegan2_config import (
    DEFAULT_FILTER,
    constant_shape,
    filter_taps,
    generator_config,
)

W_AVG_SAMPLES: Final = 10_000
_BLUR: Final = r"convs\.\d+\.conv\.blur\.kernel"
_IMAGE_BLUR: Final = r"to_rgbs\.\d+\.upsample\.kernel"
_WAVELETS: Final = r"(.*\.)?(iwt|dwt)\.(ll|lh|hl|hh)"
_NOISE: Final = r"noises\.noise_\d+"


def recognises(names: Collection[str]) -> bool:
    """A generator of that code, SWAGAN included: one constant picture, and a mapping after it."""
    return "input.input" in names and "conv1.conv.modulation.weight" in names


def read(found: Found) -> NetworkData:
    """A generator by our names. Raises FormatError for any tensor that is not known."""
    found.require_table()
    state = found.tensors
    if any(re.fullmatch(_WAVELETS, name) for name in state):
        raise FormatError(
            "it is a SWAGAN network, which this version cannot draw",
            "StyleGAN2 networks of that code can be opened (--arch stylegan2).",
        )
    refs = dict(_renamed(state))
    if "mapping.fc0.weight" not in refs:
        raise FormatError("the tensor style.1.weight is missing")
    w_avg, finish, notes = _w_avg(found, refs["mapping.fc0.weight"].shape[0])
    refs["mapping.w_avg"] = w_avg
    # Their kernels hold the gain of 2x upsampling; ours are normalised.
    kernel, image_kernel = _kernel(state, _BLUR), _kernel(state, _IMAGE_BLUR)
    sizes = sorted({int(b[1]) for name in refs if (b := re.match(r"synthesis\.b(\d+)\.", name))})
    stored = any(re.fullmatch(_NOISE, name) for name in state)
    rows, columns = constant_shape(refs)
    if not stored:
        notes += ("its noise is drawn anew; the file holds none",)
    for index, size in enumerate(sizes):
        refs[f"synthesis.b{size}.resample_filter"] = TensorRef.computed(image_kernel)
        for j in (1,) if size == 4 else (0, 1):
            layer = f"synthesis.b{size}.conv{j}"
            refs[f"{layer}.resample_filter"] = TensorRef.computed(kernel)
            if not stored:
                # Early checkpoints did not store their noise; any fixed draw will do.
                refs[f"{layer}.noise_const"] = _noise(
                    2 * index + j, (rows * size // 4, columns * size // 4)
                )
    state.settle("a StyleGAN2 generator", "It may be a variant, such as one with attention.")
    # What shapes cannot tell is fixed in that code: it computes in float32 throughout.
    fixed = {"mapping_lr_multiplier": 0.01, "conv_clamp": None, "num_fp16_res": 0}
    config = generator_config(refs) | fixed
    config["resample_filter"] = filter_taps(TensorRef.computed(kernel), "blur.kernel")
    if not torch.equal(kernel, image_kernel):
        config["image_filter"] = filter_taps(TensorRef.computed(image_kernel), "upsample.kernel")
    return NetworkData("generator", "stylegan2", config, refs, "Generator", notes, finish)


def _w_avg(found: Found, w_dim: int) -> tuple[TensorRef, Any, tuple[str, ...]]:
    """w_avg, what computes it where the file holds none, and a note on that."""
    stored = found.beside.get("latent_avg")
    if stored is None:
        note = f"w_avg is the mean of {W_AVG_SAMPLES} mapped latents; the file holds none"
        return TensorRef.computed(torch.zeros(w_dim)), compute_w_avg, (note,)
    ref = found.as_tensor(found.beside.take("latent_avg"))
    if ref is None:
        raise FormatError("its latent_avg is no tensor")
    if ref.shape != (w_dim,) and math.prod(ref.shape) != w_dim:  # pSp: once for every row of w
        rows = ref.load().reshape(-1, w_dim) if ref.shape[-1:] == (w_dim,) else None
        if rows is None or not len(rows) or not torch.equal(rows, rows[:1].expand_as(rows)):
            raise FormatError(f"its latent_avg has the shape {list(ref.shape)}, not [{w_dim}]")
        return TensorRef.computed(rows[0]), None, ()
    return _reshaped("latent_avg", ref, (w_dim,)), None, ()


def _kernel(state: Account[TensorRef], pattern: str) -> Tensor:
    """The filter that all layers of a kind share, normalised: [n, n]."""
    names = [name for name in state if re.fullmatch(pattern, name)]
    kernels = [state.take(name).load().float() for name in names]
    if not kernels:
        taps = torch.tensor(DEFAULT_FILTER, dtype=torch.float32)
        return taps.outer(taps) / 64
    for name, kernel in zip(names, kernels, strict=True):
        if kernel.shape != kernels[0].shape or not torch.equal(kernel, kernels[0]):
            raise FormatError(f"the filter {name} differs from {names[0]}")
    return kernels[0] / 4


def _renamed(state: Account[TensorRef]) -> Iterator[tuple[str, TensorRef]]:
    """Every tensor that has a place in our network, by our name."""
    for name, ref in state.items():
        if (renamed := _new_name(name, ref)) is not None:
            state.take(name)
            yield renamed


def _new_name(name: str, ref: TensorRef) -> tuple[str, TensorRef] | None:
    if found := re.fullmatch(r"style\.(\d+)\.(weight|bias)", name):
        return f"mapping.fc{int(found[1]) - 1}.{found[2]}", ref
    if name == "input.input":
        return "synthesis.b4.const", _reshaped(name, ref, ref.shape[1:])
    if found := re.fullmatch(r"noises\.noise_(\d+)", name):
        index = int(found[1])
        layer = f"b{4 << (index + 1) // 2}.conv{1 if index == 0 else (index - 1) % 2}"
        return f"synthesis.{layer}.noise_const", _reshaped(name, ref, ref.shape[-2:])
    found = re.fullmatch(r"(conv1|to_rgb1|convs\.(\d+)|to_rgbs\.(\d+))\.(.+)", name)
    if found and (target := _INSIDE.get(found[4])):
        layer = _layer(found[1], found[2], found[3])
        return f"synthesis.{layer}.{target}", _reshaped(name, ref, _target(found[4], ref))
    return None


_INSIDE: Final = {
    "conv.weight": "weight",
    "conv.modulation.weight": "affine.weight",
    "conv.modulation.bias": "affine.bias",
    "activate.bias": "bias",
    "bias": "bias",
    "noise.weight": "noise_strength",
}


def _layer(name: str, conv: str | None, to_rgb: str | None) -> str:
    if conv is not None:
        return f"b{8 << int(conv) // 2}.conv{int(conv) % 2}"
    if to_rgb is not None:
        return f"b{8 << int(to_rgb)}.torgb"
    return {"conv1": "b4.conv1", "to_rgb1": "b4.torgb"}[name]


def _target(part: str, ref: TensorRef) -> tuple[int, ...]:
    match part:
        case "conv.weight":
            return ref.shape[1:]
        case "noise.weight":
            return ()
        case "bias":
            return (math.prod(ref.shape),)
    return ref.shape


def _reshaped(name: str, ref: TensorRef, shape: tuple[int, ...]) -> TensorRef:
    if math.prod(shape) != math.prod(ref.shape):
        raise FormatError(f"tensor {name} has the shape {list(ref.shape)}, not {list(shape)}")
    return TensorRef(shape, ref.dtype, lambda: ref.load().reshape(shape))


def _noise(seed: int, shape: tuple[int, int]) -> TensorRef:
    """Drawn when the network is built: a file may claim any size, and the bounds are looked at
    before that."""

    def load() -> Tensor:
        return torch.from_numpy(np.random.RandomState(seed).randn(*shape).astype(np.float32))

    return TensorRef(shape, torch.float32, load)


def compute_w_avg(network: nn.Module) -> None:
    """Set w_avg to the mean of mapped latents drawn from a fixed seed."""
    assert isinstance(network, Generator)
    assert network.w_avg is not None
    z = np.random.RandomState(0).randn(W_AVG_SAMPLES, network.z_dim).astype(np.float32)
    parts = np.array_split(z, 10)
    with torch.inference_mode():
        w = torch.cat([network.map(torch.from_numpy(part)) for part in parts])
    with torch.no_grad():
        network.w_avg.copy_(w.double().mean(0))


LAYOUT: Final = Layout("rosinality StyleGAN2 checkpoint", 20, recognises, read)
