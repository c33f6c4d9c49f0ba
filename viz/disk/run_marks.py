"""Stars and notes on the snapshots of runs, and the run that each is compared with.

They are the user's, not the run's: they lie in the user's folder, in a file per run, as a run's
own folder may be closed to writing or on a disk of somebody else.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePath

import numpy as np
from msgspec import Struct, structs

from common.errors import UserError
from common.runs.best import best_snapshot, chosen_metric
from common.runs.state import RunState
from viz.desk.notify import Notify
from viz.desk.parts.marks import Marks
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk.store import decode, encode, write_atomically

VERSION = 1
"""The version of the format of the files."""


class SnapshotMark(Struct, frozen=True):
    """What the user said of one snapshot.

    star: it has a star.
    note: a text, empty for none.
    """

    star: bool = False
    note: str = ""


class RunMarks(Struct, frozen=True):
    """What the user said of one run.

    path: where the run was when this was written; for people who look into the file.
    snapshots: by the names of the files, without those of which nothing is said.
    compared: the folder of the run whose curves are drawn over those of this one, empty for none.
    version: of the format that this was written in.
    """

    path: str = ""
    snapshots: dict[str, SnapshotMark] = {}
    compared: str = ""
    version: int = VERSION


def identity(run: RunState) -> str:
    """What a run is known by, wherever it is moved: the second of its first tick.

    Before there is one, it is known by its path.
    """
    known = run.times[np.isfinite(run.times)]
    return f"begun at {float(known[0])!r}" if len(known) else f"lies at {run.path}"


class RunMarksCell:
    """What is said of the watched run.

    folder: where the files are.
    read_only: nothing is written.

    facts: what panels see.
    compared: the folder of the run that it is compared with, empty for none.
    """

    def __init__(self, folder: Path, tasks: Tasks, notify: Notify, *, read_only: bool) -> None:
        self._folder = folder
        self._tasks = tasks
        self._notify = notify
        self._read_only = read_only
        self._path = self._identity = ""
        self._kept: RunMarks | None = None
        self._unwritten: tuple[Path, RunMarks] | None = None
        self._writing = False
        self._made: tuple[object, ...] = ()
        self.facts = Marks()

    @property
    def compared(self) -> str:
        """The folder of the run that this one is compared with, empty for none."""
        return self._kept.compared if self._kept is not None else ""

    def refresh(self, run: RunState | None, metric: str) -> None:
        """Take in how the run is now; called once per frame, without waiting for anything.

        metric: the one that snapshots are to be judged by.
        """
        if run is None:
            self._path = self._identity = ""
            self._kept, self.facts, self._made = None, Marks(), ()
            return
        made = run.series, run.metrics, run.snapshots, metric, self._kept
        if len(made) == len(self._made) and all(
            a is b for a, b in zip(made, self._made, strict=True)
        ):
            return
        known_by = identity(run)
        if known_by != self._identity:
            carried = self._kept if run.path == self._path else None
            self._path, self._identity, self._kept = run.path, known_by, None
            self._load(carried)
        self._made = run.series, run.metrics, run.snapshots, metric, self._kept
        self.facts = self._facts(run, metric)

    def star(self, path: str, on: bool) -> None:
        """Give a snapshot a star, or take it away."""
        self._change(path, star=on)

    def note(self, path: str, text: str) -> None:
        """Write something about a snapshot, in the place of what stood there."""
        self._change(path, note=text)

    def compare(self, run: str) -> None:
        """Remember which run this one is compared with, empty for none."""
        if self._ready():
            self._keep(structs.replace(self._kept or RunMarks(), compared=run))

    # -- parts of it --------------------------------------------------------------------------

    def _facts(self, run: RunState, metric: str) -> Marks:
        kept = self._kept.snapshots if self._kept is not None else {}
        folder, name = PurePath(run.path), chosen_metric(run, metric)
        stars = frozenset(str(folder / n) for n, mark in kept.items() if mark.star)
        notes = {str(folder / n): mark.note for n, mark in kept.items() if mark.note}
        best = best_snapshot(run, name)
        if best is None:
            return Marks(name, stars=stars, notes=notes)
        file, index = best
        value = float(run.metrics[name].value[index])
        return Marks(name, file.path, file.kimg, value, stars, notes)

    def _change(self, path: str, **changes: bool | str) -> None:
        if not self._ready() or PurePath(path).parent != PurePath(self._path):
            return
        marks, name = self._kept or RunMarks(), PurePath(path).name
        mark = structs.replace(marks.snapshots.get(name, SnapshotMark()), **changes)
        others = {n: m for n, m in marks.snapshots.items() if n != name}
        if mark != SnapshotMark():
            others[name] = mark
        self._keep(structs.replace(marks, snapshots=others))

    def _ready(self) -> bool:
        if self._kept is None and self._path:
            self._made = ()  # they are looked for again where that failed
            self._notify("The stars and notes of this run have not been read yet.", error=True)
        return self._kept is not None

    def _file(self) -> Path:
        digest = hashlib.sha256(self._identity.encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{digest[:20]}.json"

    def _load(self, carried: RunMarks | None) -> None:
        """Read what is kept of the run. carried: what was said before it had its first tick."""
        file, known_by = self._file(), self._identity

        def loaded(found: tuple[RunMarks | None, str]) -> None:
            marks, problem = found
            if problem:
                self._notify(problem, error=True)
            if self._identity != known_by:
                return
            self._kept = marks or carried or RunMarks()
            if marks is None and carried is not None and carried != RunMarks():
                self._keep(carried)

        def failed(error: Failed) -> None:
            if self._identity == known_by:
                self._identity = ""
            self._notify(f"Stars and notes could not be read. {describe(error)}", error=True)

        self._tasks.run(
            lambda: _read(file, keep_bad=not self._read_only),
            loaded,
            failed,
            about="Reading the stars and notes of the run",
        )

    def _keep(self, marks: RunMarks) -> None:
        self._kept = structs.replace(marks, path=self._path)
        self._unwritten = self._file(), self._kept
        if not self._writing and not self._read_only:
            self._write()

    def _write(self) -> None:
        """Write the newest; one at a time, so that an older one never comes last."""
        if self._unwritten is None:
            return
        (file, marks), self._unwritten, self._writing = self._unwritten, None, True

        def written(_: None) -> None:
            self._writing = False
            self._write()

        def failed(error: Failed) -> None:
            self._notify(f"Stars and notes could not be saved. {describe(error)}", error=True)
            written(None)

        self._tasks.run(
            lambda: write_atomically(file, encode(marks)),
            written,
            failed,
            about="Saving the stars and notes of the run",
        )


def _read(file: Path, *, keep_bad: bool) -> tuple[RunMarks | None, str]:
    """What a file holds, and what is wrong with it. Raises OSError where it cannot be reached.

    keep_bad: a file that is none of ours is kept beside, and not written over.
    """
    try:
        return decode(file.read_bytes(), RunMarks, VERSION, str(file)), ""
    except FileNotFoundError:
        return None, ""
    except UserError as error:
        bad = file.with_suffix(".json.bad")
        if keep_bad:
            os.replace(file, bad)
        return None, f"{error} Stars and notes begin anew; it is kept as {bad.name}."
