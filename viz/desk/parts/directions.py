"""Directions in w as panels see them: sets that were found or loaded, and which one is in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from renderer.messages.directions import Component, DirectionSet, How, Region
from renderer.messages.request import RenderRequest

Group: TypeAlias = Literal["a", "b"]
"""One of the two groups of pictures that a boundary lies between."""


@dataclass(frozen=True)
class KeptSet:
    """A set of directions in the user's folder.

    id: a number that tells it from the others while the program runs.
    found: the directions, with their names and stars.
    path: the file that it is kept in, empty until it has been written.
    """

    id: int
    found: DirectionSet
    path: str = ""


class DirectionFacts(Protocol):
    """The sets that go with the network on the screen."""

    @property
    def sets(self) -> Sequence[KeptSet]:
        """All of them that fit the w of this network, in the order in which they came."""

    @property
    def shown(self) -> KeptSet | None:
        """The one that the panel shows."""

    @property
    def selected(self) -> int:
        """The direction of that set which the keys move."""

    @property
    def job(self) -> int:
        """The number of the job that looks for directions, 0 where none does."""

    @property
    def region(self) -> Region | None:
        """The part of the picture that is marked; None: none is yet."""

    @property
    def marking(self) -> bool:
        """Whether the mouse marks a part of the picture."""

    def group(self, which: Group) -> tuple[RenderRequest, ...]:
        """The pictures that are marked as one of the two groups."""


class DirectionActions(Protocol):
    """What can be done with directions and sets of them."""

    def find(self, how: How) -> None:
        """Look for directions in the network on the screen, and show what is found."""

    def give_up(self) -> None:
        """Stop looking."""

    def mark(self, which: Group, requests: tuple[RenderRequest, ...]) -> None:
        """Say which pictures a group consists of."""

    def hold_region_tool(self, held: bool) -> None:
        """Have the mouse mark a part of the picture, or no longer."""

    def mark_region(self, region: Region) -> None:
        """Say which part of the picture is meant."""

    def show(self, id: int) -> None:
        """Show another set."""

    def change(self, index: int, component: Component) -> None:
        """Take another direction, or another name of it, in the place of one of the set shown."""

    def select(self, index: int) -> None:
        """Have the keys move this direction."""

    def step(self, by: int) -> None:
        """Select the direction so many further."""

    def push(self, by: float) -> None:
        """Move along the selected direction by so many standard deviations."""

    def save(self, path: str) -> None:
        """Write the set shown to a file."""

    def remove(self) -> None:
        """Take the set shown away; its file stays in the folder `removed`."""
