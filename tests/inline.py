"""The client without a process: draws in `poll`. For commands and tests.

Importing this module is cheap; the pipeline, and torch with it, is imported when a client is made.
"""

from __future__ import annotations

import itertools

from common.errors import Cancelled
from renderer.client.events import Event, Inbox, ReceivedFrame, StatusChanged
from renderer.messages.engine import Engine, explain, make_engine
from renderer.messages.protocol import (
    EngineOptions,
    Export,
    Failure,
    FrameReady,
    JobDone,
    JobFailed,
    Load,
    Loaded,
    Progress,
    Render,
    RenderFailed,
    SaveW,
    Sheet,
    StatsSpec,
)
from renderer.messages.request import RenderRequest
from renderer.pictures import sequence
from renderer.transport.shared_memory import Pixels


class InlineClient:
    """The same interface as RenderClient, one thread, no shared memory, nothing to supervise."""

    def __init__(
        self, options: EngineOptions | None = None, *, engine: Engine | None = None
    ) -> None:
        """engine: a pipeline to use; without one it is made with `options`."""
        self._options = options or EngineOptions()
        self._given = engine
        self._engine = engine or make_engine("renderer.pipeline.pipeline:Pipeline", self._options)
        self._ids = itertools.count(1)
        self._renders: dict[str, Render] = {}
        self._jobs: list[Load | SaveW | Export] = []
        self._inbox = Inbox()
        self._inbox.put(StatusChanged("ready"))
        self._inbox.put(self._engine.hello())

    def submit(
        self, request: RenderRequest, *, stream: str = "main", stats: StatsSpec | None = None
    ) -> int:
        render = Render(next(self._ids), request, stream, stats)
        self._renders[stream] = render
        return render.id

    def load(self, path: str) -> int:
        self._jobs.append(Load(next(self._ids), path))
        return self._jobs[-1].job

    def save_w(self, request: RenderRequest, path: str) -> int:
        self._jobs.append(SaveW(next(self._ids), request, path))
        return self._jobs[-1].job

    def export(
        self, sheets: tuple[Sheet, ...], path: str, fps: float = 30.0, session: str = ""
    ) -> int:
        self._jobs.append(Export(next(self._ids), sheets, path, fps, session))
        return self._jobs[-1].job

    def cancel(self, job: int) -> None:
        for task in [task for task in self._jobs if task.job == job]:
            self._jobs.remove(task)
            self._inbox.put(JobFailed(job, task.path, Failure("Cancelled."), cancelled=True))

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
            self._engine = make_engine("renderer.pipeline.pipeline:Pipeline", self._options)
        self._inbox.put(StatusChanged("ready", "Renderer restarted"))
        self._inbox.put(self._engine.hello())

    def poll(self) -> list[Event]:
        """Does all the work that has been asked for, then returns what came of it."""
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            self._run(job)
        renders, self._renders = self._renders, {}
        for render in renders.values():
            self._draw(render)
        return self._inbox.take()

    def close(self) -> None:
        self._renders, self._jobs = {}, []
        self._inbox.take()

    def _run(self, task: Load | SaveW | Export) -> None:
        try:
            if isinstance(task, Load):
                self._open(task.job, task.path)
            elif isinstance(task, Export):
                self._export(task)
            else:
                if not self._engine.has(task.request.snapshot):
                    self._open(0, task.request.snapshot)
                self._engine.save_w(task.request, task.path)
                self._inbox.put(JobDone(task.job, f"Wrote {task.path}"))
        except Cancelled:
            self._inbox.put(JobFailed(task.job, task.path, Failure("Cancelled."), cancelled=True))
        except Exception as error:  # noqa: BLE001 - told like the renderer process tells it
            self._inbox.put(JobFailed(task.job, task.path, explain(error)))

    def _export(self, task: Export) -> None:
        def draw(request: RenderRequest) -> Pixels:
            if not self._engine.has(request.snapshot):
                self._open(0, request.snapshot, keep=False)
            return self._engine.render(request, keep=False).pixels

        def report(fraction: float, text: str) -> None:
            self._inbox.put(Progress(task.job, fraction, text))

        sequence.write(task, draw, report, lambda: False)
        self._inbox.put(JobDone(task.job, f"Wrote {task.path}"))

    def _open(self, job: int, path: str, *, keep: bool = True) -> None:
        def report(fraction: float, text: str) -> None:
            self._inbox.put(Progress(job, fraction, text))

        self._inbox.put(Loaded(job, self._engine.load(path, report, lambda: False, keep)))

    def _draw(self, render: Render) -> None:
        request, stream = render.request, render.stream
        try:
            if not self._engine.has(request.snapshot):
                self._open(0, request.snapshot)
            drawn = self._engine.render(request, render.stats)
        except Exception as error:  # noqa: BLE001 - told like the renderer process tells it
            self._inbox.put(RenderFailed(render.id, stream, request, explain(error)))
            return
        pixels = drawn.pixels.view()
        pixels.flags.writeable = False
        height, width = pixels.shape[:2]
        message = FrameReady(render.id, stream, request, "", -1, width, height, drawn.info)
        self._inbox.put(ReceivedFrame(message, pixels))
