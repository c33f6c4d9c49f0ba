"""What training has to know of a family besides its networks. Each family says it of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from networks.base import Discriminator, Generator

Phase: TypeAlias = Literal["Gmain", "Greg", "Dmain", "Dreg"]
"""A kind of training step.

Gmain, Dmain: the adversarial loss of G, and of D.
Greg: path length regularisation of G (Karras et al. 2020, StyleGAN2, Section 3.2).
Dreg: R1, the regularisation of D (Mescheder et al. 2018, eq. 9).
"""

PHASES: tuple[Phase, ...] = ("Gmain", "Greg", "Dmain", "Dreg")
"""All of them, in the order in which they follow each other."""


@dataclass(frozen=True)
class ProgressiveGrowth:
    """How networks grow that double their resolution as they learn (Progressive GAN, Section 2).

    Both networks have `grow_to(lod)` (`networks.families.pggan.growth`).

    first_resolution: pixels a side at the beginning.
    """

    first_resolution: int


@dataclass(frozen=True)
class TrainingTraits:
    """How the networks of a family are trained.

    A training pass through G is the same for all: `map`, one row of w repeated or two of them
    mixed, then `render` with noise that is drawn afresh; after it `update_w_avg`.

    intervals: the phases by which the family is trained, in the order of PHASES, and every how
        many iterations each of them comes where a run does not say otherwise.
    style_mixing: whether G may be given other rows of w from some row on (Karras et al. 2019,
        StyleGAN, Section 3.1). Needs more than one row.
    progressive_growth: how the resolution grows; None where it is the same all the time.
    named_by_resolution: whether the names of tensors say at which resolution they work, and the
        networks are otherwise the same for every size of picture: then those of smaller pictures
        are a start for larger ones.
    labels: whether D judges by the label too, without which G would have no reason to heed it.
    new_generator, new_discriminator: make untrained networks for data, out of c_dim,
        img_resolution, img_channels and the keywords of a run; None where the classes do that.
    """

    intervals: Mapping[Phase, int]
    style_mixing: bool = False
    progressive_growth: ProgressiveGrowth | None = None
    named_by_resolution: bool = False
    labels: bool = True
    new_generator: Callable[..., Generator] | None = None
    new_discriminator: Callable[..., Discriminator] | None = None
