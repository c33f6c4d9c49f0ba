"""Sessions out of files: in the place of the present one, or beside it."""

from __future__ import annotations

from pathlib import Path

from common.errors import UserError
from common.runs.disk import Disk
from renderer.messages.request import RenderRequest
from viz.desk.jobs import Jobs
from viz.desk.notify import Notify
from viz.desk.tasks import Tasks
from viz.disk import pictures
from viz.disk.bundled import at_hand, localised
from viz.disk.opening import Opening
from viz.session import comparing
from viz.session.cell import SessionCell
from viz.session.session import Session


class Restoring:
    """Reads sessions on a thread and takes them in.

    disk: the one that snapshots lie on.
    """

    def __init__(
        self,
        cell: SessionCell,
        opening: Opening,
        jobs: Jobs,
        tasks: Tasks,
        notify: Notify,
        disk: Disk,
    ) -> None:
        self._cell = cell
        self._opening = opening
        self._jobs = jobs
        self._tasks = tasks
        self._notify = notify
        self._disk = disk

    def restore(self, path: str) -> None:
        """Become the session in a PNG, MP4 or JSON; its snapshot is opened if need be."""

        def read() -> Session:
            return localised(pictures.read_session(Path(path)))

        self._tasks.run(read, self._become, about=f"Reading {Path(path).name}")

    def compare(self, path: Path) -> None:
        """Show the picture of a session in a file beside the present one, linked in nothing."""

        def read() -> RenderRequest:
            return at_hand(pictures.read_session(path).render)

        def beside(render: RenderRequest) -> None:
            self._cell.set(comparing.added(self._cell.now, render, (), path.stem))

        self._tasks.run(read, beside, about=f"Reading {path.name}")

    def compare_snapshot(self, text: str) -> None:
        """Show a snapshot, named as a user names it, beside the picture at the same latent."""

        def look() -> str:
            found = self._disk.find(text)
            if not found.whole:
                raise UserError(f"{found.path} holds no snapshot yet.", "Try again in a moment.")
            return found.path

        def found(snapshot: str) -> None:
            self._cell.set(comparing.added(self._cell.now, RenderRequest(snapshot)))

        self._tasks.run(look, found, about=f"Looking for {text}")

    def _become(self, session: Session) -> None:
        self._opening.showing.forget()
        session = comparing.restored(session, self._cell.now)
        path = session.render.snapshot
        if path and path not in self._jobs.models:
            self._opening.open(path, session)
            return
        if not path:
            session = session.with_render(snapshot=self._cell.now.render.snapshot)
        self._cell.set(session)
        self._notify("Session restored.")
