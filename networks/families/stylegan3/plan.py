"""From the settings of a StyleGAN3 network to what each of its layers does.

The pass band of the layers widens geometrically from the input to the picture, and with it the
sampling rate, in powers of two (Karras et al. 2021, Sections 3.2 and 3.3, Appendix C.2). Lengths
are in pictures: a rate is samples, and a frequency periods, per side of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Final

MOST_LAYERS: Final = 128
MOST_TAPS: Final = 256
MOST_MARGIN: Final = 256


@dataclass(frozen=True)
class Bands:
    """A signal between two layers.

    rate: samples per side of the picture. size: samples a side, with the margin around it.
    cutoff: where its pass band ends. half_width: of the transition band that follows.
    channels: of the signal.
    """

    rate: int
    size: int
    cutoff: float
    half_width: float
    channels: int


@dataclass(frozen=True)
class LayerPlan:
    """A layer.

    name: as files call it: number, size and channels of its output.
    before, after: the signal that it takes, and the one that it gives.
    kernel: pixels a side of its convolution.
    colours: it is the last one, which makes the picture: neither resampling nor activation.
    critical: its output fills the band up to the Nyquist frequency.
    half: it was trained with features in float16.
    up, down: by how much it resamples before and after the activation, from and to `between`.
    between: the sampling rate of the activation.
    up_taps, down_taps: how long its filters are; 1 where there is none.
    radial: the filter after the activation is radially symmetric.
    padding: samples around the upsampled signal: left, right, top, bottom.
    """

    name: str
    before: Bands
    after: Bands
    kernel: int
    colours: bool
    critical: bool
    half: bool
    up: int
    down: int
    between: int
    up_taps: int
    down_taps: int
    radial: bool
    padding: tuple[int, int, int, int]


@dataclass(frozen=True)
class Settings:
    """What the constructor of a network is told of its layers.

    img_resolution, img_channels: of the picture.
    num_layers: without the one that makes the picture.
    num_critical: so many of the last layers fill the band up to the Nyquist frequency.
    first_cutoff, first_stopband: of the input's pass band; and where its stop band begins.
    last_stopband_rel: where that of the picture begins, as a multiple of its cutoff.
    margin_size: samples around the picture, so that it has no edge to hold on to.
    channel_base, channel_max: a layer has channel_base / (2 · cutoff) channels, or the most.
    conv_kernel: 3 in the configuration T, 1 in R.
    filter_size: taps of a filter per sample of the lower of its two rates.
    lrelu_upsampling: the activation's rate as a multiple of the larger one around it.
    use_radial_filters: the filters after activations are radial where the layer is not critical.
    num_fp16_res: layers of so many highest rates were trained with features in float16.
    Raises ValueError for what no network has.
    """

    img_resolution: int
    img_channels: int = 3
    num_layers: int = 14
    num_critical: int = 2
    first_cutoff: float = 2.0
    first_stopband: float = 2**2.1
    last_stopband_rel: float = 2**0.3
    margin_size: int = 10
    channel_base: int = 32768
    channel_max: int = 512
    conv_kernel: int = 3
    filter_size: int = 6
    lrelu_upsampling: int = 2
    use_radial_filters: bool = False
    num_fp16_res: int = 4

    def __post_init__(self) -> None:
        for name, low, high in (
            ("img_resolution", 4, 1 << 13),
            ("img_channels", 1, 1 << 12),
            ("num_layers", 1, MOST_LAYERS),
            ("num_critical", 0, self.num_layers - 1),
            ("margin_size", 0, MOST_MARGIN),
            ("channel_base", 1, 1 << 24),
            ("channel_max", 1, 1 << 16),
            ("conv_kernel", 1, 15),
            ("filter_size", 1, 64),
            ("lrelu_upsampling", 1, 8),
            ("num_fp16_res", 0, 64),
        ):
            value = getattr(self, name)
            # A Boolean is an int to Python, and no count.
            if type(value) is not int or not low <= value <= high:
                raise ValueError(f"{name} is a whole number from {low} to {high}, not {value}")
        if self.img_resolution & (self.img_resolution - 1):
            raise ValueError(f"img_resolution is a power of two, not {self.img_resolution}")
        for name in ("first_cutoff", "first_stopband", "last_stopband_rel"):
            value = getattr(self, name)
            if type(value) not in (int, float) or not math.isfinite(value):
                raise ValueError(f"{name} is a number, not {value}")
        if type(self.use_radial_filters) is not bool:
            raise ValueError(f"use_radial_filters is yes or no, not {self.use_radial_filters}")
        last = self.img_resolution / 2
        if not 0 < self.first_cutoff <= last:
            raise ValueError(f"first_cutoff is above 0 and at most {last}, not {self.first_cutoff}")
        if not 1 <= self.last_stopband_rel <= 64:
            raise ValueError(f"last_stopband_rel is 1 to 64, not {self.last_stopband_rel}")
        if not max(1.0, self.first_cutoff) <= self.first_stopband <= last * self.last_stopband_rel:
            raise ValueError(f"first_stopband, {self.first_stopband}, is outside of the bands")


SETTINGS: Final = tuple(field.name for field in fields(Settings))
"""The names of all settings."""


def bands(settings: Settings) -> list[Bands]:
    """The signals after the input (number 0) and after every layer but the one of colours."""
    s = settings
    last = s.img_resolution / 2
    wider, stop_wider = (
        last / s.first_cutoff,
        last * s.last_stopband_rel / s.first_stopband,
    )
    found = []
    for i in range(s.num_layers + 1):
        part = min(i / (s.num_layers - s.num_critical), 1.0)
        cutoff, stop = s.first_cutoff * wider**part, s.first_stopband * stop_wider**part
        rate = 1 << math.ceil(math.log2(min(2 * stop, s.img_resolution)))
        channels = max(1, round(min(s.channel_base / 2 / cutoff, s.channel_max)))
        # The last two have nothing around them: the picture is cut out before colours are made.
        size = s.img_resolution if i >= s.num_layers - 1 else rate + 2 * s.margin_size
        found.append(Bands(rate, size, cutoff, max(stop, rate / 2) - cutoff, channels))
    return found


def plan(settings: Settings) -> list[LayerPlan]:
    """Every layer, from the input to the picture. Raises ValueError for filters without end."""
    signals = bands(settings)
    layers = [
        _layer(settings, i, signals[max(i - 1, 0)], signals[i])
        for i in range(settings.num_layers + 1)
    ]
    longest = max(max(layer.up_taps, layer.down_taps) for layer in layers)
    if longest > MOST_TAPS:
        raise ValueError(f"its filters have up to {longest} taps, more than {MOST_TAPS}")
    return layers


def _layer(settings: Settings, index: int, before: Bands, after: Bands) -> LayerPlan:
    s = settings
    colours, critical = index == s.num_layers, index >= s.num_layers - s.num_critical
    return between(
        index,
        before,
        replace(after, channels=s.img_channels) if colours else after,
        kernel=1 if colours else s.conv_kernel,
        colours=colours,
        critical=critical,
        half=after.rate << s.num_fp16_res > s.img_resolution,
        radial=s.use_radial_filters and not critical,
        filter_size=s.filter_size,
        lrelu_upsampling=s.lrelu_upsampling,
    )


def between(
    number: int,
    before: Bands,
    after: Bands,
    *,
    kernel: int,
    colours: bool,
    critical: bool,
    half: bool,
    radial: bool,
    filter_size: int,
    lrelu_upsampling: int,
) -> LayerPlan:
    """The layer that makes the signal `after` of the signal `before`.

    number: by which files call it. The rest as in LayerPlan and Settings.
    """
    rate = max(before.rate, after.rate) * (1 if colours else lrelu_upsampling)
    up, down = rate // before.rate, rate // after.rate
    up_taps = filter_size * up if up > 1 and not colours else 1
    down_taps = filter_size * down if down > 1 and not colours else 1
    # What has to be there before the filters shorten it, less what the convolution gives: it
    # is fed with kernel - 1 zeros on every side.
    needed = (after.size - 1) * down + up_taps + down_taps - 1
    missing = needed - (before.size + kernel - 1) * up
    low = (missing + up) // 2
    return LayerPlan(
        name=f"L{number}_{after.size}_{after.channels}",
        before=before,
        after=after,
        kernel=kernel,
        colours=colours,
        critical=critical,
        half=half,
        up=up,
        down=down,
        between=rate,
        up_taps=up_taps,
        down_taps=down_taps,
        radial=radial,
        padding=(low, missing - low, low, missing - low),
    )
