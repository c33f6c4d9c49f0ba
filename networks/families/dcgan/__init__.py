"""DCGAN (Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks")."""

from typing import Final

from networks.families import Family
from networks.families.dcgan.discriminator import DCGANDiscriminator
from networks.families.dcgan.generator import DCGANGenerator

FAMILY: Final = Family(generator=DCGANGenerator, discriminator=DCGANDiscriminator)
