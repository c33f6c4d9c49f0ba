"""Snapshot files in others' layouts, written for tests from our own networks and from fixtures."""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from networks.families.stylegan2.discriminator import (
    DiscriminatorBlock,
    Epilogue,
    StyleGAN2Discriminator,
)
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.families.stylegan2.layers import Conv, Dense
from networks.families.stylegan2.synthesis import Block, StyledConv, ToRGB
from ops import ACTIVATIONS
from tests.paths import DATA


def tiny_networks(c_dim: int = 0) -> dict[str, nn.Module]:
    """G_ema and D at 8x8 with four channels."""
    torch.manual_seed(0)
    plan = {"img_resolution": 8, "channel_base": 32, "channel_max": 4, "num_fp16_res": 0}
    G = StyleGAN2Generator(
        z_dim=4, w_dim=4, c_dim=c_dim, mapping_layers=2, conv_clamp=None, img_channels=3, **plan
    )
    D = StyleGAN2Discriminator(
        c_dim=c_dim, img_channels=3, mapping_layers=2, conv_clamp=None, **plan
    )
    return {"G_ema": G, "D": D}


@contextmanager
def fake_persistence() -> Iterator[Any]:
    """The function that NVIDIA's snapshots name, importable for the pickler only."""

    def _reconstruct_persistent_obj(meta: Any) -> Any:
        raise AssertionError("called while pickling")

    package, module = ModuleType("torch_utils"), ModuleType("torch_utils.persistence")
    _reconstruct_persistent_obj.__module__ = "torch_utils.persistence"
    _reconstruct_persistent_obj.__qualname__ = "_reconstruct_persistent_obj"
    module._reconstruct_persistent_obj = _reconstruct_persistent_obj  # type: ignore[attr-defined]
    package.persistence = module  # type: ignore[attr-defined]
    sys.modules |= {"torch_utils": package, "torch_utils.persistence": module}
    try:
        yield _reconstruct_persistent_obj
    finally:
        del sys.modules["torch_utils"], sys.modules["torch_utils.persistence"]


class _Persistent:
    def __init__(self, function: Any, class_name: str, state: dict[str, Any]) -> None:
        self.function = function
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": "raise SystemExit('the embedded source was run')\n",
            "class_name": class_name,
            "state": state,
        }

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        return self.function, (self.meta,)


Settings = Mapping[str, Mapping[str, Any]]


def nvidia_settings(network: nn.Module) -> dict[str, dict[str, Any]]:
    """The attributes that NVIDIA's layers compute from, by the path of the module."""
    found: dict[str, dict[str, Any]] = {}
    config: dict[str, Any] = getattr(network, "config", {})
    architecture = config.get("architecture")
    if config.get("output_resolution") is not None:
        found[""] = {"resize": config["output_resolution"]}
    for path, part in network.named_modules():
        match part:
            case Dense():
                found[path] = {
                    "activation": part.act,
                    "weight_gain": np.float64(part.weight_gain),
                    "bias_gain": part.bias_gain,
                }
            case Conv():
                found[path] = {
                    "activation": part.act,
                    "up": part.up,
                    "down": part.down,
                    "conv_clamp": part.clamp,
                    "padding": part.weight.shape[-1] // 2,
                    "weight_gain": np.float64(part.weight_gain),
                    "act_gain": ACTIVATIONS[part.act].gain,
                }
            case StyledConv():
                found[path] = {
                    "activation": part.act,
                    "up": part.up,
                    "use_noise": part.use_noise,
                    "conv_clamp": part.clamp,
                    "padding": 1,
                    "act_gain": ACTIVATIONS[part.act].gain,
                }
            case ToRGB():
                found[path] = {
                    "conv_clamp": part.clamp,
                    "weight_gain": np.float64(part.weight_gain),
                }
            case Block() | DiscriminatorBlock():
                found[path] = {"architecture": architecture, "use_fp16": part.half_by_default}
            case Epilogue():
                found[path] = {"architecture": architecture}
                if part.num_channels:
                    found[f"{path}.mbstd"] = {
                        "group_size": part.group_size,
                        "num_channels": part.num_channels,
                    }
    return found


def _module(
    function: Any, tensors: Mapping[str, Tensor], class_name: str, settings: Settings
) -> _Persistent:
    groups: dict[str, dict[str, Tensor]] = {
        path.partition(".")[0]: {} for path in settings if path and path != "synthesis"
    }
    own: OrderedDict[str, Tensor | None] = OrderedDict()
    for name, tensor in tensors.items():
        head, _, rest = name.partition(".")
        if rest:
            groups.setdefault(head, {})[rest] = tensor
        else:
            own[head] = tensor
    own["unused"] = None

    def below(name: str) -> Settings:
        prefix = f"{name}."
        inside = {k.removeprefix(prefix): v for k, v in settings.items() if k.startswith(prefix)}
        return {**inside, "": settings.get(name, {})}

    state = {
        "training": False,
        "_parameters": OrderedDict(),
        "_buffers": own,
        "_non_persistent_buffers_set": set(),
        "_modules": OrderedDict(
            (k, _module(function, v, "Layer", below(k))) for k, v in groups.items()
        ),
        **settings.get("", {}),
    }
    return _Persistent(function, class_name, state)


def persistent(function: Any, network: nn.Module, settings: Settings | None = None) -> Any:
    """A network as NVIDIA's persistence pickles it; `function` is that of `fake_persistence`."""
    own = nvidia_settings(network) if settings is None else settings
    return _module(function, network.state_dict(), type(network).__name__, own)


def nvidia_pickle(
    networks: Mapping[str, nn.Module],
    *,
    protocol: int = 4,
    pipe: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    **extra: Any,
) -> bytes:
    """A file in the layout of NVIDIA's PyTorch trainers. extra: further entries of the dict.

    pipe: attributes of the augmentation pipeline, besides its p. settings: attributes of the
    modules of all networks by path, in place of those of the networks (`nvidia_settings`).
    """
    with fake_persistence() as function:
        root: dict[str, Any] = {"training_set_kwargs": {"path": "tiny.zip", "use_labels": False}}
        for name, network in networks.items():
            root[name] = persistent(function, network, settings)
        augment = _module(function, {"p": torch.tensor(0.25)}, "AugmentPipe", {})
        augment.meta["state"] |= pipe or {}
        root["augment_pipe"] = augment
        return pickle.dumps({**root, **extra}, protocol)


def typed_storage(tensor: Tensor) -> Any:
    """The storage of a tensor as pickles of tensors hold it."""
    wrapped = tensor.untyped_storage()
    return torch.storage.TypedStorage(wrap_storage=wrapped, dtype=tensor.dtype, _internal=True)


def nested_payload(tensor: Tensor) -> bytes:
    """What `_load_from_bytes` is given for the storage of a tensor."""
    file = io.BytesIO()
    torch.save(typed_storage(tensor), file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def rosinality_state() -> OrderedDict[str, Tensor]:
    """The reference generator in rosinality's layout (filled by rule, see the fixture)."""
    shapes = json.loads((DATA / "rosinality-16.tensors.json").read_text("utf-8"))
    return OrderedDict((name, _filled(name, shape)) for name, shape in shapes.items())


def _filled(name: str, shape: list[int]) -> Tensor:
    if name.endswith("kernel"):
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
        return torch.outer(taps, taps) / 64 * 4  # both kinds of kernel here upsample
    rng = np.random.RandomState(zlib.crc32(name.encode()))
    value = rng.standard_normal(shape).astype(np.float32)
    if name.endswith("modulation.bias"):
        value = 1 + np.float32(0.1) * value
    elif name.endswith(("bias", "noise.weight")):
        value = np.float32(0.1) * value
    return torch.from_numpy(value)


def save(value: Any, path: Path, *, zipped: bool = True) -> Path:
    """torch.save in either container."""
    torch.save(value, path, _use_new_zipfile_serialization=zipped)
    return path


def text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def call(module: str, name: str, *arguments: bytes) -> bytes:
    """GLOBAL module name, a tuple of arguments, REDUCE."""
    return b"c" + f"{module}\n{name}\n".encode() + b"(" + b"".join(arguments) + b"tR"
