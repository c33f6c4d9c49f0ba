"""Progressive GAN (Karras et al. 2018, "Progressive Growing of GANs for Improved Quality,
Stability, and Variation")."""

from typing import Final

from networks.families import Family
from networks.families.pggan.discriminator import PGGANDiscriminator
from networks.families.pggan.generator import PGGANGenerator
from networks.training_traits import ProgressiveGrowth, TrainingTraits

FAMILY: Final = Family(
    generator=PGGANGenerator,
    discriminator=PGGANDiscriminator,
    # The gradient penalty is a part of each step of D (Progressive GAN, Appendix A.1). Labels would
    # need a classifier beside D (Odena et al. 2017), which is not trained here.
    training=TrainingTraits(
        intervals={"Gmain": 1, "Dmain": 1},
        progressive_growth=ProgressiveGrowth(first_resolution=4),
        labels=False,
    ),
)
