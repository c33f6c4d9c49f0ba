"""The generator of StyleGAN-XL (Sauer et al. 2022, "XL")."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from torch import nn

from networks.families.stylegan3.generator import FilteredGenerator
from networks.families.stylegan3.input import FourierInput
from networks.families.stylegan3.layers import FilteredLayer
from networks.families.styleganxl.mapping import ClassMapping
from networks.families.styleganxl.stack import Stack


class StyleGANXLGenerator(FilteredGenerator):
    """A mapping network that knows classes, Fourier features, and layers of StyleGAN3 in a stack.

    class_features: how much a class is known by before training (`ClassEmbedding`).
    stack: all that `Stack` is told.
    The rest as in StyleGAN3Generator.
    Raises ValueError for what no network has.
    """

    family = "styleganxl"

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        class_features: int = 320,
        mapping_layers: int = 2,
        mapping_lr_multiplier: float = 0.01,
        w_avg_beta: float = 0.998,
        output_scale: float = 0.25,
        **stack: Any,
    ) -> None:
        layers = Stack(**stack)
        plans = layers.plans
        if not isfinite(output_scale):
            raise ValueError(f"output_scale is a number, not {output_scale}")
        super().__init__()
        self.config = {
            "z_dim": z_dim,
            "c_dim": c_dim,
            "w_dim": w_dim,
            "class_features": class_features,
            "mapping_layers": mapping_layers,
            "mapping_lr_multiplier": mapping_lr_multiplier,
            "w_avg_beta": w_avg_beta,
            "output_scale": output_scale,
            **{key: [*v] if isinstance(v, Sequence) else v for key, v in stack.items()},
        }
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.resolution, self.img_channels = plans[-1].after.size, plans[-1].after.channels
        self.mapping = ClassMapping(
            z_dim,
            c_dim,
            w_dim,
            layers=mapping_layers,
            lr=mapping_lr_multiplier,
            w_avg_beta=w_avg_beta,
            class_features=class_features,
        )
        self.plans = tuple(plans)
        self.synthesis = nn.ModuleDict({"input": FourierInput(w_dim, layers.signals[0])})
        for row, (plan, clamp) in enumerate(zip(plans, layers.clamps, strict=True), 1):
            self.synthesis[plan.name] = FilteredLayer(
                plan, w_dim, row, clamp=clamp or None, output_scale=output_scale
            )
        self.num_ws = len(self.synthesis)
