"""The materials that busts are made of, and mixtures of them."""

from __future__ import annotations

import numpy as np

from recipes.busts.factors import Material

# One row for each material: linear red, green and blue; red, green and blue of what runs through it
# or grows on it; metalness, roughness, translucency, patina, veins, bands, clouds.
_ROWS: dict[str, list[float]] = {
    "carrara": [0.80, 0.76, 0.70, 0.20, 0.21, 0.24, 0.00, 0.26, 0.55, 0.15, 0.75, 0.00, 0.25],
    "ivory": [0.74, 0.58, 0.37, 0.34, 0.18, 0.08, 0.00, 0.30, 0.70, 0.35, 0.00, 0.15, 0.10],
    "bronze": [0.40, 0.19, 0.075, 0.06, 0.20, 0.16, 0.95, 0.32, 0.00, 0.60, 0.00, 0.00, 0.25],
    "verdigris": [0.20, 0.14, 0.07, 0.13, 0.42, 0.35, 0.55, 0.42, 0.05, 0.80, 0.00, 0.00, 0.95],
    "gold": [0.98, 0.58, 0.14, 0.40, 0.14, 0.03, 1.00, 0.26, 0.00, 0.45, 0.00, 0.00, 0.10],
    "silver": [0.74, 0.75, 0.78, 0.08, 0.09, 0.12, 1.00, 0.28, 0.00, 0.50, 0.00, 0.00, 0.15],
    "terracotta": [0.56, 0.17, 0.065, 0.70, 0.42, 0.26, 0.00, 0.62, 0.15, 0.25, 0.00, 0.00, 0.40],
    "walnut": [0.30, 0.13, 0.050, 0.075, 0.028, 0.012, 0.00, 0.36, 0.10, 0.30, 0.00, 0.95, 0.10],
    "oak": [0.58, 0.34, 0.14, 0.27, 0.12, 0.04, 0.00, 0.42, 0.15, 0.30, 0.00, 0.80, 0.10],
    "jade": [0.10, 0.36, 0.18, 0.45, 0.62, 0.40, 0.00, 0.16, 0.80, 0.15, 0.15, 0.00, 0.55],
    "malachite": [0.03, 0.30, 0.17, 0.015, 0.09, 0.06, 0.00, 0.16, 0.15, 0.20, 0.00, 1.00, 0.10],
    "celadon": [0.30, 0.55, 0.45, 0.10, 0.26, 0.22, 0.00, 0.14, 0.50, 0.60, 0.00, 0.00, 0.10],
    "marquina": [0.022, 0.022, 0.026, 0.70, 0.66, 0.58, 0.00, 0.15, 0.00, 0.00, 0.85, 0.00, 0.00],
    "lapis": [0.02, 0.055, 0.40, 0.62, 0.45, 0.20, 0.05, 0.18, 0.15, 0.10, 0.45, 0.00, 0.20],
    "rosso": [0.36, 0.075, 0.055, 0.72, 0.52, 0.42, 0.00, 0.22, 0.20, 0.10, 0.80, 0.00, 0.30],
    "violet glaze": [0.22, 0.12, 0.42, 0.05, 0.05, 0.22, 0.00, 0.16, 0.40, 0.60, 0.00, 0.00, 0.20],
}
_TABLE = np.array(list(_ROWS.values()))
# How often the face is of each; what is worn is more often of what goes with everything.
_OFTEN = {"carrara": 1.6, "bronze": 2.0, "gold": 1.4, "silver": 1.3, "walnut": 1.2}
_WORN = {"carrara": 3.0, "bronze": 3.0, "gold": 2.6, "marquina": 2.6, "walnut": 2.0, "silver": 1.5}
_SHARED = 0.04  # the smaller, the more of the weight lies on one material


def mixed(rng: np.random.Generator) -> Material:
    """Most weight on one stone, metal or glaze, the rest on others: a continuum with centres."""
    return _mixed(rng, _OFTEN)


def worn(rng: np.random.Generator) -> Material:
    """A mixture for what is worn: mostly of what goes with everything."""
    return _mixed(rng, _WORN)


def _mixed(rng: np.random.Generator, often: dict[str, float]) -> Material:
    row = rng.dirichlet([_SHARED * often.get(name, 1.0) for name in _ROWS]) @ _TABLE
    row[:3] *= np.exp(rng.normal(0, 0.08, 3) + rng.normal(0, 0.10))
    row[7] *= np.exp(rng.normal(0, 0.12))
    row = np.clip(row, 0.015, 1) * (row > 0)
    return Material(*(float(value) for value in row))
