"""The renderer process as the window uses it: started, watched, and started again when it dies.

Free of torch. What a new process needs to take over is kept (`outstanding.py`), so that a crash
costs nothing but time; when one is started is decided in a thread (`supervisor.py`).
"""

from __future__ import annotations

import atexit
import os
import secrets
import threading
from collections.abc import Callable, Mapping

from common.runs.disk import Disk
from renderer.client.elsewhere import Elsewhere
from renderer.client.events import Client, Event, Inbox, ReceivedFrame, StatusChanged
from renderer.client.far_side import FarSide
from renderer.client.near_side import NearSide
from renderer.client.outstanding import Outstanding
from renderer.client.process import Process
from renderer.client.side import Side
from renderer.client.supervisor import Supervisor
from renderer.messages.engine import PIPELINE
from renderer.messages.failure import Failure
from renderer.messages.frame import StatsSpec
from renderer.messages.greeting import Greeting
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import DropRing, Release
from renderer.messages.to_window import (
    Alive,
    Answer,
    FilePart,
    FrameReady,
    Hello,
    JobDone,
    JobFailed,
    Loaded,
    PixelPart,
    RenderFailed,
    ToWindow,
)

__all__ = ["Client", "Event", "ReceivedFrame", "RenderClient", "StatusChanged"]


class RenderClient:
    """Owns one renderer process at a time.

    disk: what the renderer can open lies on it.

    When it ends unasked it is started again, and the newest request of every stream and the jobs
    under way are sent again; if that one ends too before it has worked for `crash_window` seconds,
    and the next one as well, the state is `failed` until `restart`. A process that shows no
    progress for `hang_s` seconds is reported as `failed` too, but not ended: whether to wait is
    the user's choice, and it is `ready` again if it gets on.
    """

    def __init__(
        self,
        options: EngineOptions | None = None,
        *,
        on_wake: Callable[[], None] = lambda: None,
        pipeline: str = PIPELINE,
        hang_s: float = 20.0,
        crash_window: float = 20.0,
        env: Mapping[str, str] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """Start a renderer process.

        options: what to compute on; the default is what suits this machine.
        on_wake: called by another thread when `poll` has something after having had nothing.
        pipeline: `module:name`, called in the renderer process with the options.
        hang_s: seconds without progress after which the process counts as stuck.
        crash_window: seconds that a process has to work before it is started again by itself.
        env: added to the environment of the process.
        elsewhere: where the renderer is, if on another machine; it has a pipeline of its own.
        """
        self._on_wake = on_wake
        self._pipeline = pipeline
        self._env = env
        self._elsewhere = elsewhere
        self._lock = threading.Lock()
        self._inbox = Inbox()
        self._closing = False
        self._outstanding = Outstanding(
            options or EngineOptions(), lambda job, work: self._side.expect(job, work)
        )
        self._side: Side = NearSide()
        if elsewhere is not None:
            self._side = FarSide(elsewhere, self._outstanding.ask, self._emit)
        self.disk: Disk = self._side.disk
        self._supervisor = Supervisor(
            self._process,
            self._outstanding,
            self._side,
            self._emit,
            self._finish,
            hang_s,
            crash_window,
        )
        self._supervisor.begin()
        atexit.register(self.close)

    def __enter__(self) -> RenderClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what the window calls --------------------------------------------------------------------

    def submit(
        self,
        request: RenderRequest,
        *,
        stream: str = "main",
        stats: StatsSpec | None = None,
        drafts: bool = False,
    ) -> int:
        return self._outstanding.draw(request, stream, stats, drafts)

    def start(self, work: Work) -> int:
        job = self._outstanding.number()
        refusal = self._side.refusal(work)
        if refusal is not None or not self._outstanding.begin(job, work):
            self._emit(JobFailed(job, work.path, refusal or self._side.gone))
        return job

    def cancel(self, job: int) -> None:
        work = self._outstanding.cancel(job)
        if work is not None:
            self._finish(JobFailed(job, work.path, Failure("Cancelled."), cancelled=True))

    def configure(self, options: EngineOptions) -> None:
        self._outstanding.configure(options)

    def restart(self) -> None:
        self._supervisor.restart()

    def give_up(self) -> None:
        self._supervisor.give_up()

    def poll(self) -> list[Event]:
        with self._lock:
            return self._inbox.take()

    def close(self) -> None:
        with self._lock:
            if self._closing:
                return
            self._closing = True
        atexit.unregister(self.close)
        self._supervisor.close()
        self.poll()

    @property
    def pid(self) -> int | None:
        """The number of the renderer process; None where there is none."""
        process = self._outstanding.process
        return process.pid if process is not None else None

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the renderer wrote to stderr, also after its end."""
        return self._supervisor.log.lines

    def _process(self, options: EngineOptions) -> Process:
        """Start a process. Raises OSError."""
        return Process(
            self._pipeline,
            f"gs-{os.getpid():x}-{secrets.token_hex(3)}",
            options,
            self._received,
            self._supervisor.look,
            self._env,
            self._elsewhere,
        )

    # -- what arrives (in the thread of the process that sent it) ---------------------------------

    def _received(self, process: Process, message: ToWindow | Greeting) -> None:
        greeted = process.health.hello is not None
        process.health.heard(message)
        match message:
            case Alive() | PixelPart():
                pass
            case Answer() | FilePart():
                self._side.take(message)
            case Greeting():
                self._supervisor.tell("starting", "Starting the renderer")
            case Hello():
                if greeted:
                    self._emit(message)
                else:
                    self._supervisor.greeted(process, message)
                if not self._outstanding.draws:
                    process.health.worked()
            case FrameReady():
                process.health.worked()
                self._show(process, message)
            case _:
                if isinstance(message, RenderFailed):
                    process.health.worked()
                elif isinstance(message, Loaded | JobDone | JobFailed):
                    self._outstanding.ended(message.job)
                self._finish(message)

    def _finish(self, event: Event) -> None:
        """Tell an event; of a job that sends files its end is told once they are written."""
        match event:
            case JobDone() | JobFailed() if self._side.ends(event):
                return
        self._emit(event)

    def _show(self, process: Process, message: FrameReady) -> None:
        try:
            pixels = process.pictures.fetch(message)
        except (OSError, ValueError) as error:
            self._lose(process, message, error)
            return
        process.lost.discard(message.stream)
        release = Release(message.slot, message.ring)
        self._emit(ReceivedFrame(message, pixels, lambda: process.send(release)))

    def _lose(self, process: Process, message: FrameReady, error: Exception) -> None:
        """Pixels that cannot be reached: once they are asked for again, in another ring."""
        process.send(DropRing(message.ring))
        if message.stream not in process.lost:
            process.lost.add(message.stream)
            # A stream of a job's own has no request; its next picture comes by itself.
            newest = self._outstanding.newest(message.stream)
            if newest is not None:
                process.send(newest)
            return
        way = "unpacked" if message.packing else "fetched from shared memory"
        failure = Failure(
            f"The picture could not be {way}: {error}.",
            "Restart the renderer; if that does not help, give /dev/shm more room.",
        )
        self._emit(RenderFailed(message.id, message.stream, message.request, failure))

    def _emit(self, event: Event) -> None:
        with self._lock:
            wake = self._inbox.put(event) and not self._closing
        if wake:
            self._on_wake()
