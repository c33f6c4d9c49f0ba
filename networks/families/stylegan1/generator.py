"""The generator of StyleGAN (Karras et al. 2019, "SG", Figure 1b)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from networks.base import Generator, NoiseInput, Stage, picture_of
from networks.families.pggan.colours import GrowingBlock, grown_to, in_use
from networks.families.pggan.growth import channels_by_level, check_growth, levels_in_use
from networks.families.pggan.layers import check_activation
from networks.families.stylegan1.mapping import Mapping
from networks.families.stylegan1.synthesis import Block, LayerPlan


class StyleGAN1Generator(Generator):
    """Mapping network and synthesis blocks of 4², 8² … img_resolution² pixels, two rows of w each.

    channels: of the layers of each resolution from 4 on; None follows from
        min(channel_base / resolution, channel_max).
    lod: how far the network has grown (`networks.families.pggan.growth`).
    normalize_latents: z is scaled to unit mean square first, with the embedded label.
    constant_input: the first layer is learnt; otherwise it is made of w ("traditional input").
    use_noise … bias_before_blur: as in `LayerPlan`. Without styles there is one row of w, which
        only a traditional input reads.
    Raises ValueError for what no such network has.
    """

    family = "stylegan1"

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        mapping_layers: int = 8,
        mapping_lr_multiplier: float = 0.01,
        layer_features: int | None = None,
        channels: Sequence[int] | None = None,
        channel_base: int = 16384,
        channel_max: int = 512,
        lod: float = 0.0,
        normalize_latents: bool = True,
        constant_input: bool = True,
        activation: str = "lrelu",
        mapping_activation: str = "lrelu",
        use_noise: bool = True,
        use_styles: bool = True,
        pixel_norm: bool = False,
        instance_norm: bool = True,
        norm_epsilon: float = 1e-8,
        blur_filter: Sequence[float] = (1, 2, 1),
        w_avg_beta: float = 0.995,
        bias_before_blur: bool = False,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_growth(img_resolution, lod)
        check_activation(activation)
        check_activation(mapping_activation)
        if len(blur_filter) % 2 == 0 and blur_filter:
            raise ValueError(f"a blur has an odd number of taps, not {len(blur_filter)}")
        super().__init__()
        widths = channels_by_level(img_resolution, channels, channel_base, channel_max)
        taps = tuple(float(tap) for tap in blur_filter)
        self.config = {**config, "channels": channels and widths, "blur_filter": list(taps)}
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.resolution, self.img_channels = img_resolution, img_channels
        self.use_styles = use_styles
        self.mapping = Mapping(
            z_dim,
            c_dim,
            w_dim,
            layers=mapping_layers,
            layer_features=layer_features or w_dim,
            act=mapping_activation,
            lr=mapping_lr_multiplier,
            normalize_latents=normalize_latents,
            w_avg_beta=w_avg_beta,
        )
        plan = LayerPlan(
            act=activation,
            use_noise=use_noise,
            pixel_norm=pixel_norm,
            instance_norm=instance_norm,
            norm_epsilon=norm_epsilon,
            use_styles=use_styles,
            blur_filter=taps,
            bias_before_blur=bias_before_blur,
        )
        self.synthesis = nn.ModuleDict()
        for level, width in enumerate(widths):
            block = Block(
                widths[level - 1] if level else 0,
                width,
                w_dim,
                4 << level,
                img_channels,
                first_row=2 * level,
                constant_input=constant_input,
                plan=plan,
            )
            self.synthesis[block.name] = block
        self.grow_to(lod)

    def grow_to(self, lod: float) -> None:
        """Draw with the levels that are in use at `lod` from now on: `num_ws` follows.

        Raises ValueError for a lod that the network does not have.
        """
        check_growth(self.resolution, lod)
        self.config["lod"] = lod
        blocks = cast("list[GrowingBlock]", list(self.synthesis.values()))
        self._stages = grown_to(lod, blocks, self.resolution, self.img_channels)
        self.num_ws = 2 * levels_in_use(self.resolution, lod) if self.use_styles else 1

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.w_avg

    @property
    def stages(self) -> Sequence[Stage]:
        return self._stages

    def render_in_use(self, ws: Tensor, noise: NoiseInput | None = None) -> Tensor:
        return picture_of(in_use(self._stages), ws, noise)

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.mapping(z, c))

    def update_w_avg(self, w: Tensor) -> None:
        """Move w_avg towards the mean of w [N, w_dim]; training calls it with every batch."""
        self.mapping.update_w_avg(w)
