"""The numbers of a journey that can have a curve, with their names."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeAlias

from msgspec import structs

from renderer.messages.bending import FACTS, Bend, Operation
from renderer.messages.journey import Journey, Key, Kind, Knob
from renderer.messages.request import Direction, RenderRequest
from renderer.pictures.journey.latents import same_direction
from viz.session.session import Session

PLAIN: tuple[tuple[Kind, str], ...] = (
    ("psi", "Truncation psi"),
    ("noise", "Noise strength"),
    ("class", "Class blend"),
    ("x", "Shift right"),
    ("y", "Shift down"),
    ("rotate", "Rotation"),
    ("zoom", "Zoom"),
)
"""The numbers that every picture has, with their names."""
Named: TypeAlias = dict[Knob, str]
"""The names of numbers, by the number."""


class Knobs:
    """Lists the numbers of a session; those of its keys only once for as long as these stay."""

    def __init__(self) -> None:
        self._keys: tuple[Key, ...] = ()
        self._of_keys: Named = {}

    def of(self, session: Session) -> list[tuple[Knob, str]]:
        """Return the numbers that can have a curve, in the order of the list, with their names."""
        journey = session.journey
        if journey.keys is not self._keys:
            self._keys = journey.keys
            self._of_keys = _of_requests(key.render for key in journey.keys)
        found = {Knob(kind): text for kind, text in PLAIN}
        found |= _of_requests((session.render,)) | self._of_keys
        return list((found | _of_curves(journey, found)).items())


def _of_requests(requests: Iterable[RenderRequest]) -> Named:
    """Return the directions and the bends that any of the requests has."""
    directions: dict[Hashable, Direction] = {}
    bends: dict[tuple[str, Operation], None] = {}
    for request in requests:
        for d in request.directions:
            directions[same_direction(d)] = d
        for b in request.bends:
            bends[b.layer, b.operation] = None
    found: Named = {}
    for d in directions.values():
        knob = Knob("direction", structs.replace(d, amount=0.0, name=""))
        found[knob] = f"Direction {d.name or 'unnamed'}"
    for layer, operation in bends:
        knob = Knob("bend", bend=Bend(layer, operation, FACTS[operation].identity))
        found[knob] = f"{operation} {layer}"
    return found


def _of_curves(journey: Journey, known: Named) -> Named:
    """Return what curves move that no request has any more."""
    return {c.knob: c.knob.kind for c in journey.curves if c.knob not in known}
