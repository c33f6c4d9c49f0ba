"""The renderer process as the window uses it: started, watched, and started again when it dies.

Free of torch. Everything that a new process needs to take over is kept here (the options, the
newest request of each stream, the jobs under way), so that a crash costs nothing but time.
"""

from __future__ import annotations

import atexit
import itertools
import os
import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from common.errors import reason
from common.runs.disk import HERE, Disk
from renderer.client.clearing import clear_up
from renderer.client.elsewhere import Elsewhere
from renderer.client.events import Client, Event, Inbox, ReceivedFrame, State, StatusChanged
from renderer.client.far_side import FarSide
from renderer.client.process import Process
from renderer.messages.engine import PIPELINE
from renderer.messages.failure import Failure
from renderer.messages.frame import StatsSpec
from renderer.messages.greeting import Greeting
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import Ask, Cancel, Configure, DropRing, Release, Render, Start
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

TICK = 0.5
END_TIME = 0.5
SHORT_LIVES = 2  # processes in a row that are started by themselves and soon die; one is chance
SWEEP_TIME = 0.2  # seconds that clearing up may take when the window closes


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
        self._options = options or EngineOptions()
        self._on_wake = on_wake
        self._pipeline = pipeline
        self._hang_s = hang_s
        self._crash_window = crash_window
        self._env = env
        self._elsewhere = elsewhere
        self._far = None if elsewhere is None else FarSide(elsewhere, self._ask, self._emit)
        self.disk: Disk = HERE if self._far is None else self._far.disk
        self._lock = threading.Lock()
        self._inbox = Inbox()
        self._ids = itertools.count(1)
        self._newest: dict[str, Render] = {}
        self._jobs: dict[int, Work] = {}
        self._attention = threading.Event()
        self._restart_asked = self._closing = False
        self._short = 0  # processes in a row that were started by themselves and soon died
        self._automatic = False  # the present process was started because the last one died
        self._status = StatusChanged("starting")
        self._process: Process | None = None
        self._log: deque[str] = deque()
        place = "" if elsewhere is None else elsewhere.name
        self._tell("starting", f"Connecting to {place}" if place else "Starting the renderer")
        self._start()
        self._supervisor = threading.Thread(
            target=self._supervise, name="renderer supervisor", daemon=True
        )
        self._supervisor.start()
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
        with self._lock:
            render = Render(next(self._ids), request, stream, stats, drafts)
            self._newest[stream] = render
            if self._process is not None:
                self._process.send(render)
            return render.id

    def start(self, work: Work) -> int:
        job = next(self._ids)
        failure = Failure("The renderer is not running.", "Restart it, then try again.")
        if self._far is not None:
            failure = self._far.refusal(work) or self._far.no_line
        with self._lock:
            able = self._far is None or self._far.refusal(work) is None
            if self._process is not None and able:
                self._jobs[job] = work
                self._begin(self._process, job, work)
                return job
        self._emit(JobFailed(job, work.path, failure))
        return job

    def cancel(self, job: int) -> None:
        with self._lock:
            if job not in self._jobs:
                return
            if self._process is not None:
                self._process.send(Cancel(job))
                return
            work = self._jobs.pop(job)
        self._finish(JobFailed(job, work.path, Failure("Cancelled."), cancelled=True))

    def configure(self, options: EngineOptions) -> None:
        with self._lock:
            self._options = options
            if self._process is not None:
                self._process.send(Configure(options))

    def restart(self) -> None:
        self._tell("restarting", "Restarting the renderer")
        self._restart_asked = True
        self._attention.set()

    def poll(self) -> list[Event]:
        with self._lock:
            return self._inbox.take()

    def close(self) -> None:
        with self._lock:
            if self._closing:
                return
            self._closing = True
        atexit.unregister(self.close)
        self._attention.set()
        self._supervisor.join()
        self._end(END_TIME)
        with self._lock:
            lost = list(self._jobs.values())
        clear_up(lost).join(SWEEP_TIME)
        if self._far is not None:
            self._far.close(SWEEP_TIME)
        self.poll()

    @property
    def pid(self) -> int | None:
        """The number of the renderer process; None where there is none."""
        process = self._process
        return process.pid if process is not None else None

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the renderer wrote to stderr, also after its end."""
        return tuple(self._log)

    # -- what arrives (in the thread of the process that sent it) ---------------------------------

    def _received(self, process: Process, message: ToWindow | Greeting) -> None:
        greeted = process.health.hello is not None
        process.health.heard(message)
        match message:
            case Alive() | PixelPart():
                pass
            case Answer() | FilePart():
                if self._far is not None:
                    self._far.take(message)
            case Greeting(host=host):
                self._tell("starting", f"Starting the renderer on {host}")
            case Hello():
                self._emit(message)
                if not greeted:
                    self._tell("ready", self._welcome(message))
                if not self._newest:
                    process.health.worked()
            case FrameReady():
                process.health.worked()
                self._show(process, message)
            case _:
                if isinstance(message, RenderFailed):
                    process.health.worked()
                elif isinstance(message, Loaded | JobDone | JobFailed):
                    with self._lock:
                        self._jobs.pop(message.job, None)
                self._finish(message)

    def _finish(self, event: Event) -> None:
        """Tell an event; of a job that sends files its end is told once they are written."""
        match event:
            case JobDone() | JobFailed() if self._far is not None and self._far.ends(event):
                return
        self._emit(event)

    def _welcome(self, hello: Hello) -> str:
        if not self._automatic:
            return ""
        return f"Connected to {hello.host} again" if hello.host else "Renderer restarted"

    def _show(self, process: Process, message: FrameReady) -> None:
        try:
            pixels = process.pictures.fetch(message)
        except (OSError, ValueError) as error:
            self._lose(process, message, error)
            return
        release = Release(message.slot, message.ring)
        self._emit(ReceivedFrame(message, pixels, lambda: process.send(release)))

    def _lose(self, process: Process, message: FrameReady, error: Exception) -> None:
        """Pixels that cannot be reached: once they are asked for again, in another ring."""
        process.send(DropRing(message.ring))
        if process.pictures.lose(message.stream):
            with self._lock:
                # A stream of a job's own has no request; its next picture comes by itself.
                newest = self._newest.get(message.stream)
            if newest is not None:
                process.send(newest)
            return
        way = "unpacked" if message.packing else "fetched from shared memory"
        failure = Failure(
            f"The picture could not be {way}: {error}.",
            "Restart the renderer; if that does not help, give /dev/shm more room.",
        )
        self._emit(RenderFailed(message.id, message.stream, message.request, failure))

    def _tell(self, state: State, text: str = "") -> None:
        status = StatusChanged(state, text)
        if status != self._status:
            self._status = status
            self._emit(status)

    def _emit(self, event: Event) -> None:
        with self._lock:
            wake = self._inbox.put(event) and not self._closing
        if wake:
            self._on_wake()

    # -- the supervisor ---------------------------------------------------------------------------

    def _start(self) -> None:
        """A new process, which is told everything that the last one knew."""
        prefix = f"gs-{os.getpid():x}-{secrets.token_hex(3)}"
        try:
            process = Process(
                self._pipeline,
                prefix,
                self._options,
                self._received,
                self._attention.set,
                self._env,
                self._elsewhere,
            )
        except OSError as error:
            what = "The renderer" if self._elsewhere is None else self._elsewhere.command[0]
            self._give_up(f"{what} cannot be started: {reason(error)}")
            return
        with self._lock:
            self._process, self._log = process, process.log
            for job, work in self._jobs.items():
                self._begin(process, job, work)
            for render in self._newest.values():
                process.send(render)

    def _begin(self, process: Process, job: int, work: Work) -> None:
        if self._far is not None:
            self._far.expect(job, work)
        process.send(Start.of(job, work))

    def _supervise(self) -> None:
        while True:
            self._attention.wait(TICK)
            self._attention.clear()
            process = self._process
            if self._closing:
                return
            if self._far is not None and self._far.due():
                self._start()
            elif self._restart_asked:
                self._restart_asked = self._automatic = False
                self._short = 0
                if self._far is not None:
                    self._far.forget()
                self._end(0.0)
                self._fail_jobs()
                self._start()
            elif process is not None and process.finished():
                self._died(process)
            elif process is not None:
                self._watch(process)

    def _died(self, process: Process) -> None:
        if self._far is not None:
            self._lost(process, self._far)
            return
        reason = process.reason()
        self._end(0.0)
        short = self._automatic and not process.health.proven(self._crash_window)
        self._short = self._short + 1 if short else 0
        if self._short >= SHORT_LIVES:
            self._give_up(f"The {reason}")
            return
        self._automatic = True
        self._fail_jobs(which=lambda work: not work.resumes)
        self._tell("restarting", f"The {reason}; starting it again")
        self._start()

    def _lost(self, process: Process, far: FarSide) -> None:
        """Without the line: it is tried again, as often as it takes, if it has worked before."""
        status = far.after(process, self._crash_window)
        self._end(0.0)
        if status.state == "failed":
            self._give_up(status.text)
            return
        self._automatic = True
        self._fail_jobs(which=lambda work: not work.resumes)
        self._tell(status.state, status.text)

    def _give_up(self, reason: str) -> None:
        self._tell("failed", reason)
        self._fail_jobs()

    def _watch(self, process: Process) -> None:
        health, status = process.health, self._status
        if self._far is not None and not self._far.watch(process):
            return
        now: State = "ready" if health.hello else "starting"
        if health.stuck(self._hang_s):
            if status.state != "failed":
                self._tell("failed", f"The renderer does not get on ({health.doing})")
        elif status.state == "failed":
            if health.hello:
                self._emit(health.hello)
            self._tell(now)

    def _fail_jobs(self, which: Callable[[Work], bool] = lambda _: True) -> None:
        with self._lock:
            lost = {job: work for job, work in self._jobs.items() if which(work)}
            for job in lost:
                del self._jobs[job]
        clear_up(lost.values())
        for job, work in lost.items():
            name = Path(work.path).name or "this"
            failure = Failure(f"The renderer ended before {name} was done.", work.advice)
            self._finish(JobFailed(job, work.path, failure))

    def _ask(self, message: Ask) -> bool:
        with self._lock:
            process = self._process
            if process is not None:
                process.send(message)
        return process is not None

    def _end(self, timeout: float) -> None:
        with self._lock:
            process, self._process = self._process, None
        if self._far is not None:
            self._far.lost()
        if process is not None:
            process.close(timeout)
