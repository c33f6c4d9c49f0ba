"""StyleGAN-XL (Sauer et al. 2022, "StyleGAN-XL: Scaling StyleGAN to Large Diverse Datasets", "XL"):
layers of StyleGAN3 that grow with the resolution, and classes that are known from elsewhere."""

from typing import Final

from networks.families import Family
from networks.families.styleganxl.generator import StyleGANXLGenerator

FAMILY: Final = Family(generator=StyleGANXLGenerator)
