"""StyleGAN2 (Karras et al. 2020) as lucidrains' package `stylegan2-pytorch` trains it: the same
idea with other upsampling, one picture of noise for all layers, and a row of w for each block."""

from typing import Final

from networks.families import Family
from networks.families.lucidrains.generator import LucidrainsGenerator

FAMILY: Final = Family(generator=LucidrainsGenerator)
