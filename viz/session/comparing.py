"""Several pictures at one linked latent: which requests they are, and what can be done with them.

Number 0 is the session's own picture, edited by every panel; the others are its panes. A pane
takes its linked parts from the session, so that they are the same everywhere, and keeps a value
of its own under each link, which is there again when the link is cut. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session.fit import fit, fit_unknown
from viz.session.parameters import absolute, linked_with
from viz.session.ranges import GAIN, RATE
from viz.session.session import PARTS, Compare, Layout, Pane, Part, Session

TITLES: dict[Part, str] = {
    "latent": "Latent and class",
    "truncation": "Truncation",
    "mixing": "Style mixing",
    "noise": "Noise",
    "edits": "Channel edits",
    "view": "Layer shown",
}
"""What menus call the parts."""
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

Models = Mapping[str, ModelInfo]


def requests(
    session: Session, models: Models | None = None, shown: RenderRequest | None = None
) -> tuple[RenderRequest, ...]:
    """What is to be drawn, number 0 first, each without what its network has no place for.

    models: facts by path, of the networks that are known.
    shown: the request that linked parts are taken from instead of the session's; what the picture
        shows at the moment, while it is dragged.
    """
    main = session.render
    panes = (request_of(pane, shown or main) for pane in session.compare.panes)
    return (main, *(fitted(request, models or {}) for request in panes))


def request_of(pane: Pane, main: RenderRequest) -> RenderRequest:
    """The pane's own request with its linked parts out of `main`."""
    return structs.replace(pane.render, **_fields(main, pane.linked))


def fitted(request: RenderRequest, models: Models) -> RenderRequest:
    """The request without what would fail in its network.

    Where the network is not known yet, without anything that could fail in one.
    """
    model = models.get(absolute(request.snapshot))
    return fit(request, model) if model is not None else fit_unknown(request)


def stream(pane: Pane) -> str:
    """The name of the stream on which a pane's pictures come."""
    return f"compare-{pane.id}"


def _fields(request: RenderRequest, parts: tuple[Part, ...]) -> dict[str, object]:
    """What the request has in the fields of these parts, by name."""
    return {name: getattr(request, name) for part in parts for name in linked_with(part)}


# -- what the user does ---------------------------------------------------------------------------


def added(
    session: Session, render: RenderRequest, linked: tuple[Part, ...] = PARTS, name: str = ""
) -> Session:
    """The session with one more pane, and compared; the pane is the other side of a wipe."""
    panes = session.compare.panes
    used = {pane.id for pane in panes}
    id = next(number for number in range(1, len(panes) + 2) if number not in used)
    pane = Pane(id, render, linked, name)
    return session.with_compare(on=True, panes=(*panes, pane), other=len(panes) + 1)


def kept(session: Session) -> Session:
    """The present state as a pane with nothing linked: what comes next is compared with it."""
    names = {pane.name for pane in session.compare.panes}
    wanted = ("Before", *(f"Before {n}" for n in range(2, len(names) + 3)))
    name = next(name for name in wanted if name not in names)
    return added(session, session.render, (), name)


def removed(session: Session, number: int) -> Session:
    """The session without a pane (from 1); without the last one nothing is compared any more."""
    compare = session.compare
    panes = compare.panes[: number - 1] + compare.panes[number:]

    def moved(other: int) -> int:
        return other - 1 if other > number else 0 if other == number else other

    reference, other = moved(compare.reference), moved(compare.other)
    if reference == other:
        other = len(panes) if reference == 0 else 0
    return session.with_compare(
        on=compare.on and bool(panes), panes=panes, reference=reference, other=other
    )


def swapped(session: Session, number: int, models: Models | None = None) -> Session:
    """A pane (from 1) and the session's picture change places; linked parts stay where they are.

    Twice is as before, except for what the network that becomes the session's has no place for.
    """
    compare = session.compare
    pane, main = compare.panes[number - 1], session.render
    back = structs.replace(main, **_fields(pane.render, pane.linked))
    model = (models or {}).get(absolute(pane.render.snapshot))
    render = request_of(pane, main)
    swapped_pane = structs.replace(pane, render=back, name=compare.name)
    changed = session.with_compare(panes=_replaced(compare, number, swapped_pane), name=pane.name)
    return structs.replace(changed, render=fit(render, model) if model else render)


def renamed(session: Session, number: int, name: str) -> Session:
    """A picture called otherwise; with an empty name it is called after its network."""
    if number == 0:
        return session.with_compare(name=name)
    pane = structs.replace(session.compare.panes[number - 1], name=name)
    return session.with_compare(panes=_replaced(session.compare, number, pane))


def relinked(session: Session, number: int, part: Part, *, linked: bool) -> Session:
    """Link a part of a pane (from 1), or let it go on by itself from where it is."""
    pane = session.compare.panes[number - 1]
    if linked == (part in pane.linked):
        return session
    parts = {*pane.linked, part} if linked else {*pane.linked} - {part}
    render = pane.render
    if not linked:
        render = structs.replace(render, **_fields(session.render, (part,)))
    pane = structs.replace(pane, render=render, linked=tuple(p for p in PARTS if p in parts))
    return session.with_compare(panes=_replaced(session.compare, number, pane))


def all_relinked(session: Session, part: Part, *, linked: bool) -> Session:
    """Link a part of every pane, or let it go on by itself in each."""
    for number in range(1, len(session.compare.panes) + 1):
        session = relinked(session, number, part, linked=linked)
    return session


def restored(session: Session, current: Session) -> Session:
    """What is shown of a session from a file: one that compares nothing keeps the panes of now."""
    return session if session.compare.panes else structs.replace(session, compare=current.compare)


def _replaced(compare: Compare, number: int, pane: Pane) -> tuple[Pane, ...]:
    """The panes with another in place of one (from 1)."""
    return (*compare.panes[: number - 1], pane, *compare.panes[number:])


# -- what is shown --------------------------------------------------------------------------------


def pair(compare: Compare) -> tuple[int, int]:
    """The numbers of the two sides of a wipe: different, and of pictures that are there.

    There must be a pane.
    """
    last = len(compare.panes)
    reference, other = (min(max(n, 0), last) for n in (compare.reference, compare.other))
    return (reference, other) if reference != other else (reference, int(reference == 0))


def partner(compare: Compare) -> int:
    """The pane (from 1) that the session's picture is compared with, for swapping the two."""
    reference, other = pair(compare)
    return other or reference


def referred(session: Session, number: int) -> Session:
    """The session with that picture as the reference; from the other side, the two change."""
    reference, other = pair(session.compare)
    return session.with_compare(reference=number, other=reference if number == other else other)


def opposed(session: Session, number: int) -> Session:
    """The session with that picture on the other side; from the reference, the two change."""
    reference, other = pair(session.compare)
    return session.with_compare(reference=other if number == reference else reference, other=number)


def blinking(session: Session) -> bool:
    """Whether the pictures change by themselves, so that the window must keep drawing."""
    compare = session.compare
    return compare.on and compare.layout == "flicker" and compare.blink and bool(compare.panes)


def blinked(compare: Compare, seconds: float) -> int:
    """The number of the picture that flicker shows at a time of a clock."""
    count = len(compare.panes) + 1
    if not compare.blink:
        return compare.blinked % count
    return int(seconds * RATE.nearest(compare.rate)) % count


def gain(compare: Compare) -> float:
    """What differences are multiplied by, also where a number beyond the range was typed."""
    return GAIN.nearest(compare.gain)


def columns(count: int, width: float, height: float, aspect: float = 1.0, lost: float = 0.0) -> int:
    """How many columns make the cells of a grid in an area largest.

    Of shapes that are nearly as good it is the one with the fewest empty cells, then rows.

    count: of pictures.
    width, height: of the area, in pixels.
    aspect: width / height of a picture.
    lost: the height of each row that no picture gets, in pixels.
    """

    def size(n: int) -> float:
        rows = -(-count // n)
        return max(0.0, min(width / n, (height / rows - lost) * aspect))

    shapes = range(1, count + 1)
    enough = 0.94 * max(size(n) for n in shapes)
    good = [n for n in shapes if size(n) >= enough]
    return min(good, key=lambda n: (-(-count // n) * n - count, -(-count // n)))
