"""Opening the networks beside the one that is shown, so that the next step finds them open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from viz.shell.feed import Ended

if TYPE_CHECKING:
    from viz.shell.app import App

BYTES_PER_WEIGHT = 4


class Prefetch:
    """One load at a time, quietly: nobody has asked for it, so nobody hears of its failure."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._job: int | None = None
        self._around = ""
        self._left: list[str] = []

    def advance(self, paths: Sequence[str]) -> None:
        """Once per GUI frame. paths: what is likely to be shown next, the likeliest first.

        They are looked at once for every snapshot that is shown, when its picture is there.
        """
        app = self._app
        shown = app.session.render.snapshot
        if not paths or not app.answered or app.context.engine.state != "ready":
            return
        if shown != self._around:
            self._around = shown
            self._left = list(paths) if self._fits(1 + len(paths)) else []
        if self._job is None and self._left:
            path = self._left.pop(0)
            self._job = app.client.load(path)

    def ended(self, ended: Ended) -> bool:
        """Whether this was a job of ours."""
        if ended.job.id != self._job or self._job is None:
            return False
        self._job = None
        return True

    def _fits(self, count: int) -> bool:
        model = self._app.model
        limit = self._app.settings.engine.cache_bytes
        return model is not None and count * model.parameters * BYTES_PER_WEIGHT <= limit
