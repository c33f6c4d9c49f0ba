"""Groups of channels that show the same things, by k-means (Lloyd 1982) from spread out seeds
(Arthur & Vassilvitskii 2007, "k-means++")."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int_]

TRIES: Final = 8
"""How often groups are looked for, each time from other beginnings."""
ROUNDS: Final = 100
"""After so many, groups that still change are taken as they are."""


def cluster(maps: npt.NDArray[np.number], count: int, seed: int = 0) -> list[tuple[int, ...]]:
    """Group channels by their maps [samples, channels, H, W]; at most `count` groups.

    Of each map only the pattern counts, neither its mean nor its strength, and not its sign: a
    channel that is dark where another is bright shows the same place. Returns the channels of each
    group in ascending order, the largest group first; a layer of fewer channels has fewer groups.
    """
    patterns, rng = _patterns(maps), np.random.RandomState(seed)
    # Each beginning leads to groups of its own: those are taken that lie closest together.
    tries = [_grouped(patterns, count, rng) for _ in range(TRIES)]
    _, labels = min(tries, key=lambda found: found[0])
    groups = [tuple(int(c) for c in np.flatnonzero(labels == i)) for i in range(count)]
    return sorted((group for group in groups if group), key=lambda group: (-len(group), group))


def _grouped(patterns: Array, count: int, rng: np.random.RandomState) -> tuple[float, Labels]:
    """How far patterns are from the centres of their groups, squared; and each one's group."""
    centres = _spread_out(patterns, min(count, len(patterns)), rng)
    labels = np.full(len(patterns), -1)
    for _ in range(ROUNDS):
        distances = _distances(patterns, centres)
        before, labels = labels, distances.argmin(1)
        if (labels == before).all():
            break
        for index in range(len(centres)):
            if (members := patterns[labels == index]).size:
                centres[index] = members.mean(0)
    return float(distances.min(1).sum()), labels


def _patterns(maps: npt.NDArray[np.number]) -> Array:
    """[channels, samples · H · W]: each map without its mean, of length one, of one sign."""
    samples, channels = maps.shape[:2]
    flat = maps.reshape(samples, channels, -1).astype(np.float64)
    flat = flat - flat.mean(2, keepdims=True)
    length = np.linalg.norm(flat, axis=2, keepdims=True)
    flat = np.divide(flat, length, out=np.zeros_like(flat), where=length > 0)
    # The sign in which a map has its longer tail; maps of both signs then lie together.
    skew = np.sign((flat**3).sum(2, keepdims=True))
    patterns: Array = np.where(skew < 0, -flat, flat)
    return patterns.transpose(1, 0, 2).reshape(channels, -1)


def _distances(patterns: Array, centres: Array) -> Array:
    """Squared distances: [channels, centres]."""
    square = np.square(patterns).sum(1)[:, None] + np.square(centres).sum(1)[None]
    distances: Array = np.maximum(square - 2 * patterns @ centres.T, 0.0)
    return distances


def _spread_out(patterns: Array, count: int, rng: np.random.RandomState) -> Array:
    """Centres to begin with: each pattern is likelier the further it is from those before."""
    chosen = [patterns[rng.randint(len(patterns))]]
    while len(chosen) < count:
        nearest = _distances(patterns, np.stack(chosen)).min(1)
        total = nearest.sum()
        if total <= 0:
            break  # all patterns are among them
        chosen.append(patterns[rng.choice(len(patterns), p=nearest / total)])
    return np.stack(chosen)
