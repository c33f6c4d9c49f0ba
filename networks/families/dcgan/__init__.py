"""DCGAN (Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks")."""

from typing import Final

from networks.families import Family
from networks.families.dcgan.discriminator import DCGANDiscriminator
from networks.families.dcgan.generator import DCGANGenerator
from networks.families.dcgan.published import new_discriminator, new_generator
from networks.training_traits import TrainingTraits

FAMILY: Final = Family(
    generator=DCGANGenerator,
    discriminator=DCGANDiscriminator,
    training=TrainingTraits(
        intervals={"Gmain": 1, "Dmain": 1},
        new_generator=new_generator,
        new_discriminator=new_discriminator,
    ),
)
