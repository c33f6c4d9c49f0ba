"""What w is moved along, and which styles are changed, as arithmetic on requests. Pure functions.

A direction of a request belongs to a component of a set when both have the same vector; a changed
style, when it is the same channel with the same spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec import structs

from renderer.messages.directions import Component, StyleChannel, direction_of, shift_of
from renderer.messages.request import Direction, RenderRequest, StyleShift

Item = TypeVar("Item")


def moves(request: RenderRequest) -> bool:
    """Say whether a request is moved along anything, or keeps something for when it is."""
    return bool(request.directions or request.styles)


def find(request: RenderRequest, component: Component) -> Direction | None:
    """Return the direction of a request that is this component, None where it has none."""
    return next((d for d in request.directions if _is(d, component)), None)


def amount(request: RenderRequest, component: Component) -> float:
    """Return how far a request goes along a component, in standard deviations."""
    if component.style:
        return sum(s.amount for s in request.styles if _is_style(s, component.style))
    direction = find(request, component)
    return 0.0 if direction is None else direction.amount


def with_amount(request: RenderRequest, component: Component, value: float) -> RenderRequest:
    """Return the request with another amount of a component.

    One that moves nothing is left out, unless it is orthogonal to the others, which stays so.
    """
    if component.style:
        shift = shift_of(component, value)
        return _with_style(request, component.style, shift if value else None)
    direction = find(request, component) or direction_of(component)
    return _with(request, component, structs.replace(direction, amount=value))


def with_orthogonal(request: RenderRequest, component: Component, value: bool) -> RenderRequest:
    """Return the request with a direction that spares what the others change, or does not."""
    direction = find(request, component) or direction_of(component)
    return _with(request, component, structs.replace(direction, orthogonal=value))


def like(request: RenderRequest, component: Component) -> RenderRequest:
    """Return the request with the name and the rows of a component, where it goes along it."""
    if component.style:
        value = amount(request, component)
        return with_amount(request, component, value) if value else request
    direction = find(request, component)
    if direction is None:
        return request
    changed = structs.replace(
        direction, name=component.name, first=component.first, last=component.last
    )
    return _with(request, component, changed)


def left(request: RenderRequest) -> RenderRequest:
    """Return the request as it is without being moved along anything."""
    return structs.replace(request, directions=(), styles=())


def rows_of(component: Component, num_ws: int) -> tuple[int, int]:
    """Return the first and the last row that a component moves in a network."""
    last = num_ws - 1 if component.last is None else min(component.last, num_ws - 1)
    return min(component.first, last), last


def _is(direction: Direction, component: Component) -> bool:
    return direction.vector == component.vector


def _is_style(shift: StyleShift, style: StyleChannel) -> bool:
    place = shift.layer, shift.channel, shift.sigma
    return place == (style.layer, style.channel, style.sigma)


def _with(request: RenderRequest, component: Component, direction: Direction) -> RenderRequest:
    kept = (direction,) if direction.amount or direction.orthogonal else ()
    places = [i for i, each in enumerate(request.directions) if _is(each, component)]
    return structs.replace(request, directions=_placed(request.directions, places, kept))


def _with_style(
    request: RenderRequest, style: StyleChannel, shift: StyleShift | None
) -> RenderRequest:
    places = [i for i, each in enumerate(request.styles) if _is_style(each, style)]
    kept = () if shift is None else (shift,)
    return structs.replace(request, styles=_placed(request.styles, places, kept))


def _placed(
    items: Sequence[Item], places: Sequence[int], kept: tuple[Item, ...]
) -> tuple[Item, ...]:
    """The items with `kept` in the first of some places and nothing in the rest; at the end where
    there is none."""
    first = places[0] if places else len(items)
    before = [item for i, item in enumerate(items) if i < first]
    after = [item for i, item in enumerate(items) if i > first and i not in places]
    return (*before, *kept, *after)
