"""What w is moved along, and which styles are changed, as arithmetic on requests. Pure functions.

A direction of a request belongs to a component of a set when both have the same vector; a changed
style, when it is the same channel with the same spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

from msgspec import structs

from renderer.messages.directions import Component, StyleChannel, direction_of, shift_of
from renderer.messages.model import ModelInfo
from renderer.messages.request import Direction, RenderRequest, StyleShift

Item = TypeVar("Item")
Used: TypeAlias = Direction | StyleShift
"""What a request is moved along: a direction of w, or a changed style."""


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


def moving(request: RenderRequest) -> tuple[Used, ...]:
    """Return what moves a request: all that it goes along by more than nothing."""
    every: tuple[Used, ...] = (*request.directions, *request.styles)
    return tuple(used for used in every if used.amount)


def unlisted(request: RenderRequest, components: Sequence[Component]) -> tuple[Used, ...]:
    """Return what a request is moved along that is none of these components."""
    vectors = {component.vector for component in components if not component.style}
    styles = [component.style for component in components if component.style]
    return (
        *(each for each in request.directions if each.vector not in vectors),
        *(each for each in request.styles if not any(_is_style(each, style) for style in styles)),
    )


def with_used(request: RenderRequest, used: Used, amount: float | None) -> RenderRequest:
    """Return the request with another amount of something that it has; None takes it away.

    It stays there at amount 0 too, so that who moves it through 0 does not lose it.
    """

    after = () if amount is None else (structs.replace(used, amount=amount),)
    if isinstance(used, Direction):
        return structs.replace(request, directions=_instead(request.directions, used, after))
    return structs.replace(request, styles=_instead(request.styles, used, after))


def has_effect(used: Used, model: ModelInfo) -> bool:
    """Say whether a network has what is moved: settings survive a change of network."""
    if isinstance(used, Direction):
        row = 4 * model.w_dim
        return len(used.vector) in (row, row * model.num_ws) and used.first < model.num_ws
    return any(each.name == used.layer and used.channel < each.styles for each in model.layers)


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


def _instead(items: tuple[Item, ...], item: Item, after: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items with `after` in the place of one of them."""
    place = items.index(item)
    return (*items[:place], *after, *items[place + 1 :])


def _placed(
    items: Sequence[Item], places: Sequence[int], kept: tuple[Item, ...]
) -> tuple[Item, ...]:
    """The items with `kept` in the first of some places and nothing in the rest; at the end where
    there is none."""
    first = places[0] if places else len(items)
    before = [item for i, item in enumerate(items) if i < first]
    after = [item for i, item in enumerate(items) if i > first and i not in places]
    return (*before, *kept, *after)
