"""The number formats that networks compute in, by name. Free of torch, for the window knows them.

`networks.precision` carries them out.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Precision: TypeAlias = Literal["float32", "float16", "bfloat16"]
"""float32: everything is computed in it.
float16: the features of the top resolutions are, as published (Karras et al. 2020, StyleGAN2-ADA,
    Appendix D), and the rest in float32. A CPU computes everything in float32 instead.
bfloat16, which has the range of float32: every convolution and matrix product is, and the rest in
    float32.
"""
