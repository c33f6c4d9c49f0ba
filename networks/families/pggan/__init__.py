"""Progressive GAN (Karras et al. 2018, "Progressive Growing of GANs for Improved Quality,
Stability, and Variation")."""

from typing import Final

from networks.families import Family
from networks.families.pggan.discriminator import PGGANDiscriminator
from networks.families.pggan.generator import PGGANGenerator

FAMILY: Final = Family(generator=PGGANGenerator, discriminator=PGGANDiscriminator)
