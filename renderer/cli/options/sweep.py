"""Amounts of directions, styles and bends, which a video may move from one to another and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from msgspec import structs

from common.errors import UserError
from renderer.messages.bending import Bend
from renderer.messages.request import Direction, StyleShift

Of = TypeVar("Of", Direction, Bend, StyleShift)


class Swept(NamedTuple, Generic[Of]):
    """A direction, a style or a bend as its option names it.

    start: with the amount at the beginning.
    end: the amount in the middle of a video; None where it stays.
    """

    start: Of
    end: float | None


def still(found: Sequence[Swept[Of]], texts: Sequence[str], option: str) -> tuple[Of, ...]:
    """Those of a picture, which does not move.

    texts: how the option named each. Raises UserError for one that names two amounts.
    """
    for text, each in zip(texts, found, strict=True):
        if each.end is not None:
            raise UserError(f"{option}: {text!r} names two amounts.", "Only a video moves.")
    return tuple(each.start for each in found)


def there_and_back(share: float) -> float:
    """How far from the beginning to the end a loop is after a share of it: gently, 0…1 and back."""
    return (1 - math.cos(2 * math.pi * share)) / 2


def at(found: Iterable[Swept[Of]], turn: float) -> tuple[Of, ...]:
    """All of them at a share of the way from the beginning to the end, 0…1."""
    return tuple(
        start
        if end is None
        else structs.replace(start, amount=start.amount + (end - start.amount) * turn)
        for start, end in found
    )
