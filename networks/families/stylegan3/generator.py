"""The StyleGAN3 generator, as in "Alias-Free Generative Adversarial Networks" (Karras et al. 2021).
Tensor names are those of its snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, cast

from torch import Tensor, nn

from common.precision import Precision
from networks.base import Generator, Stage
from networks.families.stylegan2.layers import Mapping
from networks.families.stylegan3.input import FourierInput
from networks.families.stylegan3.layers import FilteredLayer
from networks.families.stylegan3.plan import LayerPlan, Settings, bands, plan


class FilteredGenerator(Generator):
    """What StyleGAN3 and StyleGAN-XL have in common: layers that alias nothing, in a row.

    mapping: from z to w. synthesis: the input and the layers, in order, by their names.
    """

    transforms = True
    mapping: Mapping
    synthesis: nn.ModuleDict

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.w_avg

    @property
    def stages(self) -> Sequence[Stage]:
        return cast("list[Stage]", list(self.synthesis.values()))

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.mapping(z, c))

    def set_precision(self, precision: Precision) -> None:
        for layer in self.synthesis.values():
            if isinstance(layer, FilteredLayer):
                layer.half_now = precision == "float16" and layer.half_by_default


class StyleGAN3Generator(FilteredGenerator):
    """Mapping network, Fourier features, and layers that alias nothing.

    The defaults are configuration T; R has conv_kernel 1, radial filters and twice the channels.
    layers: the settings of layers, all of `Settings` but the picture's size and channels.
    output_scale: of the picture. conv_clamp: features are clamped to ± this, None: not at all.
    magnitude_ema_beta: how slowly training follows the magnitudes of features.
    Raises ValueError for what no network has.
    """

    family = "stylegan3"

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        mapping_layers: int = 2,
        mapping_lr_multiplier: float = 0.01,
        w_avg_beta: float = 0.998,
        output_scale: float = 0.25,
        conv_clamp: float | None = 256,
        magnitude_ema_beta: float = 0.999,
        **layers: Any,
    ) -> None:
        config = {
            "z_dim": z_dim,
            "c_dim": c_dim,
            "w_dim": w_dim,
            "img_resolution": img_resolution,
            "img_channels": img_channels,
            "mapping_layers": mapping_layers,
            "mapping_lr_multiplier": mapping_lr_multiplier,
            "w_avg_beta": w_avg_beta,
            "output_scale": output_scale,
            "conv_clamp": conv_clamp,
            "magnitude_ema_beta": magnitude_ema_beta,
        }
        settings = Settings(img_resolution, img_channels, **layers)
        if conv_clamp is not None and not conv_clamp > 0:
            raise ValueError(f"conv_clamp is above 0, not {conv_clamp}")
        if not isfinite(output_scale):
            raise ValueError(f"output_scale is a number, not {output_scale}")
        super().__init__()
        self.config = {**config, **layers}
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.resolution, self.img_channels = img_resolution, img_channels
        self.mapping = Mapping(
            z_dim,
            c_dim,
            w_dim,
            layers=mapping_layers,
            lr=mapping_lr_multiplier,
            w_avg_beta=w_avg_beta,
        )
        self.plans: tuple[LayerPlan, ...] = tuple(plan(settings))
        self.synthesis = nn.ModuleDict({"input": FourierInput(w_dim, bands(settings)[0])})
        for row, layer in enumerate(self.plans, 1):
            self.synthesis[layer.name] = FilteredLayer(
                layer, w_dim, row, clamp=conv_clamp, output_scale=output_scale
            )
        self.num_ws = len(self.synthesis)

    def update_w_avg(self, w: Tensor) -> None:
        self.mapping.update_w_avg(w)
