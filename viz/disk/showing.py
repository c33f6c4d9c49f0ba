"""Showing another snapshot at the same session: scrubbing, following a run, comparing.

Wishes may come in every frame, far faster than networks can be opened: only the newest counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from renderer.messages.failure import Failure
from renderer.messages.jobs import Load
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.desk.jobs import Ended, Jobs
from viz.session.cell import SessionCell
from viz.session.fit import fit


@dataclass(frozen=True)
class _Wish:
    """A snapshot to show.

    path: of its file.
    anew: what is known of the file no longer counts.
    """

    path: str
    anew: bool


class Showing:
    """The newest wish, and the loads that it takes.

    redraw: has the picture drawn again though its request has not changed.
    note: told how opening a path has ended: the failure, or None.
    """

    def __init__(
        self,
        cell: SessionCell,
        jobs: Jobs,
        redraw: Callable[[], None],
        note: Callable[[str, Failure | None], None],
    ) -> None:
        self._cell = cell
        self._jobs = jobs
        self._redraw = redraw
        self._note = note
        self._wish: _Wish | None = None
        self._path: str | None = None  # what is shown as soon as it is loaded
        self._step = False  # what is shown next is a step of undo
        self._loading: dict[int, str] = {}
        self._cancelled: set[int] = set()  # of those that are loading
        self._fitted: tuple[RenderRequest, RenderRequest] | None = None

    @property
    def pending(self) -> bool:
        """Whether something is wished for or being loaded."""
        return bool(self._loading) or self._wish is not None

    @property
    def wished(self) -> str | None:
        """The snapshot that will be shown as soon as it is loaded."""
        return self._wish.path if self._wish is not None else self._path

    def show(self, path: str, *, step: bool = True, anew: bool = False) -> None:
        """Wish for a snapshot; see `Actions.show_snapshot`.

        step: this is a step of undo. That of a drag is not lost where the next wish overtakes it.
        anew: the file has been written since, so what is known of it no longer counts.
        """
        self._wish = _Wish(path, anew)
        self._step |= step

    def forget(self) -> None:
        """Drop the wish: whatever was to be shown is not wanted any more."""
        self._wish, self._path, self._step = None, None, False

    def advance(self) -> None:
        """Act on the newest wish.

        Called once per frame after the panels: they return sessions, which would undo this.
        """
        wish, self._wish = self._wish, None
        if wish is None:
            return
        self._path = wish.path
        model = None if wish.anew else self._jobs.models.get(wish.path)
        if model is not None:
            self._become(model)
            return
        for job, path in [*self._loading.items()][1:]:  # the oldest is being read: let it finish
            if path != wish.path and job not in self._cancelled:
                self._cancelled.add(job)
                self._jobs.cancel(job)
        going_on = (path for job, path in self._loading.items() if job not in self._cancelled)
        if wish.path not in going_on:
            self._load(wish.path)

    def _load(self, path: str) -> None:
        def ended(how: Ended) -> None:
            self._loading.pop(job)
            self._cancelled.discard(job)
            self._ended(path, how)

        job = self._jobs.start(Load(path), f"Opening {Path(path).name}", ended)
        self._loading[job] = path

    def _ended(self, path: str, ended: Ended) -> None:
        wanted = path == self._path
        if ended.model is not None:
            if wanted:
                self._become(ended.model)
            return
        if wanted and path not in self._loading.values():  # else it is being loaded once more
            self._jobs.tell(ended)
            self._path = None
        if not ended.cancelled:
            self._note(path, ended.failure)

    def _become(self, model: ModelInfo) -> None:
        step, self._step, self._path = self._step, False, None
        session = self._cell.now
        self._note(model.path, None)
        before = session.render
        if self._fitted is not None and self._fitted[1] == before:
            # Going past a network that lacks a layer must not lose the view of it for good.
            before = self._fitted[0]
        after = structs.replace(session, render=fit(before, model))
        self._fitted = before, after.render
        if after.render.snapshot == session.render.snapshot:
            self._redraw()  # the file was written anew
        if step:
            self._cell.set(after)
        else:
            self._cell.replace(after)
