"""The generator of Progressive GAN (Karras et al. 2018, "PG", Table 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from torch import Tensor, nn

from networks.base import (
    Layer,
    NoiseInput,
    Stage,
    State,
    Style,
    Tap,
    UnmappedGenerator,
    no_tap,
    picture_of,
)
from networks.families.pggan.colours import Colours, GrowingBlock, grown_to, in_use
from networks.families.pggan.growth import channels_by_level, check_growth
from networks.families.pggan.layers import Conv, DenseInput, check_activation, normalize_pixels


class PGGANBlock(GrowingBlock):
    """All layers of one resolution. The first one begins with the latent, the others with twice
    the resolution of the one before."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        resolution: int,
        img_channels: int,
        *,
        act: str,
        normalize_latents: bool,
        pixel_norm: bool,
    ) -> None:
        super().__init__()
        self.name, self.first = f"b{resolution}", resolution == 4
        self.normalize_latents, self.pixel_norm = normalize_latents, pixel_norm
        if self.first:
            self.dense = DenseInput(inputs, outputs, act=act)
        else:
            self.conv0 = Conv(inputs, outputs, act=act, resample=1)
        self.conv1 = Conv(outputs, outputs, act=act)
        self.colours = Colours(self.name, outputs, img_channels, resolution)
        self.rows = range(int(self.first))
        self.features = (
            Layer(
                f"{self.name}.{'dense' if self.first else 'conv0'}",
                resolution,
                outputs,
                row=0 if self.first else None,
            ),
            Layer(f"{self.name}.conv1", resolution, outputs),
        )
        self.grow_to(0.0)

    def style_weights(self) -> Iterator[Style]:
        if self.first:
            yield Style(0, self.dense.matrix())

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        if self.first:
            z = ws[:, 0].to(self.dense.weight.dtype)
            x = self.dense(normalize_pixels(z) if self.normalize_latents else z)
        else:
            assert state.x is not None
            x = self.conv0(state.x)
        x = tap(self.features[0].name, self._normalized(x))
        x = tap(self.features[1].name, self._normalized(self.conv1(x)))
        return State(x, self.colours(x, state.img, tap))

    def _normalized(self, x: Tensor) -> Tensor:
        return normalize_pixels(x) if self.pixel_norm else x


class PGGANGenerator(UnmappedGenerator):
    """z, with the label behind it, becomes features of 4x4 pixels, then of twice as many a side
    until `img_resolution`. There is no mapping network: w is z (and the label) in one row.

    channels: of the layers of each resolution from 4 on; None follows from
        min(channel_base / resolution, channel_max).
    lod: how far the network has grown (`networks.families.pggan.growth`).
    normalize_latents: z is scaled to unit mean square first.
    pixel_norm: so are the features of every pixel, after each layer (PG, Section 4.2).
    Raises ValueError for what no such network has.
    """

    family = "pggan"

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        channels: Sequence[int] | None = None,
        channel_base: int = 8192,
        channel_max: int = 512,
        lod: float = 0.0,
        normalize_latents: bool = True,
        pixel_norm: bool = True,
        activation: str = "lrelu",
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_growth(img_resolution, lod)
        check_activation(activation)
        super().__init__()
        widths = channels_by_level(img_resolution, channels, channel_base, channel_max)
        self.config = {**config, "channels": channels and widths}
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, z_dim + c_dim
        self.resolution, self.img_channels = img_resolution, img_channels
        self.synthesis = nn.ModuleDict()
        for level, width in enumerate(widths):
            block = PGGANBlock(
                widths[level - 1] if level else self.w_dim,
                width,
                4 << level,
                img_channels,
                act=activation,
                normalize_latents=normalize_latents,
                pixel_norm=pixel_norm,
            )
            self.synthesis[block.name] = block
        self.grow_to(lod)

    def grow_to(self, lod: float) -> None:
        """Draw with the levels that are in use at `lod` from now on. Raises ValueError."""
        check_growth(self.resolution, lod)
        self.config["lod"] = lod
        blocks = cast("list[GrowingBlock]", list(self.synthesis.values()))
        self._stages = grown_to(lod, blocks, self.resolution, self.img_channels)

    @property
    def stages(self) -> Sequence[Stage]:
        return self._stages

    def render_in_use(self, ws: Tensor, noise: NoiseInput | None = None) -> Tensor:
        return picture_of(in_use(self._stages), ws, noise)
