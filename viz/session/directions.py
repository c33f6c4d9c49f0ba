"""What w is moved along, as arithmetic on tuples. Pure functions.

A direction of a request belongs to a component of a set when both have the same vector.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import structs

from renderer.messages.directions import Component, direction_of
from renderer.messages.request import Direction

Directions: TypeAlias = tuple[Direction, ...]


def find(directions: Directions, component: Component) -> Direction | None:
    """Return the direction of a request that is this component, None where it has none."""
    return next((d for d in directions if d.vector == component.vector), None)


def amount(directions: Directions, component: Component) -> float:
    """Return how far w is moved along a component, in standard deviations."""
    direction = find(directions, component)
    return 0.0 if direction is None else direction.amount


def with_amount(directions: Directions, component: Component, value: float) -> Directions:
    """Return the directions with another amount of a component.

    One that moves nothing is left out, unless it is orthogonal to the others, which stays so.
    """
    direction = find(directions, component) or direction_of(component)
    return _with(directions, component, structs.replace(direction, amount=value))


def with_orthogonal(directions: Directions, component: Component, value: bool) -> Directions:
    """Return the directions with a component that spares what the others change, or does not."""
    direction = find(directions, component) or direction_of(component)
    return _with(directions, component, structs.replace(direction, orthogonal=value))


def like(directions: Directions, component: Component) -> Directions:
    """Return the directions with the name and the rows of a component in its place."""
    direction = find(directions, component)
    if direction is None:
        return directions
    changed = structs.replace(
        direction, name=component.name, first=component.first, last=component.last
    )
    return _with(directions, component, changed)


def rows_of(component: Component, num_ws: int) -> tuple[int, int]:
    """Return the first and the last row that a component moves in a network."""
    last = num_ws - 1 if component.last is None else min(component.last, num_ws - 1)
    return min(component.first, last), last


def _with(directions: Directions, component: Component, direction: Direction) -> Directions:
    kept = (direction,) if direction.amount or direction.orthogonal else ()
    at = next((i for i, d in enumerate(directions) if d.vector == component.vector), None)
    if at is None:
        return (*directions, *kept)
    return (*directions[:at], *kept, *directions[at + 1 :])
