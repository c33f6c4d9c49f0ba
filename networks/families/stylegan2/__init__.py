"""StyleGAN2 (Karras et al. 2020), as StyleGAN2-ADA trains it."""

from typing import Final

from networks.families import Family
from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.training_traits import TrainingTraits

FAMILY: Final = Family(
    generator=StyleGAN2Generator,
    discriminator=StyleGAN2Discriminator,
    # Lazy regularisation: StyleGAN2, Section 3.1 and Appendix B.
    training=TrainingTraits(
        intervals={"Gmain": 1, "Greg": 4, "Dmain": 1, "Dreg": 16},
        style_mixing=True,
        named_by_resolution=True,
    ),
)
