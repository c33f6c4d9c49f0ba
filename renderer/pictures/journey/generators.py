"""Journeys made by rule: through seeds, at random, and in circles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
from msgspec import structs

from renderer.messages.journey import Going, Journey, Key
from renderer.messages.request import (
    SEEDS,
    Arc,
    Average,
    RenderRequest,
    Seed,
    Share,
    Source,
)

Space: TypeAlias = Literal["w", "z"]
"""Where a generated journey goes: through w on a smooth curve, or through z on great circles."""

_GOINGS: Final[dict[Space, Going]] = {"w": "smooth", "z": "slerp"}
_CORNERS: Final[dict[Space, int]] = {"w": 8, "z": 4}
"""How many keys a circle has: in z they lie on it exactly, in w a spline goes through them."""


def through(
    requests: Sequence[RenderRequest],
    seconds: float,
    *,
    going: Going = "smooth",
    closed: bool = True,
) -> Journey:
    """Return a journey that passes some pictures at equal times.

    seconds: from one to the next, above 0.
    """
    keys = tuple(Key(r, index * seconds, going) for index, r in enumerate(requests))
    steps = len(keys) if closed else len(keys) - 1
    return Journey(keys, max(0, steps) * seconds, closed)


def through_seeds(
    base: RenderRequest,
    seeds: Iterable[int],
    seconds: float,
    *,
    going: Going = "smooth",
    closed: bool = True,
) -> Journey:
    """Return a journey through seeds, with everything else as in `base`."""
    requests = [structs.replace(base, source=Seed(seed)) for seed in seeds]
    return through(requests, seconds, going=going, closed=closed)


def walk(
    base: RenderRequest,
    seed: int,
    count: int,
    seconds: float,
    *,
    space: Space = "w",
    closed: bool = True,
) -> Journey:
    """Return a journey through `count` seeds that are drawn at random, which `seed` repeats."""
    drawn = np.random.RandomState(seed % SEEDS).randint(0, SEEDS, count, dtype=np.uint32)
    seeds = [int(each) for each in drawn]
    return through_seeds(base, seeds, seconds, going=_GOINGS[space], closed=closed)


def circle(
    base: RenderRequest,
    first: int,
    second: int,
    seconds: float,
    *,
    space: Space = "w",
    radius: float = 0.5,
) -> Journey:
    """Return a closed journey around a circle.

    In z it is the great circle through two seeds. In w it goes around the latent of `base`, w_0,
    at w_0 + radius·(cos φ·(w_1 − w_0) + sin φ·(w_2 − w_0)).

    seconds: for the whole of it. radius: only of a circle in w.
    """
    corners = _CORNERS[space]
    found = []
    for corner in range(corners):
        turn = corner / corners
        source: Source = Arc(first, second, 0.0, turn)
        if space == "w":
            a, b = (radius * f(2 * math.pi * turn) for f in (math.cos, math.sin))
            parts = ((base.source, 1 - a - b), (Seed(first), a), (Seed(second), b))
            source = Average(tuple(Share(*each, label=base.label) for each in parts))
        found.append(structs.replace(base, source=source))
    return through(found, seconds / corners, going=_GOINGS[space], closed=True)
