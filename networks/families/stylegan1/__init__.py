"""StyleGAN (Karras et al. 2019, "A Style-Based Generator Architecture for Generative Adversarial
Networks")."""

from typing import Final

from networks.families import Family
from networks.families.stylegan1.discriminator import StyleGAN1Discriminator
from networks.families.stylegan1.generator import StyleGAN1Generator
from networks.training_traits import ProgressiveGrowth, TrainingTraits

FAMILY: Final = Family(
    generator=StyleGAN1Generator,
    discriminator=StyleGAN1Discriminator,
    # R1 is a part of each step of D, and the first resolution is 8x8 (StyleGAN, Appendix C).
    training=TrainingTraits(
        intervals={"Gmain": 1, "Dmain": 1},
        style_mixing=True,
        progressive_growth=ProgressiveGrowth(first_resolution=8),
    ),
)
