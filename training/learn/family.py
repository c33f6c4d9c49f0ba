"""The family of networks that a run trains, with all that training needs of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.errors import UserError
from networks.base import Discriminator, Generator
from networks.families import families
from networks.training_traits import TrainingTraits


@dataclass(frozen=True)
class TrainableFamily:
    """A family that has everything that training needs.

    generator, discriminator: make untrained networks out of c_dim, img_resolution, img_channels
        and the keywords of a run.
    traits: how they are trained.
    """

    generator: Callable[..., Generator]
    discriminator: Callable[..., Discriminator]
    traits: TrainingTraits


def trainable_family(name: str) -> TrainableFamily:
    """The family of a name. Raises UserError where it cannot be trained."""
    family = families().get(name)
    if family is None or family.discriminator is None or family.training is None:
        raise UserError(f"Networks of the family {name} cannot be trained.")
    traits = family.training
    return TrainableFamily(
        traits.new_generator or family.generator,
        traits.new_discriminator or family.discriminator,
        traits,
    )
