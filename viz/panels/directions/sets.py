"""Sets of directions: looking for them, keeping them, and which one is in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from renderer.messages import directions as messages
from renderer.messages.directions import Component, DirectionSet, Find, How, Region
from renderer.messages.find_job import FindDirections
from renderer.messages.request import RenderRequest
from viz.desk.jobs import Ended, Jobs
from viz.desk.notify import Notify
from viz.desk.parts.directions import Group, KeptSet
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk import directions as disk
from viz.session.cell import SessionCell
from viz.session.changes import directions as moving


class DirectionSets:
    """The sets; `DirectionFacts` and `DirectionActions` are its faces.

    folder: where each set has a file.
    """

    def __init__(
        self, folder: Path, cell: SessionCell, jobs: Jobs, tasks: Tasks, notify: Notify
    ) -> None:
        self.folder = folder
        self._cell, self._jobs, self._tasks, self._notify = cell, jobs, tasks, notify
        self._all: tuple[KeptSet, ...] = ()
        self._groups: dict[Group, tuple[RenderRequest, ...]] = {"a": (), "b": ()}
        self._shown = 0
        self._next = 1
        self.selected = 0
        self.job = 0
        self.region: Region | None = None
        self.marking = False

    # -- what is there ------------------------------------------------------------------------

    @property
    def sets(self) -> Sequence[KeptSet]:
        """Those that fit the network on the screen."""
        model = self._jobs.models.get(self._cell.now.render.snapshot)
        if model is None:
            return ()
        return [kept for kept in self._all if kept.found.fits(model)]

    @property
    def shown(self) -> KeptSet | None:
        """The one that was chosen, or the newest that fits."""
        sets = self.sets
        chosen = next((kept for kept in sets if kept.id == self._shown), None)
        return chosen or (sets[-1] if sets else None)

    def group(self, which: Group) -> tuple[RenderRequest, ...]:
        """The pictures of a group."""
        return self._groups[which]

    def load(self) -> None:
        """List what was kept before the program was started, once."""

        def listed(found: list[tuple[str, DirectionSet]]) -> None:
            for path, each in found:
                self._append(each, path)

        self._tasks.run(lambda: disk.read_all(self.folder), listed, quiet=True)

    def _append(self, found: DirectionSet, path: str = "") -> int:
        id, self._next = self._next, self._next + 1
        self._all = (*self._all, KeptSet(id, found, path))
        return id

    def _get(self, id: int) -> KeptSet | None:
        return next((kept for kept in self._all if kept.id == id), None)

    def _put(self, changed: KeptSet) -> None:
        self._all = tuple(changed if kept.id == changed.id else kept for kept in self._all)

    # -- looking for them ---------------------------------------------------------------------

    def find(self, how: How) -> None:
        """Start to look, unless that is being done."""
        render = self._cell.now.render
        model = self._jobs.models.get(render.snapshot)
        if self.job or model is None:
            return
        label = None if render.label is None or not model.c_dim else render.label.first
        wanted = Find(render.snapshot, how, label=label)
        self.job = self._jobs.start(
            FindDirections(render.snapshot, wanted), "Finding directions", self._ended
        )

    def give_up(self) -> None:
        """Stop looking."""
        if self.job:
            self._jobs.cancel(self.job)

    def _ended(self, ended: Ended) -> None:
        self.job = 0
        self._jobs.tell(ended)
        if ended.result is not None:
            found = ended.result.read(DirectionSet)
            self._shown, self.selected = self._append(found), 0
            self._keep(self._shown)

    def mark(self, which: Group, requests: tuple[RenderRequest, ...]) -> None:
        """Say which pictures a group consists of, each once."""
        self._groups[which] = tuple(dict.fromkeys(requests))

    def hold_region_tool(self, held: bool) -> None:
        """Have the mouse mark a part of the picture, or no longer."""
        self.marking = held

    def mark_region(self, region: Region) -> None:
        """Say which part of the picture is meant."""
        self.region = region

    # -- keeping them -------------------------------------------------------------------------

    def _keep(self, id: int) -> None:
        """Give a set a file of its own."""
        kept = self._get(id)
        assert kept is not None
        first = kept.found

        def written(path: str) -> None:
            now = self._get(id)
            if now is None:
                self._tasks.run(lambda: disk.hide(Path(path)), lambda _: None)
                return
            self._put(replace(now, path=path))
            if now.found != first:  # it was changed while it was written
                self._rewrite(id)

        self._tasks.run(
            lambda: disk.keep(self.folder, first), written, self._unkept, about="Keeping a set"
        )

    def _rewrite(self, id: int) -> None:
        """Write a set that has changed; what is newest when the disk has time for it."""

        def write() -> None:
            kept = self._get(id)
            if kept is not None and kept.path:
                disk.write(Path(kept.path), kept.found)

        self._tasks.run(write, lambda _: None, self._unkept, about="Keeping a set")

    def _unkept(self, error: Failed) -> None:
        self._notify(f"The directions could not be kept. {describe(error)}", error=True)

    def show(self, id: int) -> None:
        """Show another set, from its first direction."""
        if self._get(id) is not None:
            self._shown, self.selected = id, 0

    def change(self, index: int, component: Component) -> None:
        """Change one of the set shown, and in the session what it is there."""
        kept = self.shown
        if kept is None or component == kept.found.components[index]:
            return
        self._put(replace(kept, found=messages.replaced(kept.found, index, component)))
        self._rewrite(kept.id)
        render = self._cell.now.render
        changed = moving.like(render, component)
        if changed != render:
            self._cell.set(structs.replace(self._cell.now, render=changed))

    def save(self, path: str) -> None:
        """Write the set shown to a file of the user's."""
        kept = self.shown
        if kept is None:
            return
        found, target = kept.found, Path(path).expanduser()
        self._tasks.run(
            lambda: disk.write(target, found),
            lambda _: self._notify(f"Saved {path}", file=str(target)),
            self._unkept,
            about=f"Saving {target.name}",
        )

    def remove(self) -> None:
        """Take the set shown away."""
        kept = self.shown
        if kept is None:
            return
        self._all = tuple(each for each in self._all if each.id != kept.id)
        self.selected = 0
        if kept.path:
            path = Path(kept.path)
            self._tasks.run(lambda: disk.hide(path), lambda _: None, about="Removing a set")

    # -- going along them ---------------------------------------------------------------------

    def select(self, index: int) -> None:
        """Have the keys move this direction."""
        self.selected = index

    def step(self, by: int) -> None:
        """Select the direction so many further; behind the last comes the first."""
        kept = self.shown
        if kept is not None and kept.found.components:
            self.selected = (self.selected + by) % len(kept.found.components)

    def push(self, by: float) -> None:
        """Move along the selected direction."""
        kept = self.shown
        if kept is None or not self.selected < len(kept.found.components):
            return
        component, session = kept.found.components[self.selected], self._cell.now
        by *= messages.reach(component) / messages.FAR
        value = round(moving.amount(session.render, component) + by, 6)
        moved = moving.with_amount(session.render, component, value)
        self._cell.set(structs.replace(session, render=moved))
