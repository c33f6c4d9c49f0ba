"""What a contact sheet consists of: its cells, in the order of reading. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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


class Cells:
    """The cells of a sheet in the order of reading, each made when it is looked at.

    A run of some hundred snapshots has ten thousands of them, of which a few rows are in view.
    """

    def __init__(
        self, rows: Sequence[str], seeds: Sequence[int], request: Callable[[int], RenderRequest]
    ) -> None:
        """Make a sheet.

        rows: what is written before the seeds of each row; a single one without words is of all.
        seeds: those of every row.
        request: gives the request of a row, by its index, at any seed.
        """
        self._rows = rows
        self._seeds = seeds
        self._request = request
        self._known: dict[int, RenderRequest] = {}

    def __len__(self) -> int:
        return len(self._rows) * len(self._seeds)

    def __getitem__(self, index: int) -> Cell:
        row, column = divmod(range(len(self))[index], len(self._seeds))
        request = self._known.get(row) or self._known.setdefault(row, self._request(row))
        seed, words = self._seeds[column], self._rows[row]
        label = f"{words}, {seed}" if words else str(seed)
        return Cell(seed, label, structs.replace(request, source=Seed(seed)))

    def __iter__(self) -> Iterator[Cell]:
        return (self[index] for index in range(len(self)))

    @property
    def columns(self) -> int:
        """How many cells a row has, 0 where as many as there is room for."""
        return len(self._seeds) if self and self._rows[0] else 0


def cells_of(session: Session, context: Context, seeds: Sequence[int], mode: Mode) -> Cells:
    """Return the cells of a sheet: each seed at the session's settings, but for what is mixed in.

    mode: `matrix` has a row of all seeds for each snapshot of the run.
    """
    base = structs.replace(plain(session.render), mix=())
    if mode == "seeds":
        return Cells(("",), seeds, lambda _: base)
    entries = context.snapshots

    def request(row: int) -> RenderRequest:
        model = context.models.get(entries[row].path)
        fitting = base if model is None else fit(base, model)
        return structs.replace(fitting, snapshot=entries[row].path)

    names = [units.kimg(e.kimg) if e.kimg is not None else e.path for e in entries]
    return Cells(names, seeds, request)
