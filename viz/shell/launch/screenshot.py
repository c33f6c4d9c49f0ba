"""Capturing the window where nobody sees it, once it has come to rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from common.errors import UserError
from viz.desk.reaching import sentence
from viz.desk.tasks import Tasks
from viz.disk.opening import Opening
from viz.disk.window_shots import WindowShots
from viz.shell.above.messages import Messages
from viz.shell.feed.feed import Feed
from viz.shell.launch.front import Front

STEADY_FRAMES = 6
"""GUI frames without news before a screenshot: docking needs a few to settle."""


def trouble(opening: Opening, feed: Feed) -> UserError | None:
    """Return why there will be no picture, None where there is hope."""
    failure = opening.failed or feed.failures.get("main")
    if failure is not None:
        return UserError(failure.message, failure.remedy)
    failed = feed.engine.state == "failed"
    return UserError(sentence(feed.engine.text)) if failed else None


class Screenshot:
    """Waits until the picture is there, captures the window, and ends the program.

    path: where the capture goes.
    front: brings panels to the front before.
    shots: captures the window.
    tasks: write the capture.
    messages: say why it could not be written.
    trouble: why there will be no picture, None where there is hope.
    settled: whether the screen shows all that it should.
    quit: ends the program.

    said: where the capture went, in words, once it did.
    error: why there is none.
    """

    def __init__(
        self,
        path: Path,
        front: Front,
        shots: WindowShots,
        tasks: Tasks,
        messages: Messages,
        *,
        trouble: Callable[[], UserError | None],
        settled: Callable[[], bool],
        quit: Callable[[], None],
    ) -> None:
        self._path = path.absolute()
        self._front = front
        self._shots = shots
        self._tasks = tasks
        self._messages = messages
        self._trouble = trouble
        self._settled = settled
        self._quit = quit
        self._steady = 0
        self._asked = False
        self.said: str | None = None
        self.error: UserError | None = None

    def step(self) -> None:
        """Look whether the window has come to rest; called once per frame of the window."""
        self._front.step()
        trouble = self._trouble()
        if trouble is not None:
            self._end(trouble)
        elif self._asked:
            if self.said is None and not self._tasks.pending:
                last = self._messages.last
                self._end(UserError(last.text if last else "The screenshot was not written."))
        else:
            self._steady = self._steady + 1 if self._settled() and self._front.done else 0
            if self._steady >= STEADY_FRAMES:
                self._asked = True
                self._shots.ask(self._path, self._written)

    def _written(self, path: Path) -> None:
        self.said = f"Saved {path}"
        self._quit()

    def _end(self, error: UserError) -> None:
        self.error = error
        self._quit()
