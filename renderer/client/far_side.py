"""A renderer on another machine: its disk, the files that it sends, and a line that may be lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from common import errors
from common.runs.disk import Disk
from common.words import escaped
from renderer.client.arrivals import Arrivals
from renderer.client.asking import Asking
from renderer.client.elsewhere import Elsewhere
from renderer.client.events import Line, StatusChanged
from renderer.client.far_disk import FarDisk
from renderer.client.process import Process
from renderer.client.reconnecting import Reconnecting
from renderer.client.remedies import NO_SHELL, wants_shell
from renderer.messages.failure import Failure
from renderer.messages.greeting import other_version
from renderer.messages.jobs import Work, lacking
from renderer.messages.to_renderer import Ask, Received
from renderer.messages.to_window import Answer, Ended, FilePart

SILENCE: Final = 20.0
"""Seconds without a word after which the line counts as lost: it speaks once a second."""

LOSSES: Final = 5
"""Lost lines after which a job is not begun again: what looks like them may be a renderer that dies
of it."""
SAID: Final = 4
"""Lines of what the command says that the window is told."""

_OLDER = "main() missing 3 required"
"""What Python says of a renderer from before there were any elsewhere: it is told nothing."""


class FarSide:
    """A `Side`. A line that has worked once is tried again for as long as it takes."""

    def __init__(
        self, elsewhere: Elsewhere, send: Callable[[Ask], bool], ended: Callable[[Ended], None]
    ) -> None:
        """Make one.

        send: hands a call to the renderer; False where there is no connection.
        ended: told the end of a job whose files have been written here.
        """
        self._elsewhere = elsewhere
        self._asking = Asking(send, elsewhere.name)
        self._arrivals = Arrivals(ended)
        self._reconnecting = Reconnecting()
        self._again = False  # the line was lost, and has been tried again by itself since
        self._other = ""  # what was said of another version there
        self._lost: Counter[int] = Counter()  # how often the line was lost under each job
        self._reached = False  # whether the last process has been a renderer
        self._last = Line(elsewhere.name, time.monotonic())
        self.disk: Disk = FarDisk(self._asking)
        self.starting = self.trying = f"Connecting to {elsewhere.name}"
        self.awaited = f"Begins again when {elsewhere.name} is back"

    @property
    def gone(self) -> Failure:
        """See Side."""
        return Failure(f"There is no connection to {self._elsewhere.name}.", "Try it later.")

    def line(self, process: Process | None) -> Line | None:
        """See Side."""
        if process is not None:
            self._hear(process)
        return replace(self._last, again_at=self._reconnecting.at)

    # -- jobs and files ---------------------------------------------------------------------------

    def refusal(self, work: Work) -> Failure | None:
        """See Side; files that are kept beside the renderer are of no use here."""
        if not work.keeps_files:
            return None
        return Failure(
            f"This keeps files beside the renderer, which is on {self._elsewhere.name}.",
            "Do it in a window on that machine.",
        )

    def expect(self, job: int, work: Work) -> None:
        """See Side; it may send files."""
        if work.writes:
            self._arrivals.begin(job, work.path)

    def ends(self, message: Ended) -> bool:
        """See Side; it is told once the files of the job are written."""
        self._lost.pop(message.job, None)
        return self._arrivals.end(message)

    def begins_again(self, job: int, work: Work) -> bool:
        """See Side. A line that has not come back is no other one that was lost."""
        self._lost[job] += self._reached
        return (work.resumes or work.survives_line) and self._lost[job] < LOSSES

    def cut_off(self, work: Work) -> Failure:
        """See Side."""
        where = self._elsewhere.name
        return Failure(f"The connection to {where} was lost before {lacking(work)}.", work.advice)

    def take(self, message: Answer | FilePart) -> None:
        """See Side."""
        if isinstance(message, Answer):
            self._asking.answered(message)
        else:
            self._arrivals.part(message)

    # -- the line ---------------------------------------------------------------------------------

    def welcome(self, process: Process) -> StatusChanged:
        """See Side. Another version is told of once, not whenever the line comes back."""
        place = self._elsewhere.name
        greeting = process.greeting
        other = "" if greeting is None else other_version(greeting, place)
        told, self._other = self._other, other
        if other and other != told:
            return StatusChanged("ready", other, warning=True)
        return StatusChanged("ready", f"Connected to {place} again" if self._again else "")

    def watch(self, process: Process) -> bool:
        """See Side. It keeps the line alive, or ends one that is dead, whatever TCP thinks of it.

        Before its greeting the renderer may stand in a queue, or on a machine that has yet to boot.
        """
        if process.greeting is None:
            return False
        if process.health.hello is not None and process.health.silence > SILENCE:
            process.end("it has fallen silent")
        elif self._reconnecting.ping_due():
            process.send(Received(0))
        return True

    def after(self, process: Process, proven_s: float) -> StatusChanged:
        """See Side. A line that has worked before is tried again.

        It is tried less and less often where what is there dies before it has been of use.
        """
        self._hear(process)
        place, reason = self._elsewhere.name, process.reason().rstrip(".")
        self._reached = process.health.hello is not None
        if self._reached:
            self._reconnecting.met = True
        if process.health.proven(proven_s):
            self._reconnecting.worked()
        if process.refusal is not None or not self._reconnecting.met:
            self._reconnecting.give_up()
            if _OLDER in reason:
                reason = "the ganscope there is older than this one; install this version there"
            self._last = replace(self._last, lost=reason)
            return StatusChanged("failed", f"No renderer at {place}: {reason}")
        self._again = True
        self._reconnecting.lost()
        self._last = replace(self._last, lost=reason)
        return StatusChanged("restarting", f"The connection to {place} was lost: {reason}")

    def _hear(self, process: Process) -> None:
        said = [escaped(line, 200) for line in process.log.lines if line.strip()]
        began, answered = process.began, process.greeting is not None
        self._last = replace(self._last, began=began, answered=answered, said=tuple(said[-SAID:]))

    def not_started(self, error: OSError) -> str:
        """See Side."""
        said = f"{self._elsewhere.command[0]} cannot be started: {errors.reason(error)}"
        return f"{said}. {NO_SHELL}" if wants_shell(self._elsewhere) else said

    def due(self) -> bool:
        """See Side."""
        due = self._reconnecting.due()
        if due:
            self._last = replace(self._last, began=time.monotonic(), answered=False, said=())
        return due

    def forget(self) -> None:
        """See Side."""
        self._again = False
        self._reconnecting.give_up()
        self._last = Line(self._elsewhere.name, time.monotonic())

    def lost(self) -> None:
        """See Side."""
        self._asking.lost()

    def close(self, seconds: float) -> None:
        """See Side."""
        self._arrivals.close(seconds)
