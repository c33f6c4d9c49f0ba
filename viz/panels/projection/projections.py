"""Pictures that are projected, one after the other, and what is done with what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from msgspec import structs

from renderer.messages.failure import Failure
from renderer.messages.project_job import STREAM, Project, Projected, ProjectionSteps
from renderer.messages.projection import ProjectionSpec
from renderer.messages.request import RenderRequest, SavedW, Target, Truncation
from renderer.messages.to_window import Report
from viz.desk.jobs import Ended, Jobs
from viz.desk.notify import Notify
from viz.desk.parts.projection import Projection, ProjectionChanges, Stage
from viz.desk.settings import SettingsCell
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk import projections as disk
from viz.disk.opening import OpenSnapshot
from viz.session import comparing
from viz.session.cell import SessionCell


class Projections:
    """The list of pictures; `ProjectionFacts` and `ProjectionActions` are its faces.

    One picture is projected at a time; others that were started wait for it.

    folder: where each projection has a folder of its own.
    show: brings the panel to the front.
    open_snapshot: opens a network and becomes a session then.
    """

    def __init__(
        self,
        folder: Path,
        cell: SessionCell,
        settings: SettingsCell,
        jobs: Jobs,
        tasks: Tasks,
        notify: Notify,
        *,
        show: Callable[[], None],
        open_snapshot: OpenSnapshot,
    ) -> None:
        self._folder = folder
        self._cell = cell
        self._settings = settings
        self._jobs = jobs
        self._tasks = tasks
        self._notify = notify
        self._show = show
        self._open_snapshot = open_snapshot
        self._next = 1
        self._running: int | None = None  # the id of the one under way
        self._selected = 0
        self.items: tuple[Projection, ...] = ()

    # -- what is there ------------------------------------------------------------------------

    @property
    def selected(self) -> Projection | None:
        """The one that the panel shows."""
        return self._find(self._selected)

    def _find(self, id: int) -> Projection | None:
        return next((item for item in self.items if item.id == id), None)

    def _change(self, id: int, **changes: Unpack[ProjectionChanges]) -> None:
        self.items = tuple(
            replace(item, **changes) if item.id == id else item for item in self.items
        )

    def load(self) -> None:
        """List what was projected before the program was started, once."""

        def listed(found: Sequence[Projection]) -> None:
            for item in found:
                self._append(item)
            if self.items and self.selected is None:
                self._selected = self.items[-1].id

        self._tasks.run(lambda: disk.read_all(self._folder), listed, quiet=True)

    def _append(self, item: Projection) -> int:
        id, self._next = self._next, self._next + 1
        self.items = (*self.items, replace(item, id=id))
        return id

    # -- what the user does -------------------------------------------------------------------

    def add(self, paths: Sequence[str]) -> None:
        """Take pictures in, and show the first of them."""

        def looked(found: tuple[list[Projection], list[str]]) -> None:
            items, refused = found
            for text in refused:
                self._notify(text, error=True)
            ids = [self._append(item) for item in items]
            if ids:
                self._selected = ids[0]
                self._show()

        names = ", ".join(Path(path).name for path in paths[:3])
        self._tasks.run(lambda: disk.look_at(paths), looked, about=f"Looking at {names}")

    def select(self, id: int) -> None:
        """Show one of them."""
        if self._find(id) is not None:
            self._selected = id

    def set_crop(self, id: int, crop: tuple[int, int, int] | None) -> None:
        """Look for another square of a picture; what was found of the one before is left."""
        item = self._find(id)
        if item is not None and item.stage == "chosen":
            self._change(id, crop=crop)

    def start(self, id: int) -> None:
        """Begin, or go on after a pause; where another is running, wait for it."""
        item = self._find(id)
        if item is None or item.stage in ("queued", "running", "done"):
            return
        if item.stage == "chosen":
            self._change(id, spec=self._spec(item))
        self._change(id, stage="queued", failure=None, unkept="")
        if item.stage == "chosen" or not item.folder:
            self._prepare(id)
        else:
            self._begin_next()

    def _spec(self, item: Projection) -> ProjectionSpec:
        """Return what is asked for now: the network on the screen, and the panel's settings."""
        settings, render = self._settings.now.projection, self._cell.now.render
        given = render.source if settings.start == "given" else None
        return ProjectionSpec(
            render.snapshot, item.path, settings, item.crop, label=render.label, given=given
        )

    def _prepare(self, id: int) -> None:
        """Have its folder made, in which it waits for its turn; it does so too after a restart."""
        item = self._find(id)
        assert item is not None

        def made(folder: str) -> None:
            now = self._find(id)
            if now is None or now.folder not in ("", folder):
                self._hide(folder)  # removed, or begun once more, while the disk made it
            else:
                self._change(id, folder=folder)
            self._begin_next()

        def failed(error: Failed) -> None:
            text = describe(error)
            self._change(id, unkept=text)
            self._stopped(id, Failure(text))

        parent = Path(item.parent) if item.parent else self._folder
        self._tasks.run(lambda: disk.prepare(item, parent), made, failed, about="Making a folder")

    def _begin_next(self) -> None:
        item = next((item for item in self.items if item.stage == "queued"), None)
        if self._running is not None or item is None or not item.folder:
            return  # where its folder is being made, that ends here again
        assert item.spec is not None
        id = self._running = item.id
        job = self._jobs.start(
            Project(item.path, item.spec, item.folder, item.before),
            f"Projecting {Path(item.path).name}",
            lambda ended: self._ended(id, ended),
            heard=lambda report: self._heard(id, report),
            stream=STREAM,
        )
        self._change(id, stage="running", job=job)

    def pause(self, id: int) -> None:
        """Stop for now; `start` goes on from there."""
        item = self._find(id)
        if item is None:
            return
        if item.stage == "queued":
            self._change(id, stage="stopped" if item.distances else "chosen")
        elif item.job:
            self._jobs.cancel(item.job)

    def save_elsewhere(self, id: int, parent: str) -> None:
        """Go on in another folder, with all that has been found."""
        item = self._find(id)
        if item is None or item.stage not in ("chosen", "stopped"):
            return
        self._change(id, folder="", parent=parent, before=item.folder)
        self.start(id)

    def again(self, id: int) -> None:
        """Take the picture in once more; what was found stays beside it."""
        item = self._find(id)
        if item is None or item.stage not in ("stopped", "done"):
            return
        fresh = Projection(0, item.path, item.version, item.size, item.crop)
        # One that nothing was done with yet is as good as another.
        waits = (each.id for each in self.items if replace(each, id=0) == fresh)
        self._selected = next(waits, 0) or self._append(fresh)

    def remove(self, id: int) -> None:
        """Take it out of the list."""
        item = self._find(id)
        if item is None:
            return
        if item.job:
            self._jobs.cancel(item.job)
        index = self.items.index(item)
        if item.folder:
            self._hide(item.folder)
        self.items = tuple(each for each in self.items if each.id != id)
        if self._selected == id and self.items:
            self._selected = self.items[min(index, len(self.items) - 1)].id

    def _hide(self, folder: str) -> None:
        self._tasks.run(
            lambda: disk.hide(Path(folder)), lambda _: None, about="Removing a projection"
        )

    def take(self, id: int) -> None:
        """Make the best latent so far that of the session, beside the picture it was made for."""
        item = self._find(id)
        if item is None or not item.w:
            return
        if item.stage == "done":
            self._become(item, item.w)
            return
        # The search goes on writing its file; what was used of it must stay what it was.
        name = Path(item.path).name
        self._tasks.run(
            lambda: disk.keep_latent(Path(item.w)),
            lambda kept: self._become(item, kept),
            about=f"Keeping the latent of {name}",
        )

    # -- what the renderer says ---------------------------------------------------------------

    def _heard(self, id: int, report: Report) -> None:
        item, steps = self._find(id), report.read(ProjectionSteps)
        if item is None:
            return
        self._change(
            id,
            phase=steps.phase,
            done=steps.done,
            total=steps.total,
            distances=(*item.distances[: steps.first], *steps.distances),
            best=steps.best,
            psnr=steps.psnr,
            w=steps.w or item.w,
            picture=steps.picture or item.picture,
            unkept=steps.unkept,
        )

    def _ended(self, id: int, ended: Ended) -> None:
        self._running = None
        self._change(id, job=0)
        item = self._find(id)
        if item is not None and ended.result is not None:
            found = ended.result.read(Projected)
            self._change(
                id,
                stage="done",
                w=found.w,
                picture=found.picture,
                result=found.snapshot,
                psnr=found.psnr,
                unkept="",
            )
            self._notify(ended.text)
            done = self._find(id)
            # Who looks at another one meanwhile is not taken away from it.
            if done is not None and self._selected == id:
                self._become(done, done.w)
            self._begin_next()
        elif item is not None:
            self._stopped(id, None if ended.cancelled else ended.failure)
        else:
            self._begin_next()

    def _stopped(self, id: int, failure: Failure | None) -> None:
        item = self._find(id)
        stage: Stage = "stopped" if item is not None and item.distances else "chosen"
        self._change(id, stage=stage, failure=failure)
        if failure is not None:
            self._notify(f"{failure.message} {failure.remedy}".strip(), error=True)
        self._begin_next()

    def _become(self, item: Projection, w: str) -> None:
        """Show what was found, `w`, with the target beside it, as one step of undo."""
        assert item.spec is not None
        snapshot = item.result or item.spec.snapshot
        session = self._cell.now.with_render(
            snapshot=snapshot,
            source=SavedW(w),
            label=item.spec.label,
            noise=structs.replace(self._cell.now.render.noise, mode="const"),
            truncation=Truncation(),
            mix=(),
            directions=(),
            styles=(),
            edits=(),
            bends=(),
            view=None,
            augment=None,
            target=None,
        )
        target = RenderRequest(snapshot, target=Target(item.path, item.crop))
        panes = [pane for pane in session.compare.panes if pane.render.target is None]
        session = session.with_compare(panes=tuple(panes))
        session = comparing.added(session, target, (), f"Target {Path(item.path).name}")
        if snapshot in self._jobs.models:
            self._cell.set(session)
        else:
            self._open_snapshot(snapshot, session)
