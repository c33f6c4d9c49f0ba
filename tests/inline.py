"""The client without a process: draws in `poll`. For commands and tests.

Importing this module is cheap; the pipeline, and torch with it, is imported when a client is made.
"""

from __future__ import annotations

import itertools
from contextlib import nullcontext

from msgspec import structs

from common.errors import Cancelled
from common.progress import never
from renderer.client.events import Event, Inbox, ReceivedFrame, StatusChanged
from renderer.messages.engine import PIPELINE, Engine, make_engine
from renderer.messages.failure import Failure, explain
from renderer.messages.frame import Drawn, StatsSpec
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import Render
from renderer.messages.to_window import FrameReady, JobFailed, Loaded, Progress, RenderFailed
from renderer.server.job import Task
from renderer.server.jobs import find_jobs


class InlineClient:
    """The same interface as RenderClient, one thread, no shared memory, nothing to supervise."""

    def __init__(
        self, options: EngineOptions | None = None, *, engine: Engine | None = None
    ) -> None:
        """engine: a pipeline to use; without one it is made with `options`."""
        self._options = options or EngineOptions()
        self._given = engine
        self._engine = engine or make_engine(PIPELINE, self._options)
        self._ids = itertools.count(1)
        self._renders: dict[str, Render] = {}
        self._kinds = {job.work: job for job in find_jobs().values()}
        self._jobs: dict[int, Work] = {}
        self._inbox = Inbox()
        self._inbox.put(StatusChanged("ready"))
        self._inbox.put(self._engine.hello())

    def submit(
        self,
        request: RenderRequest,
        *,
        stream: str = "main",
        stats: StatsSpec | None = None,
        drafts: bool = False,
    ) -> int:
        render = Render(next(self._ids), request, stream, stats)
        self._renders[stream] = render
        return render.id

    def start(self, work: Work) -> int:
        job = next(self._ids)
        self._jobs[job] = work
        return job

    def cancel(self, job: int) -> None:
        work = self._jobs.pop(job, None)
        if work is not None:
            self._inbox.put(JobFailed(job, work.path, Failure("Cancelled."), cancelled=True))

    def configure(self, options: EngineOptions) -> None:
        try:
            self._inbox.put(self._engine.configure(options))
        except Exception as error:  # noqa: BLE001 - told like the renderer process tells it
            self._inbox.put(JobFailed(0, "", explain(error)))
            self._inbox.put(self._engine.hello())
        else:
            self._options = options

    def restart(self) -> None:
        """Begin again with an empty cache."""
        if self._given is None:
            self._engine = make_engine(PIPELINE, self._options)
        self._inbox.put(StatusChanged("ready", "Renderer restarted"))
        self._inbox.put(self._engine.hello())

    def give_up(self) -> None:
        pass

    def poll(self) -> list[Event]:
        """Does all the work that has been asked for, then returns what came of it."""
        jobs, self._jobs = self._jobs, {}
        for job, work in jobs.items():
            self._run(job, work)
        renders, self._renders = self._renders, {}
        for render in renders.values():
            self._draw(render)
        return self._inbox.take()

    def close(self) -> None:
        self._renders, self._jobs = {}, {}
        self._inbox.take()

    def _run(self, job: int, work: Work) -> None:
        def report(fraction: float, text: str) -> None:
            self._inbox.put(Progress(job, fraction, text))

        def show(stream: str, request: RenderRequest, drawn: Drawn) -> None:
            self._publish(Render(job, request, stream), drawn)

        task = Task(self._engine, report, never, nullcontext, show)
        try:
            answer = self._kinds[type(work)].run(work, task)
            if answer is not None:
                self._inbox.put(structs.replace(answer, job=job))
        except Cancelled:
            self._inbox.put(JobFailed(job, work.path, Failure("Cancelled."), cancelled=True))
        except Exception as error:  # noqa: BLE001 - told like the renderer process tells it
            self._inbox.put(JobFailed(job, work.path, explain(error)))

    def _open(self, path: str) -> None:
        def report(fraction: float, text: str) -> None:
            self._inbox.put(Progress(0, fraction, text))

        self._inbox.put(Loaded(0, self._engine.load(path, report, never)))

    def _draw(self, render: Render) -> None:
        request, stream = render.request, render.stream
        try:
            if not self._engine.has(request.snapshot):
                self._open(request.snapshot)
            drawn = self._engine.render(request, render.stats)
        except Exception as error:  # noqa: BLE001 - told like the renderer process tells it
            self._inbox.put(RenderFailed(render.id, stream, request, explain(error)))
        else:
            self._publish(render, drawn)

    def _publish(self, render: Render, drawn: Drawn) -> None:
        pixels = drawn.pixels.view()
        pixels.flags.writeable = False
        height, width = pixels.shape[:2]
        message = FrameReady(
            render.id, render.stream, render.request, "", -1, width, height, drawn.info
        )
        self._inbox.put(ReceivedFrame(message, pixels))
