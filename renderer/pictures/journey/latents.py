"""What w of a picture between keys is made of.

Truncation is linear in w where psi stays: then the picture's w is the weighted sum of the keys' w,
whichever is done first. Where psi moves as well, each is moved by itself: w of the sources is
w̄ = Σ a_k·w_k, psi is Σ a_k·psi_k, and the picture is drawn from w_avg + psi·(w̄ − w_avg). So the
number that the window shows is the psi of the picture, and is what the keys say at each of them.
Mixing weights and amounts of directions are sums in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias, TypedDict, TypeVar

from msgspec import structs

from renderer.messages.request import (
    Arc,
    Average,
    ClassLabel,
    Direction,
    MixSource,
    Plane,
    RenderRequest,
    Seed,
    Share,
    Source,
    Truncation,
    seed_at,
)

Weighted: TypeAlias = Sequence[tuple[RenderRequest, float]]
"""Requests, and how much each counts; the weights add up to 1."""
T = TypeVar("T")

_ALL_ROWS = 64
"""As many rows as any network has; here nothing is known of the network."""


class LatentFields(TypedDict):
    """The fields of a request that its w comes from."""

    source: Source
    label: ClassLabel | None
    truncation: Truncation
    mix: tuple[MixSource, ...]
    directions: tuple[Direction, ...]


def latent(found: Weighted, current: RenderRequest, arc: Arc | None = None) -> LatentFields:
    """Return what w is made of between some requests.

    current: the request whose settings hold where they cannot be between others.
    arc: the source, where it is known already: the keys' own sources are not looked at then.
    """
    label = _label(found)
    apart = label is None or _directions_apart(found)
    parts = _shares(found, arc)
    if not apart and label is not None:
        return LatentFields(
            source=_source(parts),
            label=label if any(r.label is not None for r, _ in found) else None,
            truncation=truncation([(r.truncation, a) for r, a in found]),
            mix=_mix([(r.mix, a) for r, a in found]),
            directions=_directions([(r.directions, a) for r, a in found]),
        )
    # Classes may have centres of their own, and what is orthogonal depends on what is beside it:
    # each share goes through all of it by itself.
    psi = truncation([(r.truncation, a) for r, a in found])
    shares = tuple(
        Share(arc or r.source, a, r.label, psi, r.mix, r.directions) for r, a in found if a
    )
    return LatentFields(
        source=Average(shares), label=current.label, truncation=Truncation(), mix=(), directions=()
    )


def arc_between(first: Source, second: Source, share: float) -> Arc | None:
    """Return the point of the great circle from one source to another; None where there is none.

    Two points of one circle are joined along it, the shorter way round.
    """
    if isinstance(first, Arc) and isinstance(second, Arc):
        if (first.first, first.second) != (second.first, second.second):
            return None
        way = (second.turn - first.turn + 0.5) % 1 - 0.5
        t = first.t + share * (second.t - first.t)
        return structs.replace(first, t=t, turn=first.turn + share * way)
    start, end = _seed(first), _seed(second)
    return None if start is None or end is None else Arc(start, end, share)


def total(values: Sequence[tuple[float, float]]) -> float:
    """Return Σ a·v, and exactly v where all are the same. values: pairs of v and a."""
    first = values[0][0]
    return first if all(v == first for v, _ in values) else sum(v * a for v, a in values)


def matched(
    found: Sequence[tuple[tuple[T, ...], float]], name: Callable[[T], Hashable]
) -> list[tuple[T, list[tuple[T | None, float]]]]:
    """Return things that belong together, as one that stands for them and what each key has of it.

    found: what each key has, and how much the key counts. name: equal for what belongs together;
    where a key has several of a name, they belong to others' by their order.
    """
    tables: list[tuple[dict[Hashable, T], float]] = []
    for things, weight in found:
        table: dict[Hashable, T] = {}
        for thing in things:
            count = 0
            while (name(thing), count) in table:
                count += 1
            table[name(thing), count] = thing
        tables.append((table, weight))
    names = dict.fromkeys(key for table, _ in tables for key in table)
    return [
        (
            next(table[key] for table, _ in tables if key in table),
            [(table.get(key), weight) for table, weight in tables],
        )
        for key in names
    ]


# -- source and class ---------------------------------------------------------------------------


def _label(found: Weighted) -> ClassLabel | None:
    """Return the class of all, with its blend between theirs; None where classes differ."""
    labels = [(r.label or ClassLabel(), a) for r, a in found]
    pairs = {(label.first, label.second) for label, _ in labels}
    if len(pairs) > 1:
        return None
    return structs.replace(labels[0][0], t=total([(label.t, a) for label, a in labels]))


def _shares(found: Weighted, arc: Arc | None) -> list[tuple[Source, float]]:
    if arc is not None:
        return [(arc, 1.0)]
    shares: dict[Source, float] = {}
    for request, weight in found:
        shares[request.source] = shares.get(request.source, 0.0) + weight
    return [(source, weight) for source, weight in shares.items() if weight]


def _source(shares: list[tuple[Source, float]]) -> Source:
    if len(shares) == 1:
        return shares[0][0]
    return Average(tuple(Share(source, weight) for source, weight in shares))


def _seed(source: Source) -> int | None:
    match source:
        case Seed(seed=seed):
            return seed
        case Plane(x=x, y=y, step=step) if x == round(x) and y == round(y):
            return seed_at(x, y, step)
        case _:
            return None


# -- truncation ---------------------------------------------------------------------------------


def truncation(found: Sequence[tuple[Truncation, float]]) -> Truncation:
    """Return the truncation between some: psi row by row where it differs between rows."""
    each = [t for t, _ in found]
    if all(t.curve is None and t.cutoff == each[0].cutoff for t in each):
        return structs.replace(each[0], psi=total([(t.psi, a) for t, a in found]))
    rows = max(_rows(t) for t in each)
    curve = tuple(total([(_psi(t, row), a) for t, a in found]) for row in range(rows))
    return structs.replace(each[0], psi=total([(t.psi, a) for t, a in found]), curve=curve)


def _rows(truncation: Truncation) -> int:
    """Return how many rows of w are truncated."""
    if truncation.curve is not None:
        return len(truncation.curve)
    return _ALL_ROWS if truncation.cutoff is None else truncation.cutoff


def _psi(truncation: Truncation, row: int) -> float:
    """Return the psi of a row of w. Rows after a curve are not truncated."""
    if truncation.curve is not None:
        return truncation.curve[row] if row < len(truncation.curve) else 1.0
    return truncation.psi if truncation.cutoff is None or row < truncation.cutoff else 1.0


# -- style mixing and directions ----------------------------------------------------------------


def _mix(found: Sequence[tuple[tuple[MixSource, ...], float]]) -> tuple[MixSource, ...]:
    """Return the mix between some; a source that a key does not mix in has no weight there."""
    if all(mix == found[0][0] for mix, _ in found):
        return found[0][0]
    mixed = []
    for source, each in matched(found, lambda source: source.source):
        weights = [(m.weights if m is not None and m.enabled else (), a) for m, a in each]
        rows = max(len(row) for row, _ in weights)
        moved = tuple(
            total([(w[row] if row < len(w) else 0.0, a) for w, a in weights]) for row in range(rows)
        )
        mixed.append(MixSource(source.source, moved))
    return tuple(mixed)


def same_direction(direction: Direction) -> Hashable:
    """Return what tells a direction from others: its vector and the rows that it moves."""
    return direction.vector, direction.first, direction.last, direction.orthogonal


def _directions_apart(found: Weighted) -> bool:
    """Say whether what an orthogonal direction is orthogonal to differs between requests."""
    if not any(direction.orthogonal for r, _ in found for direction in r.directions):
        return False
    return len({frozenset(map(same_direction, r.directions)) for r, _ in found}) > 1


def _directions(found: Sequence[tuple[tuple[Direction, ...], float]]) -> tuple[Direction, ...]:
    if all(directions == found[0][0] for directions, _ in found):
        return found[0][0]
    return tuple(
        structs.replace(
            direction, amount=total([(d.amount if d is not None else 0.0, a) for d, a in each])
        )
        for direction, each in matched(found, same_direction)
    )
