"""Style mixing as arithmetic on tuples: weights per w row, sources, presets. Pure functions.

Weights are kept for rows that the current network does not have, so that going to a smaller
network and back loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from msgspec import structs

from renderer.messages.model import RowInfo
from renderer.messages.request import Arc, Average, MixSource, Plane, SavedW, Seed, Source

Band: TypeAlias = Literal["coarse", "middle", "fine", "all", "none"]
"""A preset for the weights of a source: the band of rows in which it replaces the latent."""
Mix: TypeAlias = tuple[MixSource, ...]
"""The sources that are mixed into the latent, in the order of their columns."""

COLORS = (
    (0.95, 0.55, 0.19),
    (0.20, 0.66, 0.90),
    (0.84, 0.40, 0.72),
    (0.36, 0.74, 0.42),
    (0.90, 0.33, 0.36),
    (0.58, 0.50, 0.93),
    (0.80, 0.70, 0.18),
    (0.20, 0.70, 0.66),
)
"""The colours of the sources, R, G and B in 0…1, distinct on dark and on light ground.

They repeat where there are more sources.
"""


def color(index: int) -> tuple[float, float, float]:
    """Return the colour of the source with this index in the mix."""
    return COLORS[index % len(COLORS)]


def weight(source: MixSource, row: int) -> float:
    """Return the share that a source asks for in a row of w."""
    return source.weights[row] if row < len(source.weights) else 0.0


def with_weights(weights: Sequence[float], rows: Iterable[int], value: float) -> tuple[float, ...]:
    """Return the weights with `value` (clamped to 0…1) in `rows`; missing ones before are 0."""
    rows = list(rows)
    length = max([len(weights), *(row + 1 for row in rows)])
    filled = [*weights, *([0.0] * (length - len(weights)))]
    for row in rows:
        filled[row] = min(max(value, 0.0), 1.0)
    return tuple(filled)


def painted(
    weights: Sequence[float], anchor: int, current: int, value: float, rows: int
) -> tuple[float, ...]:
    """Return the weights with `value` in every row between the two, whichever is first."""
    low, high = sorted((min(max(anchor, 0), rows - 1), min(max(current, 0), rows - 1)))
    return with_weights(weights, range(low, high + 1), value)


def shares(mix: Mix, row: int) -> tuple[float, tuple[float, ...]]:
    """Return what a row of w is made of: the share of the latent itself, and of each source.

    As in the pipeline, weights that add up to more than 1 are divided by their sum.
    """
    asked = [weight(source, row) if source.enabled else 0.0 for source in mix]
    total = sum(asked)
    scale = 1 / total if total > 1 else 1.0
    return max(0.0, 1 - total), tuple(a * scale for a in asked)


def heard(mix: Mix, num_ws: int) -> list[MixSource]:
    """Return the sources that change anything in the rows of w of a network."""
    return [source for source in mix if source.enabled and any(source.weights[:num_ws])]


def band_rows(band: Band, rows: Sequence[RowInfo]) -> list[int]:
    """Return the rows of w of a preset.

    In the paper (StyleGAN, Section 3.1) coarse is 4²–8², middle 16²–32² and fine 64² and up.
    Networks with fewer than six resolutions are divided into thirds instead.
    """
    if band == "none":
        return []
    if band == "all":
        return [row.index for row in rows]
    # As they follow each other: the last layers of StyleGAN3 are smaller than those before them.
    sizes = list(dict.fromkeys(row.resolution for row in rows))
    n = len(sizes)
    first, second = min(2, round(n / 3)), min(4, round(2 * n / 3))
    chosen = {"coarse": sizes[:first], "middle": sizes[first:second], "fine": sizes[second:]}[band]
    return [row.index for row in rows if row.resolution in chosen]


def with_band(source: MixSource, band: Band, rows: Sequence[RowInfo]) -> MixSource:
    """Return the source with weight 1 in the rows of the preset and 0 in the network's others."""
    cleared = with_weights(source.weights, [row.index for row in rows], 0.0)
    return structs.replace(source, weights=with_weights(cleared, band_rows(band, rows), 1.0))


def matching_band(source: MixSource, rows: Sequence[RowInfo]) -> Band | None:
    """Return the preset that the weights are those of, None where there is none."""
    current = tuple(weight(source, row.index) for row in rows)
    bands: tuple[Band, ...] = ("all", "none", "coarse", "middle", "fine")
    for band in bands:
        chosen = set(band_rows(band, rows))
        if current == tuple(float(row.index in chosen) for row in rows):
            return band
    return None


def replaced(mix: Mix, index: int, source: MixSource) -> Mix:
    """Return the mix with another source in place of one."""
    return (*mix[:index], source, *mix[index + 1 :])


def removed(mix: Mix, index: int) -> Mix:
    """Return the mix without one source."""
    return mix[:index] + mix[index + 1 :]


def is_solo(mix: Mix, index: int) -> bool:
    """Whether this source is the only one that is enabled, among several."""
    return len(mix) > 1 and all(s.enabled == (i == index) for i, s in enumerate(mix))


def soloed(mix: Mix, index: int) -> Mix:
    """Return the mix with only this source enabled, or with all where it was alone already."""
    alone = is_solo(mix, index)
    return tuple(
        structs.replace(source, enabled=alone or i == index) for i, source in enumerate(mix)
    )


def source_title(source: Source) -> str:
    """Name a source in a few characters."""
    match source:
        case SavedW(path=path, index=index):
            name = path.replace("\\", "/").rpartition("/")[2] or "no file"
            return f"{name} [{index}]" if index else name
        case Average(parts=parts):
            return f"mean of {len(parts)}"
        case Arc(first=first, second=second):
            return f"seed {first} → {second}"
        case Seed(seed=seed):
            return f"seed {seed}"
        case Plane(x=x, y=y):
            return f"({x:.2f}, {y:.2f})"
