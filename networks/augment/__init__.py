"""What the discriminator sees pictures through: Karras et al. 2020, "Training Generative
Adversarial Networks with Limited Data" ("ADA"), Appendix B. Start reading at `pipe.py`."""

from networks.augment.groups import GROUPS, STRENGTHS
from networks.augment.pipe import AugmentPipe

__all__ = ["GROUPS", "STRENGTHS", "AugmentPipe"]
