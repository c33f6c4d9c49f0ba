"""StyleGAN (Karras et al. 2019, "A Style-Based Generator Architecture for Generative Adversarial
Networks")."""

from typing import Final

from networks.families import Family
from networks.families.stylegan1.discriminator import StyleGAN1Discriminator
from networks.families.stylegan1.generator import StyleGAN1Generator

FAMILY: Final = Family(generator=StyleGAN1Generator, discriminator=StyleGAN1Discriminator)
