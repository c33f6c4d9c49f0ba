"""What the classes of the open network are called, read from the data that it was trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from common.runs.disk import HERE, Disk
from common.runs.state import RunState
from renderer.messages.model import ModelInfo
from viz.desk.tasks import Tasks
from viz.session.cell import SessionCell


class ClassNames:
    """Reads each data set once, on a thread, where it is still where the run found it.

    models: facts on the networks, by path.
    run: the run that is watched, None where none is.
    disk: the one that the data sets lie on.
    """

    def __init__(
        self,
        cell: SessionCell,
        tasks: Tasks,
        models: Mapping[str, ModelInfo],
        run: Callable[[], RunState | None],
        disk: Disk = HERE,
    ) -> None:
        self._cell = cell
        self._tasks = tasks
        self._models = models
        self._run = run
        self._disk = disk
        self._read: dict[str, tuple[str, ...]] = {}

    @property
    def now(self) -> tuple[str, ...]:
        """The names of the classes of the session's network, empty where they are not known."""
        shown = self._cell.now.render.snapshot
        model, run = self._models.get(shown), self._run()
        if model is None or not model.c_dim or run is None or not run.options.data_path:
            return ()
        if Path(shown).parent != Path(run.path):
            return ()
        data = run.options.data_path
        if data not in self._read:
            self._ask(data)
        names = self._read[data]
        return names if len(names) == model.c_dim else ()

    def _ask(self, data: str) -> None:
        self._read[data] = ()

        def done(names: tuple[str, ...]) -> None:
            self._read[data] = names

        # Data that was moved has no names to give; numbers do as well.
        self._tasks.run(lambda: self._disk.class_names(data), done, lambda error: None, quiet=True)
