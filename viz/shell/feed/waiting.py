"""What the pictures on the screen wait for, and since when."""

from __future__ import annotations

import time
from pathlib import PurePath

from viz.desk.facts import Wait
from viz.desk.jobs import Jobs
from viz.disk.opening import Opening
from viz.session.cell import SessionCell
from viz.shell.feed.feed import Feed


class Waiting:
    """Remembers since when the network is awaited that the picture is to be of.

    waits: what the picture of each stream waits for, only of those that wait.
    """

    def __init__(self, cell: SessionCell, feed: Feed, opening: Opening, jobs: Jobs) -> None:
        self._cell = cell
        self._feed = feed
        self._opening = opening
        self._jobs = jobs
        self._loading = ""
        self._since = 0.0
        self.waits: dict[str, Wait] = {}

    def refresh(self) -> None:
        """Look what is awaited; called once per frame."""
        loading, now = self._awaited(), time.monotonic()
        if loading != self._loading:
            self._loading, self._since = loading, now
        failed = self._feed.engine.state == "failed"
        waited = {} if failed else self._feed.waited()
        self.waits = {name: Wait(seconds) for name, seconds in waited.items()}
        if loading and not failed:
            name, fraction = PurePath(loading).name, self._jobs.loaded(loading)
            self.waits["main"] = Wait(now - self._since, name, fraction)

    def _awaited(self) -> str:
        """Return the path of the network that the picture is not yet of, empty if it is."""
        if self._opening.loading:
            return self._opening.loading
        frame, wanted = self._feed.frames.get("main"), self._cell.now.render.snapshot
        if frame is None or "main" in self._feed.failures or frame.request.snapshot == wanted:
            return ""
        return wanted
