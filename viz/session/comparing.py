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
from viz.session.fit import alike, fit, fit_unknown
from viz.session.parameters.network import absolute
from viz.session.parameters.table import linked_with
from viz.session.ranges import GAIN, RATE
from viz.session.session import PARTS, Compare, Drag, Layout, Pane, Part, Session

TITLES: dict[Part, str] = {
    "latent": "Latent and class",
    "truncation": "Truncation",
    "mixing": "Style mixing",
    "noise": "Noise",
    "edits": "Channel edits and bending",
    "view": "Layer and transform",
}
"""What menus call the parts."""
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
"""The layouts in the order in which a command goes through them."""

Models = Mapping[str, ModelInfo]
"""Facts on the networks that are known, by path."""


def requests(
    session: Session, models: Models | None = None, shown: RenderRequest | None = None
) -> tuple[RenderRequest, ...]:
    """Return the requests of all pictures, number 0 first.

    Each is without what its network has no place for.
    models: facts on the networks that are known, by path.
    shown: the request that linked parts are taken from, None for the session's. While the picture
        is dragged, that is what it shows at the moment.
    """
    main = session.render
    panes = (request_of(pane, shown or main) for pane in session.compare.panes)
    return (main, *(fitted(request, models or {}) for request in panes))


def request_of(pane: Pane, main: RenderRequest) -> RenderRequest:
    """Return the pane's own request with its linked parts out of `main`."""
    return structs.replace(pane.render, **_fields(main, pane.linked))


def fitted(request: RenderRequest, models: Models) -> RenderRequest:
    """Return the request without what would fail in its network.

    Where the network is not known yet, everything that could fail in one is left out.
    """
    model = models.get(absolute(request.snapshot))
    return fit(request, model) if model is not None else fit_unknown(request)


def stream(pane: Pane) -> str:
    """Return the name of the stream on which a pane's pictures come."""
    return f"compare-{pane.id}"


def _fields(request: RenderRequest, parts: tuple[Part, ...]) -> dict[str, object]:
    """Return what the request has in the fields of these parts, by name."""
    return {name: getattr(request, name) for part in parts for name in linked_with(part)}


# -- what the user does ---------------------------------------------------------------------------


def added(
    session: Session, render: RenderRequest, linked: tuple[Part, ...] = PARTS, name: str = ""
) -> Session:
    """Return the session with one more pane, which is the other side of a wipe, and compared.

    render: the request of the pane.
    linked: the parts that it shares with the session's picture.
    name: its label, empty for that of its network.
    """
    panes = session.compare.panes
    used = {pane.id for pane in panes}
    id = next(number for number in range(1, len(panes) + 2) if number not in used)
    pane = Pane(id, render, linked, name)
    return session.with_compare(on=True, panes=(*panes, pane), other=len(panes) + 1)


def kept(session: Session) -> Session:
    """Return the session with its present picture as a pane that is not linked.

    So what becomes of the picture is compared with what it was.
    """
    names = {pane.name for pane in session.compare.panes}
    wanted = ("Before", *(f"Before {n}" for n in range(2, len(names) + 3)))
    name = next(name for name in wanted if name not in names)
    return added(session, session.render, (), name)


def removed(session: Session, number: int) -> Session:
    """Return the session without a pane (from 1). Without the last one nothing is compared."""
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
    """Return the session with its picture and a pane (from 1) in each other's place.

    Linked parts stay where they are. Doing it twice changes nothing, except for what the network
    that becomes the session's has no place for.
    """
    compare = session.compare
    pane, main = compare.panes[number - 1], session.render
    back = structs.replace(main, **_fields(pane.render, pane.linked))
    known = models or {}
    model, before = (known.get(absolute(each.snapshot)) for each in (pane.render, main))
    render = request_of(pane, main)
    swapped_pane = structs.replace(pane, render=back, name=compare.name)
    changed = session.with_compare(panes=_replaced(compare, number, swapped_pane), name=pane.name)
    if model is not None and before is not None and not alike(before, model):
        changed = structs.replace(changed, drag=Drag())  # points are of pictures of one network
    return structs.replace(changed, render=fit(render, model) if model else render)


def renamed(session: Session, number: int, name: str) -> Session:
    """Return the session with a picture renamed; an empty name stands for that of its network."""
    if number == 0:
        return session.with_compare(name=name)
    pane = structs.replace(session.compare.panes[number - 1], name=name)
    return session.with_compare(panes=_replaced(session.compare, number, pane))


def relinked(session: Session, number: int, part: Part, *, linked: bool) -> Session:
    """Return the session with a part of a pane (from 1) linked, or else left as it is now."""
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
    """Return the session with a part of every pane linked, or else left as it is now."""
    for number in range(1, len(session.compare.panes) + 1):
        session = relinked(session, number, part, linked=linked)
    return session


def restored(session: Session, current: Session) -> Session:
    """Return what to show of a session from a file, when `current` is shown.

    A session that compares nothing takes over the comparison of now.
    """
    return session if session.compare.panes else structs.replace(session, compare=current.compare)


def _replaced(compare: Compare, number: int, pane: Pane) -> tuple[Pane, ...]:
    """Return the panes with another in place of one (from 1)."""
    return (*compare.panes[: number - 1], pane, *compare.panes[number:])


# -- what is shown --------------------------------------------------------------------------------


def pair(compare: Compare) -> tuple[int, int]:
    """Return the numbers of the two sides of a wipe, which differ and whose pictures are there.

    There must be a pane.
    """
    last = len(compare.panes)
    reference, other = (min(max(n, 0), last) for n in (compare.reference, compare.other))
    return (reference, other) if reference != other else (reference, int(reference == 0))


def partner(compare: Compare) -> int:
    """Return the pane (from 1) that the session's picture is compared with, to swap the two."""
    reference, other = pair(compare)
    return other or reference


def referred(session: Session, number: int) -> Session:
    """Return the session with a picture as the reference; if it was the other side, they swap."""
    reference, other = pair(session.compare)
    return session.with_compare(reference=number, other=reference if number == other else other)


def opposed(session: Session, number: int) -> Session:
    """Return the session with a picture as the other side; if it was the reference, they swap."""
    reference, other = pair(session.compare)
    return session.with_compare(reference=other if number == reference else reference, other=number)


def blinking(session: Session) -> bool:
    """Whether the pictures change by themselves, so that the window must keep drawing."""
    compare = session.compare
    return compare.on and compare.layout == "flicker" and compare.blink and bool(compare.panes)


def blinked(compare: Compare, seconds: float) -> int:
    """Return the number of the picture that flicker shows, `seconds` into the time of a clock."""
    count = len(compare.panes) + 1
    if not compare.blink:
        return compare.blinked % count
    return int(seconds * RATE.nearest(compare.rate)) % count


def gain(compare: Compare) -> float:
    """Return what differences are multiplied by, kept in its range whatever was typed."""
    return GAIN.nearest(compare.gain)


def columns(count: int, width: float, height: float, aspect: float = 1.0, lost: float = 0.0) -> int:
    """Return the number of columns with which the cells of a grid in an area are largest.

    Of shapes that are nearly as good, the one with the fewest empty cells counts, then the one
    with the fewest rows.

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
