"""Checkpoints of rosinality's StyleGAN2 (`stylegan2-pytorch`): `.pt` files of `torch.save`.

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
from networks.formats import Format
from networks.formats.contents import Contents, FormatError, NetworkData, Source, TensorRef
from networks.formats.modules import NUMPY_NAMES, simple
from networks.formats.stylegan2_config import generator_config
from networks.formats.torch_data import TORCH_NAMES, Tensors, read_legacy, read_zip
from networks.pickles.data import Budget, Names, Record

W_AVG_SAMPLES: Final = 10_000
DATA_NAMES: Final = TORCH_NAMES | NUMPY_NAMES | {"argparse.Namespace"}
_NETWORKS: Final = {"G_ema": "g_ema", "G": "g"}
_LEGACY_HEAD: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_BLUR: Final = ("convs.0.conv.blur.kernel", "to_rgbs.0.upsample.kernel")


def recognises(source: Source) -> bool:
    """A file of `torch.save`: a zip archive, or the chain of pickles with its magic number."""
    return source.head[:4] == b"PK\x03\x04" or source.head.startswith(_LEGACY_HEAD)


def read(source: Source, names: Collection[str]) -> Contents:
    """The networks `names` of a checkpoint, still in the file. Raises FormatError."""
    budget, known = Budget(), Names(DATA_NAMES)
    load = read_zip if source.head[:2] == b"PK" else read_legacy
    root, stored = load(source.data, known, budget)
    if not isinstance(root, dict):
        raise FormatError("it is a file of torch.save, but holds no table of networks")
    if "input.input" in root:  # the state_dict of a generator alone
        root = {"g_ema": root}
    available = tuple(ours for ours, theirs in _NETWORKS.items() if theirs in root)
    if not available:
        keys = ", ".join(ascii(key)[:40] for key in list(root)[:6])
        raise FormatError(
            f"it is a file of torch.save without g_ema or g (it holds: {keys or 'nothing'})",
            "Checkpoints of rosinality's StyleGAN2 can be opened.",
        )
    tensors = Tensors(budget, known, stored)
    average = root.get("latent_avg")
    w_avg = tensors.ref(average) if tensors.is_tensor(average) else None
    return Contents(
        available=available,
        networks={
            ours: _network(_state(root[_NETWORKS[ours]], tensors), w_avg)
            for ours in available
            if ours in names
        },
        augment_p=tensors.scalar(root.get("ada_aug_p")),
        metadata=_options(root.get("args")),
        finish=None if w_avg else compute_w_avg,
    )


def _state(value: Any, tensors: Tensors) -> dict[str, TensorRef]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise FormatError("a network in it is no table of tensors")
    # Trained on several devices, every name begins with "module.".
    return {name.removeprefix("module."): tensors.ref(record) for name, record in value.items()}


def _network(state: dict[str, TensorRef], w_avg: TensorRef | None) -> NetworkData:
    refs = dict(_renamed(state))
    if not refs or "mapping.fc0.weight" not in refs:
        raise FormatError("its g_ema is no StyleGAN2 generator (no style.1.weight)")
    w_dim = refs["mapping.fc0.weight"].shape[0]
    refs["mapping.w_avg"] = (
        _reshaped("latent_avg", w_avg, (w_dim,)) if w_avg else _computed(torch.zeros(w_dim))
    )
    blur = next((state[name] for name in _BLUR if name in state), None)
    # Their kernels hold the gain of 2x upsampling; ours are normalised.
    kernel = (
        blur.load() / 4
        if blur
        else torch.tensor([1.0, 3, 3, 1]).outer(torch.tensor([1.0, 3, 3, 1])) / 64
    )
    sizes = sorted(
        {int(found[1]) for name in refs if (found := re.match(r"synthesis\.b(\d+)\.", name))}
    )
    for index, size in enumerate(sizes):
        for layer in ("", "conv1.") if size == 4 else ("", "conv0.", "conv1."):
            refs[f"synthesis.b{size}.{layer}resample_filter"] = _computed(kernel)
        for j in (1,) if size == 4 else (0, 1):
            name = f"synthesis.b{size}.conv{j}.noise_const"
            refs.setdefault(name, _computed(_noise(2 * index + j, size)))
    notes = (
        ()
        if w_avg
        else (f"w_avg is the mean of {W_AVG_SAMPLES} mapped latents; the file holds none",)
    )
    # What shapes cannot tell is fixed in that code: it computes in float32 throughout.
    fixed = {"mapping_lr_multiplier": 0.01, "conv_clamp": None, "num_fp16_res": 0}
    config = generator_config(refs) | fixed
    return NetworkData("generator", "stylegan2", config, refs, "Generator", notes)


def _renamed(state: dict[str, TensorRef]) -> Iterator[tuple[str, TensorRef]]:
    for name, ref in state.items():
        if found := re.fullmatch(r"style\.(\d+)\.(weight|bias)", name):
            yield f"mapping.fc{int(found[1]) - 1}.{found[2]}", ref
        elif name == "input.input":
            yield "synthesis.b4.const", _reshaped(name, ref, ref.shape[1:])
        elif found := re.fullmatch(r"noises\.noise_(\d+)", name):
            index = int(found[1])
            layer = f"b{4 << (index + 1) // 2}.conv{1 if index == 0 else (index - 1) % 2}"
            yield f"synthesis.{layer}.noise_const", _reshaped(name, ref, ref.shape[-2:])
        elif found := re.fullmatch(r"(conv1|to_rgb1|convs\.(\d+)|to_rgbs\.(\d+))\.(.+)", name):
            layer = _layer(found[1], found[2], found[3])
            if target := _INSIDE.get(found[4]):
                yield f"synthesis.{layer}.{target}", _reshaped(name, ref, _target(found[4], ref))


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


def _computed(value: Tensor) -> TensorRef:
    return TensorRef(tuple(value.shape), value.dtype, value.clone)


def _noise(seed: int, size: int) -> Tensor:
    # Early checkpoints did not store their noise; any fixed draw will do.
    return torch.from_numpy(np.random.RandomState(seed).randn(size, size).astype(np.float32))


def compute_w_avg(name: str, network: nn.Module) -> None:
    """Set w_avg to the mean of mapped latents drawn from a fixed seed."""
    assert isinstance(network, Generator)
    assert network.w_avg is not None
    z = np.random.RandomState(0).randn(W_AVG_SAMPLES, network.z_dim).astype(np.float32)
    parts = np.array_split(z, 10)
    with torch.inference_mode():
        w = torch.cat([network.map(torch.from_numpy(part)) for part in parts])
    with torch.no_grad():
        network.w_avg.copy_(w.double().mean(0))


def _options(value: Any) -> dict[str, Any]:
    """The trainer's command line: an `argparse.Namespace`."""
    if isinstance(value, Record) and isinstance(value.state, dict):
        return {"args": simple(value.state)}
    return {}


FORMAT: Final = Format(
    name="rosinality StyleGAN2 checkpoint",
    order=20,
    recognises=recognises,
    read=read,
    made_by="rosinality",
    suffixes=(".pt",),
    pickled_names=DATA_NAMES,
)
