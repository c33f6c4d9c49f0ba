"""R3GAN (Huang et al. 2024, "The GAN is dead; long live the GAN! A Modern Baseline GAN", "R3"):
residual blocks of grouped convolutions, without normalisation, styles or noise."""

from typing import Final

from networks.families import Family
from networks.families.r3gan.discriminator import R3GANDiscriminator
from networks.families.r3gan.generator import R3GANGenerator

FAMILY: Final = Family(generator=R3GANGenerator, discriminator=R3GANDiscriminator)
