"""StyleGAN3 (Karras et al. 2021): alias-free, in the configurations T (translation) and R
(translation and rotation). Its files hold a StyleGAN2 discriminator."""

from typing import Final

from networks.families import Family
from networks.families.stylegan3.generator import StyleGAN3Generator

FAMILY: Final = Family(generator=StyleGAN3Generator)
