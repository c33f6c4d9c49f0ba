"""Opening snapshots: the way from what a user names to a picture.

Paths are looked up on a thread (disks can be slow), then the renderer loads the file; until it
has, everything stays as it is, and if it fails nothing has changed. A file that turns out to hold a
latent becomes the saved w.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from msgspec import structs

from common.errors import UserError
from common.runs.disk import Disk, Found
from renderer.messages.failure import Failure
from renderer.messages.jobs import Load
from renderer.messages.model import ModelInfo
from renderer.messages.request import SavedW
from viz.desk.jobs import Ended, Jobs
from viz.desk.notify import Notify
from viz.desk.settings import SettingsCell
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk.bundled import bundled_snapshot, localised
from viz.disk.showing import Showing
from viz.session.cell import SessionCell
from viz.session.fit import alike, fit, unburdened
from viz.session.session import Session


@dataclass(frozen=True)
class _Load:
    """A load under way.

    path: what is loaded.
    asked: how it was named.
    session: what to become then, None for the session as it is by that time.
    named: it was opened by its name, and not because the last session shows it.
    folder: what was named is its folder.
    first: it is the program's first, which falls back to the bundled snapshot.
    failed: called where it cannot be opened.
    """

    path: str
    asked: str
    session: Session | None
    named: bool = False
    folder: bool = False
    first: bool = False
    failed: Callable[[], None] = lambda: None


class OpenSnapshot(Protocol):
    """As parts of the window that have a session at hand are given `Opening.open`."""

    def __call__(
        self, text: str, session: Session, *, failed: Callable[[], None] = ...
    ) -> None: ...


class Opening:
    """Loads that were asked for by name.

    disk: the one that the renderer opens files of.
    redraw: has the picture drawn again though its request has not changed.
    watch: follows a run directory that has no snapshot yet, and shows its first one.
    opened: told which snapshot the user has opened, and whether by the name of its folder.

    failed: why what the program was started with could not be opened, None where it could.
    load_failure: path and reason of the last snapshot that did not open, until one does.
    """

    def __init__(
        self,
        cell: SessionCell,
        settings: SettingsCell,
        jobs: Jobs,
        tasks: Tasks,
        notify: Notify,
        *,
        disk: Disk,
        redraw: Callable[[], None],
        watch: Callable[[Path], None],
        opened: Callable[[Path, bool], None],
    ) -> None:
        self._cell = cell
        self._settings = settings
        self._jobs = jobs
        self._tasks = tasks
        self._notify = notify
        self._disk = disk
        self._bundled = str(bundled_snapshot())
        self._redraw = redraw
        self._watch = watch
        self._told = opened
        self._loading: list[str] = []
        self._finding_first = False
        self._asked = object()  # stands for what was opened last
        self._unreached: Callable[[], None] | None = None  # opens what no line was there for
        self.showing = Showing(cell, jobs, redraw, self.note)
        self.failed: Failure | None = None
        self.load_failure: tuple[str, Failure] | None = None

    @property
    def pending(self) -> bool:
        """Whether a load is under way or wished for, or what to begin with is looked for."""
        return bool(self._loading) or self._finding_first or self.showing.pending

    @property
    def loading(self) -> str:
        """The snapshot that the picture will be of as soon as it is read, empty where none is."""
        return self.showing.wished or (self._loading[-1] if self._loading else "")

    def start(self, path: str | None) -> None:
        """Open `path` at the start, or else the session's snapshot, or else the bundled one."""
        self._cell.replace(localised(self._cell.now))
        text = path or self._cell.now.render.snapshot or str(bundled_snapshot())
        self.open(text, first=True, named=path is not None)

    def open(
        self,
        text: str,
        session: Session | None = None,
        *,
        first: bool = False,
        named: bool = True,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Open a file, a run directory or RUN/KIMG; with it become `session`, if one is given.

        first: it is the program's first, which falls back to the bundled snapshot.
        named: it was named by the user; otherwise the last session shows it.
        failed: called where it cannot be opened, after the user was told why.
        """
        self.showing.forget()
        self._unreached = None
        text = text.strip()
        asked = self._asked = object()

        def late() -> bool:
            """Whether something else was opened since; the first gives way only to a picture."""
            shown = self._cell.now.render.snapshot in self._jobs.models
            is_late = self._asked is not asked and (shown or not first)
            if is_late and first:
                self._finding_first = False
            return is_late

        def found(where: Found) -> None:
            if late():
                return
            self._finding_first = False
            if text == str(bundled_snapshot()):
                self._bundled = where.path  # it is elsewhere on the disk of another machine
            if where.whole:
                named_now = named and session is None
                self._load(_Load(where.path, text, session, named_now, where.folder, first, failed))
            else:
                self._await(Path(where.path), first=first)

        def missed(error: Failed) -> None:
            if late():
                return
            if self._disk.place and isinstance(error, ConnectionError):
                self._unreached = partial(
                    self.open, text, session, first=first, named=named, failed=failed
                )
                if not first:
                    self._notify(f"{text} is opened when {self._disk.place} is back.")
                return
            self._finding_first = False
            if isinstance(error, UserError):
                failure = Failure(error.message, error.remedy)
            else:
                failure = Failure(describe(error))
            self._jobs.tell(Ended(failure=failure))
            self._failed(_Load(text, text, session, first=first, failed=failed), failure)

        self._finding_first = self._finding_first or first
        self._tasks.run(lambda: self._disk.find(text), found, missed, about=f"Looking for {text}")

    def reached(self) -> None:
        """Open what could not be looked for without a line; called while there is one."""
        unreached, self._unreached = self._unreached, None
        if unreached is not None:
            unreached()

    def note(self, path: str, failure: Failure | None) -> None:
        """Remember how opening a path has ended, for the panels."""
        self.load_failure = None if failure is None else (path, failure)

    def _await(self, run: Path, *, first: bool) -> None:
        """Watch a run that has only just begun, and show its first snapshot when it is there."""
        self._watch(run)
        self._notify(
            f"{run.name} has no snapshot yet; its first one will be shown.",
            holds=lambda: Path(self._cell.now.render.snapshot).parent != run,
        )
        if first:
            self.open(str(bundled_snapshot()), first=True, named=False)

    def _load(self, load: _Load) -> None:
        self._loading.append(load.path)
        self._jobs.start(
            Load(load.path),
            f"Opening {Path(load.path).name}",
            lambda ended: self._ended(load, ended),
        )

    def _ended(self, load: _Load, ended: Ended) -> None:
        self._loading.remove(load.path)
        if ended.failure is not None and ended.failure.latent and load.session is None:
            self._use_latent(load)
            return
        self._jobs.tell(ended)
        if ended.cancelled:
            self._notify(f"Cancelled: {Path(load.path).name} is not opened.")
        if ended.model is not None:
            self._opened(load, ended.model)
        else:
            self._failed(load, None if ended.cancelled else ended.failure)

    def _use_latent(self, load: _Load) -> None:
        """Take the file as the saved w of the network that is shown, as it holds no network."""
        self.note(load.path, None)
        session = self._cell.now.with_render(source=SavedW(load.path))
        name = Path(load.path).name
        text = f"{name} holds a latent and no network: it is the saved w in Latent now."
        if load.first:
            self._cell.replace(session)
            self.start(None)
        else:
            self._cell.set(session)
        self._notify(text, holds=lambda: self._cell.now.render.source == SavedW(load.path))

    def _opened(self, load: _Load, model: ModelInfo) -> None:
        self.note(load.path, None)
        base, dropped = load.session or self._cell.now, ""
        if load.session is None and self._is_another(base.render.snapshot, load.asked, model):
            base, dropped = unburdened(base)
        session = structs.replace(base, render=fit(base.render, model))
        if load.first:
            self._cell.replace(session)
        else:
            self._cell.set(session)
        self._redraw()
        if load.path != self._bundled:
            self._settings.change(recent=self._settings.now.opened(load.path).recent)
        shown = self._cell.now.render.snapshot
        text = f"Opened {model.name}."
        if dropped:
            text += f" It is another network, so {dropped} of the one before ended."
        self._notify(text, holds=lambda: self._cell.now.render.snapshot == shown)
        if load.named:
            self._told(Path(load.path), load.folder)

    def _is_another(self, shown: str, asked: str, model: ModelInfo) -> bool:
        """Whether a network that was opened has nothing to do with the one that was shown.

        shown: the path of that one, of which nothing may be known. asked: how this was named; a
            relative path means the same file only to whom it was told.
        """
        before = self._jobs.models.get(shown)
        if before is not None:
            return not alike(before, model)
        return shown not in ("", asked) and Path(shown).parent != Path(model.path).parent

    def _failed(self, load: _Load, failure: Failure | None) -> None:
        if failure is not None:
            self.note(load.path, failure)
            load.failed()
        if load.first:
            self.failed = failure or Failure("Cancelled.")
            if load.path not in (self._bundled, str(bundled_snapshot())):
                self.open(str(bundled_snapshot()), first=True, named=False)
