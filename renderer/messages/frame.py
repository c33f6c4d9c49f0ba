"""What is known about a picture besides its pixels."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct


class StatsSpec(Struct, frozen=True):
    """Asks for statistics of a layer; sent only while somebody looks at them.

    layer: its name.
    channel: the one to measure besides all of them.
    bins: of the histograms.
    """

    layer: str
    channel: int = 0
    bins: int = 64


class Histogram(Struct, frozen=True):
    """How often values occur.

    low, high: the ends of the first and the last bin.
    counts: values in each of the equally wide bins.
    """

    low: float
    high: float
    counts: tuple[int, ...]


class ChannelStats(Struct, frozen=True):
    """Statistics of a set of activations.

    mean, std: of the finite ones.
    low, high: the smallest and the largest.
    histogram: between those two.
    """

    mean: float
    std: float
    low: float
    high: float
    histogram: Histogram


class LayerStats(Struct, frozen=True):
    """Statistics of one layer.

    layer: its name.
    shape: of its output, [1, channels, height, width].
    dtype: of its output.
    all: of all channels.
    channel: the selected one.
    selected: of that channel.
    """

    layer: str
    shape: tuple[int, ...]
    dtype: str
    all: ChannelStats
    channel: int
    selected: ChannelStats


class AtlasLayout(Struct, frozen=True):
    """Where the cells lie in a picture made of several, row by row.

    channels: how many cells there are.
    columns, rows: of the grid.
    cell: pixels from one cell to the next, in both directions.
    """

    channels: int
    columns: int
    rows: int
    cell: int


class Verdict(Struct, frozen=True):
    """What the discriminator says of a picture: its raw output (logit), higher is more real.

    clean: of the picture as it is.
    draws: of each augmented one, in the order shown.
    p: what was applied, 0…1.
    run_p: what the snapshot's augmentation pipeline holds, None where it holds none.
    transforms: what is switched on, by the published names.
    assumed: they are not the snapshot's own, because it holds no pipeline.
    """

    clean: float
    draws: tuple[float, ...]
    p: float
    run_p: float | None = None
    transforms: tuple[str, ...] = ()
    assumed: bool = False


class Draft(Struct, frozen=True):
    """How a picture was made in a hurry; the exact one follows.

    resolution: of the stage of the network that it was taken from, in pixels a side.
    precision: what its features were computed in.
    jpeg: the quality of the JPEG as which it came over a slow line; 0 where it came as it was made.
    """

    resolution: int
    precision: str
    jpeg: int = 0


class FrameInfo(Struct, frozen=True):
    """Facts about one picture.

    timings: milliseconds of each stage, by its name.
    device: what it was computed on.
    precision: of the top resolutions.
    threads: of the CPU.
    reused_stages, total_stages: how many stages of the network were kept from before, of how many.
    memory_bytes: of the renderer process.
    device_bytes: of the device, in use.
    cache_bytes: kept for the next pictures.
    stats: where they were asked for.
    atlas: where the picture is made of cells.
    verdict: where the discriminator was asked.
    noise_maps: the layers whose noise is the one that was saved with the latent (of a projection).
    draft: of a picture that is not yet exact, None of one that is.
    transparent: the picture has an alpha of its own; everywhere else it is 255.
    latents: how many there are in the file that the latent was read from, 0 where it is from none.
    """

    timings: dict[str, float]
    device: str
    precision: str
    threads: int
    reused_stages: int = 0
    total_stages: int = 0
    memory_bytes: int = 0
    device_bytes: int = 0
    cache_bytes: int = 0
    stats: LayerStats | None = None
    atlas: AtlasLayout | None = None
    verdict: Verdict | None = None
    noise_maps: tuple[str, ...] = ()
    draft: Draft | None = None
    transparent: bool = False
    latents: int = 0


class Drawn(Protocol):
    """A finished picture."""

    @property
    def pixels(self) -> npt.NDArray[np.uint8]:
        """[height, width, 4], rows top down."""

    @property
    def info(self) -> FrameInfo:
        """What is known besides the pixels."""
