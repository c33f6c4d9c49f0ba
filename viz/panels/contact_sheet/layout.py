"""What a contact sheet consists of: its cells, in the order of reading. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from msgspec import structs

from common import units
from renderer.messages.request import RenderRequest, Seed
from viz.desk.context import Context
from viz.session.fit import fit
from viz.session.inspection import plain
from viz.session.session import Session

Mode: TypeAlias = Literal["seeds", "matrix"]
"""Whether each seed is shown once, or in every snapshot of the run."""
MODES: tuple[tuple[Mode, str], ...] = (("seeds", "Seeds"), ("matrix", "Snapshots × seeds"))
"""The modes, as the list names them."""


@dataclass(frozen=True)
class Cell:
    """One picture of a sheet.

    seed: its seed.
    label: what is written on it.
    request: what it shows.
    """

    seed: int
    label: str
    request: RenderRequest


def cells_of(session: Session, context: Context, seeds: Sequence[int], mode: Mode) -> list[Cell]:
    """Return the cells of a sheet: each seed at the session's settings, but for what is mixed in.

    mode: `matrix` has a row of all seeds for each snapshot of the run.
    """
    base = structs.replace(plain(session.render), mix=())
    if mode == "seeds":
        return [Cell(s, str(s), structs.replace(base, source=Seed(s))) for s in seeds]
    cells = []
    for entry in context.snapshots:
        model = context.models.get(entry.path)
        request = structs.replace(base if model is None else fit(base, model), snapshot=entry.path)
        name = units.kimg(entry.kimg) if entry.kimg is not None else entry.path
        cells += [Cell(s, f"{name}, {s}", structs.replace(request, source=Seed(s))) for s in seeds]
    return cells


def columns_of(cells: Sequence[Cell], mode: Mode) -> int:
    """Return how many cells a row has, 0 where as many as there is room for."""
    if mode == "seeds" or not cells:
        return 0
    _, first = next(groupby(cells, key=lambda cell: cell.request.snapshot))
    return len(list(first))
