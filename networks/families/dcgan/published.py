"""DCGAN as published, for pictures of any power of two (Radford et al. 2016, "DC", Figure 1).

The layer of each resolution has half as many channels as the one below it.
"""

from __future__ import annotations

from networks.families.dcgan.discriminator import DCGANDiscriminator
from networks.families.dcgan.generator import DCGANGenerator

_FIRST = 4  # pixels a side that z is projected to
_SMALLEST = 8  # pixels a side of the smallest pictures: a layer is needed above the first


def new_generator(
    c_dim: int,
    img_resolution: int,
    img_channels: int,
    z_dim: int = 100,
    channel_base: int = 4096,
    channel_max: int = 1024,
) -> DCGANGenerator:
    """z [N, z_dim] is projected to 4x4, and every further convolution doubles that.

    A layer has min(channel_base / resolution, channel_max) channels; as they are, 1024 at 4x4.
    Raises ValueError for a resolution that is no power of two from 8 on.
    """
    hidden = _widths(img_resolution, channel_base, channel_max)
    count = len(hidden)
    return DCGANGenerator(
        z_dim,
        c_dim,
        channels=[*hidden, img_channels],
        kernels=[4] * (count + 1),
        strides=[1] + [2] * count,
        paddings=[0] + [1] * count,
        extras=[0] * (count + 1),
        biases=[0] * (count + 1),
        norms=[1] * count + [0],
    )


def new_discriminator(
    c_dim: int,
    img_resolution: int,
    img_channels: int,
    channel_base: int = 4096,
    channel_max: int = 1024,
) -> DCGANDiscriminator:
    """The mirror image of `new_generator`, without batch normalisation in its first layer (DC,
    Section 3). Raises ValueError as that does."""
    widths = _widths(img_resolution, channel_base, channel_max)[::-1]
    norms = [0] + [1] * (len(widths) - 1)
    return DCGANDiscriminator(c_dim, img_resolution, img_channels, widths, norms)


def _widths(img_resolution: int, channel_base: int, channel_max: int) -> list[int]:
    """The channels at 4x4, 8x8 … and half of the resolution."""
    if img_resolution < _SMALLEST or img_resolution & (img_resolution - 1):
        raise ValueError(f"img_resolution is a power of two from 8 on, not {img_resolution}")
    count = img_resolution.bit_length() - 3
    return [max(min(channel_base // (_FIRST << i), channel_max), 1) for i in range(count)]
