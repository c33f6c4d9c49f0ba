"""Families of networks: every folder in here is one, and offers it as `FAMILY`.

A folder is found by itself. What a family is made of is in `networks.base` (`Generator`,
`Discriminator`) and `networks.training_traits`.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.discover import exported
from networks.base import Discriminator, Generator
from networks.training_traits import TrainingTraits


@dataclass(frozen=True)
class Family:
    """A kind of generator, with what belongs to it.

    generator: the class, which is also what makes one with random weights out of a `config`.
        Files and messages know the family by the class's `family`.
    discriminator: the class; None where the files of the family never hold one.
    training: how it is trained; None where this program cannot train it.
    """

    generator: type[Generator]
    discriminator: type[Discriminator] | None = None
    training: TrainingTraits | None = None

    @property
    def name(self) -> str:
        """What files and messages call it."""
        return self.generator.family


def families() -> dict[str, Family]:
    """Every family by its name."""
    found: list[Family] = exported(__name__, "FAMILY")
    return {family.name: family for family in found}
