"""Families of generators by the names of their tensors: to name what cannot be drawn."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from networks.formats.layouts.styleganxl import recognises as is_styleganxl

_SIGNS: Final = (
    ("StyleGAN-XL", r"mapping\.embed_proj\.weight"),
    ("StyleGAN3", r"synthesis\.input\.freqs"),
    ("SWAGAN", r"(.*\.)?iwt\.ll"),
    ("rosinality StyleGAN (2019)", r"(generator\.)?progression\.0\..*"),
    ("lucidrains StyleGAN2", r"(G\.|GE\.)?(initial_block|blocks\.0\.to_style1\.weight)"),
    ("a discriminator of lucidrains' StyleGAN2", r"(D\.)?blocks\.0\.conv_res\.weight"),
    ("R3GAN", r"(Model\.)?MainLayers\.0\..*"),
    ("DCGAN", r"main\.0\.weight"),
    ("BigGAN", r"(blocks|GBlocks|layers)\.0\.(0\.)?(bn1|bn_0|cbn1|hyper_bn1)\..*"),
    ("StyleGAN2", r"synthesis\.b4\.conv1\.weight"),
    ("discriminator of StyleGAN2", r"b4\.out\.weight"),
    ("diffusion (UNet)", r"(.*\.)?(time_embed|time_embedding)\..*"),
)
"""A family, and a tensor that only its networks have."""
_NEEDED: Final = {
    "R3GAN": "MainLayers.0.Layers.0.Basis",
    "rosinality StyleGAN (2019)": "generator.progression.0.conv1.input",
    "lucidrains StyleGAN2": "G.blocks.0.to_style1.weight",
    "DCGAN": "main.1.running_mean",
}
"""Families that can be drawn, and a tensor without which none of their networks is known."""


def family_of(names: Collection[str]) -> str | None:
    """The family of a network whose tensors have these names; None where it is unknown."""
    if is_styleganxl(names):
        return "StyleGAN-XL"
    for family, pattern in _SIGNS:
        if any(re.fullmatch(pattern, name) for name in names):
            return family
    return None


def missing_from(family: str, names: Collection[str]) -> str | None:
    """The tensor that a network of a family that can be drawn lacks; None of other families."""
    needed = _NEEDED.get(family)
    return None if needed in names else needed
