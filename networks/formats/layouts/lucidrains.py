"""lucidrains' StyleGAN2 (`stylegan2-pytorch`): `model_N.pt`, with `.config.json` in its folder.

The tensors say everything but the rate of the mapping network, by which its weights are multiplied
when it is run. Truncation goes towards the mean of w, which the file does not hold, and the picture
of noise is drawn anew for every picture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from math import sqrt
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from networks.families.lucidrains.layers import BLUR
from networks.families.lucidrains.noise import own_noise
from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, Layout
from networks.formats.layouts.rosinality_stylegan2 import W_AVG_SAMPLES, compute_w_avg

SETTINGS: Final = ".config.json"
_LARGEST_SETTINGS: Final = 1 << 16
_RATE: Final = 0.1
_MOST_BLOCKS: Final = 12
_ATTENTION: Final = "networks with attention (--attn-layers) cannot be drawn"
_OF_D: Final = ("network_capacity", "fq_layers", "fq_dict_size")
"""Settings that change nothing in a generator, or that its tensors say."""

Refs = dict[str, TensorRef]


def recognises(names: Collection[str]) -> bool:
    """A generator of that code, with its mapping network."""
    begins = ("S.net.", "G.initial_")
    return "G.blocks.0.to_style1.weight" in names and any(name.startswith(begins) for name in names)


def read(found: Found) -> NetworkData:
    """A generator by our names. Raises FormatError for any tensor or setting that is not known."""
    try:
        return _generator(found)
    except FormatError as error:
        if found.name != "G_ema":
            raise
        # In the file, the names of the averages have an E.
        reason = re.sub(r"\b([SG])\.(?=net|blocks|initial|attns|to_initial)", r"\1E.", error.reason)
        raise FormatError(reason, error.remedy) from error


def _generator(found: Found) -> NetworkData:
    state = found.tensors
    found.require_table()
    if any(name.startswith("G.attns.") for name in state):
        raise FormatError(_ATTENTION)
    if "G.to_initial_block.weight" in state:
        raise FormatError("networks without a constant (--no-const) cannot be drawn")
    blocks = [_Block(state, index) for index in range(_count(state))]
    if not 1 <= len(blocks) <= _MOST_BLOCKS:
        raise FormatError(f"it has {len(blocks)} blocks, not 1 to {_MOST_BLOCKS}")
    side = 2 << len(blocks)
    blurs = "G.blocks.0.to_rgb.upsample.1.f" in state
    settings = _settings(found.path)
    refs: Refs = dict(_mapping(state))
    depth = sum(name.endswith(".weight") for name in refs)
    z_dim = _take(state, "S.net.0.weight", 2).shape[-1]
    refs["mapping.w_avg"] = TensorRef.computed(torch.zeros(z_dim))
    refs |= _first(state)
    for block in blocks:
        refs |= block.tensors(side)
        if blurs and block is not blocks[-1]:
            _check_blur(state, f"{block.theirs}.to_rgb.upsample.1.f")
    state.settle("a generator of lucidrains' StyleGAN2")
    config: dict[str, Any] = {
        "z_dim": z_dim,
        "img_resolution": side,
        "channels": [block.channels for block in blocks],
        "img_channels": blocks[0].img_channels,
        "mapping_layers": depth,
        "mapping_lr_multiplier": _rate(settings, side, blocks[0].img_channels),
        "image_blur": blurs or len(blocks) == 1,
    }
    notes = [f"w_avg is the mean of {W_AVG_SAMPLES} mapped latents; the file holds none"]
    notes.append("its noise is drawn anew; the file holds none")
    if "lr_mlp" not in settings:
        notes.append(
            f"the rate of its mapping network (lr_mlp) is taken to be {_RATE}, for "
            f"{SETTINGS} beside the file does not say it"
        )
    return NetworkData(
        "generator", "lucidrains", config, refs, "Generator", tuple(notes), compute_w_avg
    )


def _settings(path: str) -> dict[str, Any]:
    """What the program wrote beside a file; empty where there is nothing of it."""
    file = Path(path).parent / SETTINGS
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST_SETTINGS:
            return {}
        settings = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    # Other programs have a file of this name as well.
    return settings if isinstance(settings, dict) and "network_capacity" in settings else {}


def _rate(settings: dict[str, Any], side: int, img_channels: int) -> float:
    """The rate of the mapping network. Raises FormatError for settings of another network."""
    account = Account("setting", settings)
    account.take_all([*_OF_D, "lr_mlp", "image_size", "transparent", "attn_layers", "no_const"])
    account.settle("lucidrains' StyleGAN2")
    if settings.get("image_size", side) != side:
        raise FormatError(
            f"{SETTINGS} beside it is of pictures of {settings['image_size']!r} pixels a side, "
            f"and not of {side}",
            "Put the file into a folder with its own settings.",
        )
    if settings.get("transparent", img_channels == 4) != (img_channels == 4):
        raise FormatError(
            f"{SETTINGS} beside it and its tensors do not agree whether pictures have alpha",
            "Put the file into a folder with its own settings.",
        )
    if settings.get("attn_layers"):
        raise FormatError(_ATTENTION)
    rate = settings.get("lr_mlp", _RATE)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= 100:
        raise FormatError(f"lr_mlp in {SETTINGS} is {str(rate)[:40]}, and no rate")
    return float(rate)


def _count(state: Account[TensorRef]) -> int:
    count = 0
    while f"G.blocks.{count}.conv1.weight" in state and count <= _MOST_BLOCKS:
        count += 1
    return count


def _mapping(state: Account[TensorRef]) -> Iterator[tuple[str, TensorRef]]:
    """The mapping network: layers and activations take turns."""
    index = 0
    while f"S.net.{2 * index}.weight" in state:
        for part, dimensions in (("weight", 2), ("bias", 1)):
            ref = _take(state, f"S.net.{2 * index}.{part}", dimensions)
            yield f"mapping.layers.{index}.{part}", ref
        index += 1


def _first(state: Account[TensorRef]) -> Iterator[tuple[str, TensorRef]]:
    const = _take(state, "G.initial_block", 4)
    if const.shape[0] != 1:
        raise FormatError(f"the tensor G.initial_block has the shape {list(const.shape)}")
    yield "synthesis.b4.const", const.changed(const.shape[1:])
    yield "synthesis.b4.input_weight", _take(state, "G.initial_conv.weight", 4)
    yield "synthesis.b4.input_bias", _take(state, "G.initial_conv.bias", 1)


class _Block:
    """The layers of one resolution."""

    def __init__(self, state: Account[TensorRef], index: int) -> None:
        self.theirs, self._side, self._state = f"G.blocks.{index}", 4 << index, state
        self.channels = _take(state, f"{self.theirs}.conv1.weight", 4).shape[0]
        self.img_channels = _take(state, f"{self.theirs}.to_rgb.conv.weight", 4).shape[0]

    def tensors(self, noise_side: int) -> Refs:
        """All its tensors by our names. noise_side: of the picture of noise."""
        ours, refs = f"synthesis.b{self._side}", Refs()
        for number in (1, 2):
            layer = f"{ours}.conv{number - 1}"
            refs[f"{layer}.weight"] = self._take(f"conv{number}.weight", 4)
            refs |= self._affine(f"to_style{number}", layer)
            # Ours has variance 1 and mean 0, theirs is of 0…1.
            factors = self._take(f"to_noise{number}.weight", 2)
            bias = self._take(f"to_noise{number}.bias", 1)
            if factors.shape[0] != bias.shape[0] or factors.shape[1] != 1:
                raise FormatError(
                    f"the tensor {self.theirs}.to_noise{number}.weight has the shape "
                    f"{list(factors.shape)}, not {[*bias.shape, 1]}"
                )
            refs[f"{layer}.noise_strength"] = factors.changed(
                factors.shape[:1], lambda value: value / sqrt(12)
            )
            refs[f"{layer}.bias"] = _with_mean(bias, factors)
            refs[f"{layer}.noise_const"] = _noise(self._side, noise_side)
        colours = self._take("to_rgb.conv.weight", 4)
        # Their colours are of 0…1 and ours of −1…1.
        refs[f"{ours}.torgb.weight"] = colours.changed(colours.shape, lambda value: 2 * value)
        refs |= self._affine("to_rgb.to_style", f"{ours}.torgb")
        return refs

    def _affine(self, theirs: str, ours: str) -> Refs:
        bias = self._take(f"{theirs}.bias", 1)
        return {
            f"{ours}.affine.weight": self._take(f"{theirs}.weight", 2),
            # They add the one where weights are modulated.
            f"{ours}.affine.bias": bias.changed(bias.shape, lambda value: value + 1),
        }

    def _take(self, name: str, dimensions: int) -> TensorRef:
        return _take(self._state, f"{self.theirs}.{name}", dimensions)


def _check_blur(state: Account[TensorRef], name: str) -> None:
    ref = _take(state, name, 1)
    if ref.shape != (len(BLUR),) or not torch.equal(ref.load().float(), torch.tensor(BLUR)):
        raise FormatError(f"its blur {name} is none of 1, 2, 1", "It would be drawn wrongly.")


def _take(state: Account[TensorRef], name: str, dimensions: int) -> TensorRef:
    ref = state.take(name)
    if len(ref.shape) != dimensions or 0 in ref.shape:
        raise FormatError(f"the tensor {name} has the shape {list(ref.shape)}")
    return ref


def _with_mean(bias: TensorRef, factors: TensorRef) -> TensorRef:
    """A bias with the mean of the noise that goes through `factors`."""
    return bias.changed(bias.shape, lambda value: value + factors.load().flatten() / 2)


def _noise(side: int, whole: int) -> TensorRef:
    """Drawn when the network is built, once its size is known to be possible."""

    def load() -> Tensor:
        return own_noise(whole)[:side, :side].contiguous()

    return TensorRef((side, side), torch.float32, load, in_file=False)


LAYOUT: Final = Layout("lucidrains StyleGAN2 checkpoint", 40, recognises, read)
