"""What has been asked of a renderer and is not over: every new process is told all of it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from renderer.client.process import Process
from renderer.messages.frame import StatsSpec
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import Ask, Cancel, Configure, Render, Start


class Outstanding:
    """Asks the present process, and remembers what the next one needs to take over.

    Any thread may call its methods.

    options: what to compute on.
    process: the present one; None where there is none.
    """

    def __init__(self, options: EngineOptions, expect: Callable[[int, Work], None]) -> None:
        """Make one without a process.

        expect: told every job that a process is about to begin.
        """
        self.options = options
        self.process: Process | None = None
        self._expect = expect
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._newest: dict[str, Render] = {}
        self._jobs: dict[int, Work] = {}

    # -- the process ------------------------------------------------------------------------------

    def hand_to(self, process: Process, options: EngineOptions) -> None:
        """Tell a new process all that the last one knew.

        options: those that it was started with, which may have changed since.
        """
        with self._lock:
            self.process = process
            if options != self.options:
                process.send(Configure(self.options))
            for job, work in self._jobs.items():
                self._begin(process, job, work)
            for render in self._newest.values():
                process.send(render)

    def take_away(self) -> Process | None:
        """The process, which is asked for nothing from now on."""
        with self._lock:
            process, self.process = self.process, None
        return process

    def configure(self, options: EngineOptions) -> None:
        """Have it compute on something else, as every later process will."""
        with self._lock:
            self.options = options
            if self.process is not None:
                self.process.send(Configure(options))

    def ask(self, message: Ask) -> bool:
        """Hand over a call, which no later process will answer; False where none would soon."""
        with self._lock:
            if self.process is None or self.process.greeting is None:
                return False
            self.process.send(message)
            return True

    # -- pictures ---------------------------------------------------------------------------------

    def draw(
        self, request: RenderRequest, stream: str, stats: StatsSpec | None, drafts: bool
    ) -> int:
        """Ask for a picture, in the place of the last of its stream. The number of the request."""
        with self._lock:
            render = Render(next(self._numbers), request, stream, stats, drafts)
            self._newest[stream] = render
            if self.process is not None:
                self.process.send(render)
            return render.id

    def newest(self, stream: str) -> Render | None:
        """The newest request of a stream; a stream of a job's own has none."""
        with self._lock:
            return self._newest.get(stream)

    @property
    def draws(self) -> bool:
        """Whether any picture has been asked for."""
        return bool(self._newest)

    # -- jobs -------------------------------------------------------------------------------------

    @property
    def jobs(self) -> tuple[int, ...]:
        """The numbers of the jobs under way, or that wait for the next process."""
        with self._lock:
            return tuple(self._jobs)

    def number(self) -> int:
        """The number of a new job."""
        return next(self._numbers)

    def begin(self, job: int, work: Work) -> bool:
        """Begin a job; False where there is no process to do it."""
        with self._lock:
            if self.process is None:
                return False
            self._jobs[job] = work
            self._begin(self.process, job, work)
            return True

    def cancel(self, job: int) -> Work | None:
        """Ask for the end of a job. Its work where no process does it, so that this was its end."""
        with self._lock:
            if self.process is None:
                return self._jobs.pop(job, None)
            if job in self._jobs:
                self.process.send(Cancel(job))
            return None

    def ended(self, job: int) -> None:
        """Note that a job is over."""
        with self._lock:
            self._jobs.pop(job, None)

    def give_up(self, which: Callable[[int, Work], bool] = lambda *_: True) -> dict[int, Work]:
        """Those jobs, which no later process will begin again."""
        with self._lock:
            lost = {job: work for job, work in self._jobs.items() if which(job, work)}
            for job in lost:
                del self._jobs[job]
        return lost

    def _begin(self, process: Process, job: int, work: Work) -> None:
        self._expect(job, work)
        process.send(Start.of(job, work))
