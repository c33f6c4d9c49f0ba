"""StyleGAN2 (Karras et al. 2020), as StyleGAN2-ADA trains it."""

from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator

__all__ = ["StyleGAN2Discriminator", "StyleGAN2Generator"]
