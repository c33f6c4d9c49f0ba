"""The layers of StyleGAN-XL: a stem, and heads on it that each multiply the resolution.

A head takes the place of the critically sampled layers below it, and continues their bands (Sauer
et al. 2022, "XL", Section 3.3). So the layers of a whole stack follow from no few numbers, as those
of StyleGAN3 do, and their bands are told one by one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from networks.families.stylegan3.plan import MOST_TAPS, Bands, LayerPlan, between

MOST_SIZE: Final = 1 << 13
"""Samples a side."""


@dataclass(frozen=True)
class Stack:
    """What all layers are told.

    rates, sizes, cutoffs, half_widths, channels: of the signals (`Bands`): of the input, and of the
        output of every layer, the last of which makes the picture.
    numbers: of the layers, by which files call them; those of layers that were cut off are missing.
    kernels: pixels a side of the convolution of each layer.
    critical: whether it fills the band up to the Nyquist frequency (0 or 1).
    radial: whether its filter after the activation is radial.
    half: whether it was trained with features in float16.
    clamps: its features are clamped to ± this; 0: not at all. Stems and heads may differ in it.
    filter_size, lrelu_upsampling: as in StyleGAN3's `Settings`.
    Raises ValueError for what no network has.
    """

    rates: Sequence[int]
    sizes: Sequence[int]
    cutoffs: Sequence[float]
    half_widths: Sequence[float]
    channels: Sequence[int]
    numbers: Sequence[int]
    kernels: Sequence[int]
    critical: Sequence[int]
    radial: Sequence[int]
    half: Sequence[int]
    clamps: Sequence[float]
    filter_size: int = 6
    lrelu_upsampling: int = 2

    def __post_init__(self) -> None:
        for name, low, high in (
            ("rates", 1, MOST_SIZE),
            ("sizes", 1, MOST_SIZE),
            ("channels", 1, 1 << 16),
            ("numbers", 0, 1 << 10),
            ("kernels", 1, 15),
            ("critical", 0, 1),
            ("radial", 0, 1),
            ("half", 0, 1),
        ):
            for value in getattr(self, name):
                _whole(name, value, low, high)
        _whole("filter_size", self.filter_size, 1, 64)
        _whole("lrelu_upsampling", self.lrelu_upsampling, 1, 8)
        bands = (self.rates, self.sizes, self.cutoffs, self.half_widths, self.channels)
        layers = (self.kernels, self.critical, self.radial, self.half, self.clamps)
        count = len(self.numbers)
        if count < 1 or any(len(each) != count for each in layers):
            raise ValueError("every layer has its number, kernel and the rest")
        if any(len(each) != count + 1 for each in bands):
            raise ValueError("every layer has its rate, size and the rest, and so has the input")
        for rate, cutoff, width in zip(self.rates, self.cutoffs, self.half_widths, strict=True):
            if type(cutoff) not in (int, float) or not 0 < cutoff <= rate / 2:
                raise ValueError(f"cutoffs are above 0 and at most half the rate, not {cutoff}")
            if type(width) not in (int, float) or not 0 < width < math.inf:
                raise ValueError(f"half_widths are above 0, not {width}")
        for clamp in self.clamps:
            if type(clamp) not in (int, float) or not 0 <= clamp < math.inf:
                raise ValueError(f"clamps are above 0, or 0 where there is none, not {clamp}")
        if self.cutoffs[0] == self.rates[0] / 2:
            raise ValueError("the band of the input has nothing above it")

    @property
    def signals(self) -> list[Bands]:
        """The input's, and the output of every layer."""
        rows = (self.rates, self.sizes, self.cutoffs, self.half_widths, self.channels)
        return [Bands(*row) for row in zip(*rows, strict=True)]

    @property
    def plans(self) -> list[LayerPlan]:
        """Every layer. Raises ValueError for filters without end."""
        signals, last = self.signals, len(self.numbers) - 1
        layers = [
            between(
                number,
                signals[i],
                signals[i + 1],
                kernel=self.kernels[i],
                colours=i == last,
                critical=bool(self.critical[i]),
                half=bool(self.half[i]),
                radial=bool(self.radial[i]),
                filter_size=self.filter_size,
                lrelu_upsampling=self.lrelu_upsampling,
            )
            for i, number in enumerate(self.numbers)
        ]
        for layer in layers:
            if layer.between % layer.before.rate or layer.between % layer.after.rate:
                raise ValueError(f"{layer.name} resamples by no whole number")
            if max(layer.up_taps, layer.down_taps) > MOST_TAPS:
                raise ValueError(f"the filters of {layer.name} have more than {MOST_TAPS} taps")
        colours = layers[-1]
        if colours.kernel != 1 or colours.padding != (0, 0, 0, 0) or colours.up * colours.down != 1:
            raise ValueError("the layer that makes colours does more than that")
        if len({layer.name for layer in layers}) != len(layers):
            raise ValueError("two of its layers have the same name")
        return layers


def _whole(name: str, value: Any, low: int, high: int) -> None:
    # A Boolean is an int to Python, and no count.
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} are whole numbers from {low} to {high}, not {value}")
