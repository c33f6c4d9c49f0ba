"""Starts renderer processes, watches the present one, and starts another when it dies."""

from __future__ import annotations

import threading
from collections.abc import Callable

from renderer.client.clearing import clear_up
from renderer.client.events import Event, State, StatusChanged
from renderer.client.outstanding import Outstanding
from renderer.client.process import Process
from renderer.client.side import Side
from renderer.client.stderr_log import StderrLog
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.to_window import Hello, JobFailed, Progress

TICK = 0.5
END_TIME = 0.5
SWEEP_TIME = 0.2  # seconds that clearing up may take when the window closes


class Supervisor:
    """A thread that decides what becomes of the process; it alone starts and ends one.

    log: what the process wrote to stderr, also after its end.
    """

    def __init__(
        self,
        make: Callable[[EngineOptions], Process],
        outstanding: Outstanding,
        side: Side,
        tell: Callable[[Event], None],
        finish: Callable[[Event], None],
        hang_s: float,
        crash_window: float,
    ) -> None:
        """Make one that has not begun.

        make: starts a process that computes on this. Raises OSError.
        outstanding: what a process is told, and which it is.
        side: where the processes are.
        tell: hands an event to the window.
        finish: the same of the end of a job, which a side may hold back.
        hang_s: seconds without progress after which a process counts as stuck.
        crash_window: seconds after which one has been of use (`Side.after`).
        """
        self._make = make
        self._outstanding = outstanding
        self._side = side
        self._tell_window = tell
        self._finish = finish
        self._hang_s = hang_s
        self._crash_window = crash_window
        self._attention = threading.Event()
        self._restart_asked = self._up_asked = self._closing = False
        self._telling = threading.Lock()
        self._status = StatusChanged("starting")
        self._thread = threading.Thread(target=self._run, name="renderer supervisor", daemon=True)
        self.log = StderrLog()

    # -- what the client calls --------------------------------------------------------------------

    def begin(self) -> None:
        """Start the first process, and watch from now on."""
        self.tell("starting", self._side.starting)
        self._start()
        self._thread.start()

    def look(self) -> None:
        """See at once how the process is; otherwise that is done every TICK."""
        self._attention.set()

    def restart(self) -> None:
        """End the process, in whatever state it is, and start another."""
        self._restart_asked = True
        self._attention.set()

    def give_up(self) -> None:
        """Reach for a renderer far away no longer; one that is ready stays."""
        self._up_asked = True
        self._attention.set()

    def tell(self, state: State, text: str = "") -> None:
        """Tell the window how the renderer is, unless it knows."""
        with self._telling:
            self._tell(state, text)

    def greeted(self, process: Process, hello: Hello) -> None:
        """Tell the window that a process is ready, when it has said so for the first time."""
        with self._telling:
            self._tell_window(hello)
            self._tell_status(self._side.welcome(process))

    def _tell(self, state: State, text: str) -> None:
        line = None if state == "ready" else self._side.line(self._outstanding.process)
        self._tell_status(StatusChanged(state, text, line))

    def _tell_status(self, status: StatusChanged) -> None:
        if status != self._status:
            self._status = status
            self._tell_window(status)

    def _tell_line(self) -> None:
        """Tell the window how a process is reached that has not said hello."""
        with self._telling:
            if self._status.state != "ready":
                self._tell(self._status.state, self._status.text)

    def close(self) -> None:
        """End the process and clear up, for good."""
        self._closing = True
        self._attention.set()
        self._thread.join()
        self._end(END_TIME)
        clear_up(self._outstanding.give_up().values()).join(SWEEP_TIME)
        self._side.close(SWEEP_TIME)

    # -- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            self._attention.wait(TICK)
            self._attention.clear()
            if self._closing:
                return
            process = self._outstanding.process
            if self._restart_asked:
                self._restart_asked = False
                self._restart(process)
            elif self._up_asked:
                self._up_asked = False
                self._stop_reaching(process)
            elif process is not None and process.finished():
                self._died(process)
            elif process is not None:
                self._watch(process)
            if self._side.due():
                if self._side.trying:
                    self.tell("restarting", self._side.trying)
                self._start()

    def _restart(self, process: Process | None) -> None:
        """Start another process. Jobs that wait for one are begun in it, others have failed."""
        self._side.forget()
        self.tell("restarting", self._side.starting)
        if process is not None:
            self._end(0.0)
            self._fail_jobs()
        self._start()

    def _stop_reaching(self, process: Process | None) -> None:
        if self._status.line is None or self._status.state == "failed":
            return  # it has been reached meanwhile, or cannot be
        self._side.forget()
        self._end(0.0)
        self._give_up("")

    def _start(self) -> None:
        options = self._outstanding.options
        try:
            process = self._make(options)
        except OSError as error:
            self._give_up(self._side.not_started(error))
            return
        self.log = process.log
        self._outstanding.hand_to(process, options)

    def _died(self, process: Process) -> None:
        status = self._side.after(process, self._crash_window)
        self._end(0.0)
        if status.state == "failed":
            self._give_up(status.text)
            return
        self._fail_jobs(which=lambda job, work: not self._side.begins_again(job, work))
        self.tell(status.state, status.text)
        for job in self._outstanding.jobs:
            self._tell_window(Progress(job, -1.0, self._side.awaited))

    def _give_up(self, reason: str) -> None:
        self.tell("failed", reason)
        self._fail_jobs()

    def _watch(self, process: Process) -> None:
        health, status = process.health, self._status
        if health.hello is None:
            self._tell_line()
        if not self._side.watch(process):
            return
        if health.stuck(self._hang_s):
            if status.state != "failed":
                self.tell("failed", f"The renderer does not get on ({health.doing})")
        elif status.state == "failed":
            if health.hello:
                self._tell_window(health.hello)
            self.tell("ready" if health.hello else "starting")

    def _fail_jobs(self, which: Callable[[int, Work], bool] = lambda *_: True) -> None:
        lost = self._outstanding.give_up(which)
        clear_up(lost.values())
        for job, work in lost.items():
            self._finish(JobFailed(job, work.path, self._side.cut_off(work)))

    def _end(self, timeout: float) -> None:
        process = self._outstanding.take_away()
        self._side.lost()
        if process is not None:
            process.close(timeout)
