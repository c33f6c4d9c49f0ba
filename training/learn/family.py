"""The family of networks that a run trains, with all that training needs of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from common.errors import UserError
from networks.base import Discriminator, Generator
from networks.families import families
from networks.training_traits import TrainingTraits

NAME: Final = "stylegan2"
"""What every configuration in `training/run/configs.py` describes."""


@dataclass(frozen=True)
class TrainableFamily:
    """A family that has everything that training needs.

    generator, discriminator: make networks with random weights out of their configs.
    traits: how they are trained.
    """

    generator: Callable[..., Generator]
    discriminator: Callable[..., Discriminator]
    traits: TrainingTraits


def trainable_family(name: str = NAME) -> TrainableFamily:
    """The family of a name. Raises UserError where it cannot be trained."""
    family = families().get(name)
    if family is None or family.discriminator is None or family.training is None:
        raise UserError(f"Networks of the family {name} cannot be trained.")
    growth = family.training.progressive_growth
    if growth is not None:
        size = growth.first_resolution
        raise UserError(
            f"Networks of the family {name} cannot be trained: they grow from {size}x{size} "
            "pixels on, and here the resolution stays the same."
        )
    return TrainableFamily(family.generator, family.discriminator, family.training)
