"""A tiny DCGAN (Radford et al. 2016) with random weights: z is w, in one row.

It has neither a w_avg nor noise inputs, and its regularisers are none.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from common.precision import Precision
from networks.base import Discriminator, Generator, Layer, NoiseInput, Stage, State, Tap, no_tap
from networks.families import Family
from networks.training_traits import TrainingTraits


class Up(Stage):
    """z as a picture of one pixel, or features, to twice the resolution (from 1 to 4 pixels)."""

    def __init__(self, inputs: int, outputs: int, resolution: int, last: bool) -> None:
        super().__init__()
        self.first, self.last = resolution == 4, last
        stride, padding = (1, 0) if self.first else (2, 1)
        self.conv = nn.ConvTranspose2d(inputs, outputs, 4, stride, padding)
        row = 0 if self.first else None
        self.layers = (Layer(f"up{resolution}", resolution, outputs, row=row),)
        self.rows = range(int(self.first))

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        x = ws[:, 0, :, None, None] if self.first else state.x
        x = self.conv(x)
        x = tap(self.layers[0].name, x.tanh() if self.last else x.relu())
        return State(None, x) if self.last else State(x, None)


class TinyDCGAN(Generator):
    """Pictures of 16x16 pixels from 5 numbers."""

    family = "tiny-dcgan"
    num_ws = 1

    def __init__(
        self,
        c_dim: int = 0,
        img_resolution: int = 16,
        img_channels: int = 3,
        z_dim: int = 5,
        channels: int = 4,
    ) -> None:
        super().__init__()
        self.config = {"img_resolution": img_resolution, "z_dim": z_dim, "channels": channels}
        self.z_dim = self.w_dim = z_dim
        self.c_dim, self.resolution, self.img_channels = c_dim, img_resolution, img_channels
        sizes = [4 << i for i in range(img_resolution.bit_length() - 2)]
        widths = [z_dim, *[channels] * (len(sizes) - 1), img_channels]
        self.ups = nn.ModuleList(
            Up(widths[i], widths[i + 1], size, last=size == sizes[-1])
            for i, size in enumerate(sizes)
        )

    @property
    def stages(self) -> list[Stage]:
        return list(self.ups)

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return z

    def set_precision(self, precision: Precision) -> None:
        """Everything is computed in float32."""


class TinyDiscriminator(Discriminator):
    """A convolution that looks at all pixels at once."""

    family = "tiny-dcgan"

    def __init__(self, c_dim: int = 0, img_resolution: int = 16, img_channels: int = 3) -> None:
        super().__init__()
        self.config = {"img_resolution": img_resolution}
        self.c_dim, self.resolution, self.img_channels = c_dim, img_resolution, img_channels
        self.conv = nn.Conv2d(img_channels, 1, img_resolution)

    def set_precision(self, precision: Precision) -> None:
        """Everything is computed in float32."""

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        return self.conv(img).flatten(1)


FAMILY: Final = Family(
    generator=TinyDCGAN,
    discriminator=TinyDiscriminator,
    training=TrainingTraits(intervals={"Gmain": 2, "Dmain": 1}),
)


def tiny_dcgan(seed: int = 0) -> TinyDCGAN:
    """The same weights for the same seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return TinyDCGAN().eval().requires_grad_(False)
