"""What psi is in every row of w: as it is applied, and by the presets. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from renderer.messages.model import RowInfo
from renderer.messages.request import Truncation
from viz.session.changes import mixing

Preset: TypeAlias = Literal["Flat", "Coarse", "Fine", "Ramp"]
"""The name of a curve that can be chosen with a button."""


def effective(truncation: Truncation, rows: int) -> tuple[float, ...]:
    """Return psi of each of `rows` rows of w, as the pipeline applies it."""
    if truncation.curve is not None:
        return (*truncation.curve[:rows], *([1.0] * (rows - len(truncation.curve))))
    cut = rows if truncation.cutoff is None else min(truncation.cutoff, rows)
    return (truncation.psi,) * cut + (1.0,) * (rows - cut)


def merged(curve: Sequence[float] | None, values: Sequence[float]) -> tuple[float, ...]:
    """Return `values`, and after them what the curve holds for rows that the network lacks."""
    return (*values, *(curve or ())[len(values) :])


def preset(name: Preset, psi: float, rows: Sequence[RowInfo]) -> tuple[float, ...]:
    """Return a curve for the rows of w, whose strongest truncation is `psi`.

    Flat is psi in every row; Coarse and Fine are psi in these rows and 1 in the others; Ramp goes
    from psi in the first row to 1 in the last.
    """
    if name == "Ramp":
        last = max(1, len(rows) - 1)
        return tuple(psi + (1 - psi) * i / last for i in range(len(rows)))
    bands: dict[str, mixing.Band] = {"Flat": "all", "Coarse": "coarse", "Fine": "fine"}
    chosen = set(mixing.band_rows(bands[name], rows))
    return tuple(psi if row.index in chosen else 1.0 for row in rows)
