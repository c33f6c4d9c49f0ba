"""rosinality's StyleGAN (2019) (`style-based-gan-pytorch`): `train_step-6.model`, `010000.model`.

A file holds all levels from 4 to 1024 pixels a side, of which training has reached some. Weights of
layers that are not followed by a rectifier are scaled as if they were; noise is drawn for every
picture, and there is no w_avg.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from math import prod, sqrt
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, Layout
from networks.formats.layouts.rosinality_stylegan2 import W_AVG_SAMPLES, compute_w_avg

_INPUT: Final = "generator.progression.0.conv1.input"
_BLUR: Final = r"(generator\.)?progression\.\d+\.conv[12]\.\d\.weight(_flip)?"
_TAPS: Final = (1.0, 2.0, 1.0)
_STYLE: Final = r"style\.(\d+)\.linear\.(weight_orig|bias)"

Refs = dict[str, TensorRef]


def recognises(names: Collection[str]) -> bool:
    """A generator of that code, with its mapping network, or a discriminator."""
    return _INPUT in names or "progression.0.conv1.0.conv.weight_orig" in names


def read(found: Found) -> NetworkData:
    """A network by our names. Raises FormatError for any tensor that is not known."""
    state = found.tensors
    found.require_table()
    return _generator(state, found.path) if _INPUT in state else _discriminator(state)


def _generator(state: Account[TensorRef], path: str) -> NetworkData:
    refs: Refs = dict(_mapping(state))
    depth = sum(name.endswith(".weight") for name in refs)
    if not depth:
        raise FormatError("the tensor style.1.linear.weight_orig is missing")
    width, z_dim = refs["mapping.fc0.weight"].shape
    w_dim = refs[f"mapping.fc{depth - 1}.weight"].shape[0]
    refs["mapping.w_avg"] = TensorRef.computed(torch.zeros(w_dim))
    levels = [_Level(state, index) for index in range(_count(state))]
    if not 1 <= len(levels) <= 9:
        raise FormatError(f"it has {len(levels)} levels, not 1 to 9")
    _check_blur(state)
    trained = max((level.index for level in levels if level.is_trained()), default=0)
    for level in levels:
        own = dict(level.tensors())
        if level.index <= trained:
            refs |= own
    state.settle("a StyleGAN generator")
    size = 4 << trained
    notes = [f"w_avg is the mean of {W_AVG_SAMPLES} mapped latents; the file holds none"]
    notes.append("its noise is drawn anew; the file holds none")
    if trained + 1 < len(levels):
        notes.append(f"it is drawn with {size}×{size} pixels: levels above were not trained yet")
    if (said := _said_size(path)) is not None and said < size:
        notes.append(
            f"its name says that it was trained to {said}×{said} pixels: where finer details look "
            f"untrained, `convert --resolution {said}` writes it without them"
        )
    config: dict[str, Any] = {
        "z_dim": z_dim,
        "c_dim": 0,
        "w_dim": w_dim,
        "img_resolution": size,
        "img_channels": levels[0].img_channels,
        "mapping_layers": depth,
        # Its optimiser holds the slower rate of the mapping network, and not its weights.
        "mapping_lr_multiplier": 1.0,
        "layer_features": width if depth > 1 else None,
        "channels": [level.channels for level in levels[: trained + 1]],
        "norm_epsilon": 1e-5,
        "blur_filter": [*_TAPS],
        "bias_before_blur": True,
    }
    return NetworkData(
        "generator", "stylegan1", config, refs, "StyledGenerator", tuple(notes), compute_w_avg
    )


def _said_size(path: str) -> int | None:
    """Pixels a side at the training step after which a file is named; None where it is not."""
    named = re.fullmatch(r".*train_step-([0-8])", Path(path).stem)
    return None if named is None else 4 << int(named[1])


def _count(state: Account[TensorRef]) -> int:
    count = 0
    while f"generator.to_rgb.{count}.conv.weight_orig" in state:
        count += 1
    return count


def _mapping(state: Account[TensorRef]) -> Iterator[tuple[str, TensorRef]]:
    """The mapping network: layer and activation take turns, after the normalisation of z."""
    numbers = sorted({int(found[1]) for name in state if (found := re.fullmatch(_STYLE, name))})
    for index, number in enumerate(numbers):
        for theirs, ours, amount in (("weight_orig", "weight", 2), ("bias", "bias", 1)):
            name = f"style.{number}.linear.{theirs}"
            yield f"mapping.fc{index}.{ours}", _with_dimensions(state.take(name), name, amount)


def _check_blur(state: Account[TensorRef]) -> None:
    taps = torch.tensor(_TAPS)
    expected = torch.outer(taps, taps) / 16
    for name in [name for name in state if re.fullmatch(_BLUR, name)]:
        ref = state[name]
        if len(ref.shape) == 4 and ref.shape[1:] == (1, 3, 3):
            if not torch.allclose(ref.load().float(), expected.expand(ref.shape), atol=1e-4):
                raise FormatError(
                    f"its blur {name} is none of 1, 2, 1", "It would be drawn wrongly."
                )
            state.take(name)


class _Level:
    """The layers of one resolution."""

    def __init__(self, state: Account[TensorRef], index: int) -> None:
        self.index, self._state = index, state
        self._theirs = f"generator.progression.{index}"
        name = f"generator.to_rgb.{index}.conv.weight_orig"
        shape = _with_dimensions(state[name], name, 4).shape
        self.img_channels, self.channels = shape[0], shape[1]

    def is_trained(self) -> bool:
        """Whether training has reached it: the strengths of noise begin as zeros."""
        return bool(self._state.take(f"{self._theirs}.noise1.weight_orig").load().any())

    def tensors(self) -> Iterator[tuple[str, TensorRef]]:
        """All its tensors by our names."""
        ours, size = f"synthesis.b{4 << self.index}", 4 << self.index
        yield from self._input(f"{ours}.input")
        yield from self._convolution(f"{self._theirs}.conv2.conv", f"{ours}.conv1")
        rgb = f"generator.to_rgb.{self.index}.conv"
        yield from self._convolution(rgb, f"{ours}.colours.torgb", by=sqrt(2))
        for index in (0, 1):
            epilogue = f"{ours}.epilogue{index}"
            noise = self._take(f"{self._theirs}.noise{index + 1}.weight_orig", 4)
            yield (
                f"{epilogue}.noise_strength",
                noise.changed((self.channels,), lambda value: value * sqrt(2 / self.channels)),
            )
            yield f"{epilogue}.noise_const", _noise(2 * self.index + index, size)
            style = f"{self._theirs}.adain{index + 1}.style.linear"
            weight, bias = self._take(f"{style}.weight_orig", 2), self._take(f"{style}.bias", 1)
            yield (
                f"{epilogue}.affine.weight",
                weight.changed(weight.shape, lambda value: value * sqrt(2)),
            )
            yield f"{epilogue}.affine.bias", bias.changed(bias.shape, self._less_one)

    def _less_one(self, value: Tensor) -> Tensor:
        """Our scales are what is added to 1; the first half of a style are scales."""
        return torch.cat([value[: self.channels] - 1, value[self.channels :]])

    def _input(self, ours: str) -> Iterator[tuple[str, TensorRef]]:
        first, fused = f"{self._theirs}.conv1", f"{self._theirs}.conv1.0.weight"
        if self.index == 0:
            const = self._take(f"{first}.input", 4)
            yield f"{ours}.const", const.changed(const.shape[1:])
            yield f"{ours}.bias", TensorRef.computed(torch.zeros(self.channels))
        elif fused in self._state:
            # A transposed convolution whose taps are means of four, not sums; ours is not turned.
            kernel = self._take(fused, 4)
            inputs, outputs, *rest = kernel.shape
            yield (
                f"{ours}.weight",
                TensorRef(
                    (outputs, inputs, *rest),
                    kernel.dtype,
                    lambda: (kernel.load().transpose(0, 1).flip(2, 3) / 4).contiguous(),
                ),
            )
            yield f"{ours}.bias", self._take(f"{first}.0.bias", 1)
        else:
            yield from self._convolution(f"{first}.1.conv", ours)

    def _convolution(
        self, theirs: str, ours: str, by: float = 1
    ) -> Iterator[tuple[str, TensorRef]]:
        weight = self._take(f"{theirs}.weight_orig", 4)
        yield f"{ours}.weight", weight.changed(weight.shape, lambda value: value * by)
        yield f"{ours}.bias", self._take(f"{theirs}.bias", 1)

    def _take(self, name: str, amount: int) -> TensorRef:
        return _with_dimensions(self._state.take(name), name, amount)


def _discriminator(state: Account[TensorRef]) -> NetworkData:
    """A discriminator: its levels count from the picture on, and the last one is of 4 pixels."""
    count = 0
    while f"progression.{count}.conv1.0.conv.weight_orig" in state:
        count += 1
    if not 2 <= count <= 9:
        raise FormatError(f"it has {count} levels, not 2 to 9")
    _check_blur(state)
    activated = "from_rgb.0.0.conv.weight_orig" in state
    colours = ".0.conv" if activated else ".conv"
    refs: Refs = {}
    channels: list[int] = []
    img_channels = trained = 0

    def take(name: str, amount: int) -> TensorRef:
        return _with_dimensions(state.take(name), name, amount)

    for level in range(count):
        index, ours, own = count - 1 - level, f"b{4 << level}", dict[str, TensorRef]()
        rgb, theirs = f"from_rgb.{index}{colours}", f"progression.{index}"
        own["fromrgb.weight"] = take(f"{rgb}.weight_orig", 4)
        own["fromrgb.bias"] = take(f"{rgb}.bias", 1)
        width, img_channels = own["fromrgb.weight"].shape[:2]
        # Biases begin as zeros: training has reached every level whose colours have others.
        trained = level if own["fromrgb.bias"].load().any() else trained
        first, second = f"{theirs}.conv1.0.conv", f"{theirs}.conv2.{int(level > 0)}"
        suffix = "" if f"{second}.weight" in state else ".conv"
        weight = take(f"{second}{suffix}.weight{'_orig' if suffix else ''}", 4)
        bias = take(f"{second}{suffix}.bias", 1)
        names = ("conv0", "conv1") if level else ("conv", "fc")
        own[f"{names[0]}.weight"] = take(f"{first}.weight_orig", 4)
        own[f"{names[0]}.bias"] = take(f"{first}.bias", 1)
        outputs, *inputs = weight.shape
        flat = (outputs, prod(inputs))
        own[f"{names[1]}.weight"] = weight if level else weight.changed(flat)
        own[f"{names[1]}.bias"] = bias
        channels.append(width)
        if level <= trained:
            refs |= {f"{ours}.{name}": ref for name, ref in own.items()}
    out = take("linear.linear.weight_orig", 2)
    refs["b4.out.weight"] = out.changed(out.shape, lambda value: value * sqrt(2))
    refs["b4.out.bias"] = take("linear.linear.bias", 1)
    state.settle("a StyleGAN discriminator")
    config: dict[str, Any] = {
        "c_dim": 0,
        "img_resolution": 4 << trained,
        "img_channels": img_channels,
        "channels": channels[: trained + 1],
        "hidden": out.shape[1],
        "mbstd_group_size": None,
        "blur_filter": [*_TAPS],
        "widen_first": True,
        "activate_colours": activated,
    }
    return NetworkData("discriminator", "stylegan1", config, refs, "Discriminator")


def _with_dimensions(ref: TensorRef, name: str, amount: int) -> TensorRef:
    if len(ref.shape) != amount or 0 in ref.shape:
        raise FormatError(f"the tensor {name} has the shape {list(ref.shape)}")
    return ref


def _noise(seed: int, size: int) -> TensorRef:
    def load() -> Tensor:
        return torch.from_numpy(np.random.RandomState(seed).randn(size, size).astype(np.float32))

    return TensorRef((size, size), torch.float32, load, in_file=False)


LAYOUT: Final = Layout("rosinality StyleGAN (2019) checkpoint", 30, recognises, read)
