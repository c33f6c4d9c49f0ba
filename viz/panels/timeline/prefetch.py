"""Opening the networks beside the one that is shown, so that the next step finds them open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from renderer.messages.jobs import Load
from viz.desk.jobs import Ended, Jobs
from viz.desk.settings import SettingsCell
from viz.session.cell import SessionCell

BYTES_PER_WEIGHT = 4
"""Weights are kept as float32."""


class Prefetch:
    """One load at a time, quietly: nobody has asked for it, so nobody hears of its failure.

    ready: whether the picture is there and the renderer has nothing better to do.
    """

    def __init__(
        self, cell: SessionCell, settings: SettingsCell, jobs: Jobs, ready: Callable[[], bool]
    ) -> None:
        self._cell = cell
        self._settings = settings
        self._jobs = jobs
        self._ready = ready
        self._loading = False
        self._around = ""
        self._left: list[str] = []

    def advance(self, paths: Sequence[str]) -> None:
        """Go on where there is time; called once per frame of the window.

        paths: what is likely to be shown next, the likeliest first. They are looked at once for
        every snapshot that is shown, when its picture is there.
        """
        shown = self._cell.now.render.snapshot
        if not paths or not self._ready():
            return
        if shown != self._around:
            self._around = shown
            self._left = list(paths) if self._fits(1 + len(paths)) else []
        if not self._loading and self._left:
            path = self._left.pop(0)
            self._loading = True
            self._jobs.start(Load(path), "", self._ended, quiet=True)

    def _ended(self, ended: Ended) -> None:
        self._loading = False

    def _fits(self, count: int) -> bool:
        model = self._jobs.models.get(self._cell.now.render.snapshot)
        limit = self._settings.now.engine.cache_bytes
        return model is not None and count * model.parameters * BYTES_PER_WEIGHT <= limit
