"""A renderer on another machine: its disk, the files that it sends, and a line that may be lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from common.runs.disk import Disk
from renderer.client.arrivals import Arrivals
from renderer.client.asking import Asking
from renderer.client.elsewhere import Elsewhere
from renderer.client.events import StatusChanged
from renderer.client.far_disk import FarDisk
from renderer.client.process import Process
from renderer.client.reconnecting import Reconnecting
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work
from renderer.messages.to_renderer import Ask, Received
from renderer.messages.to_window import Answer, Ended, FilePart, Hello

SILENCE: Final = 20.0
"""Seconds without a word after which the line counts as lost: it speaks once a second."""

_OLDER = "main() missing"
"""What Python says of a renderer from before there were any elsewhere: it is told too little."""


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
        self.disk: Disk = FarDisk(self._asking)
        self.program = elsewhere.command[0]
        self.starting = f"Connecting to {elsewhere.name}"

    @property
    def gone(self) -> Failure:
        """See Side."""
        return Failure(f"There is no connection to {self._elsewhere.name}.", "Try it later.")

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
        return self._arrivals.end(message)

    def take(self, message: Answer | FilePart) -> None:
        """See Side."""
        if isinstance(message, Answer):
            self._asking.answered(message)
        else:
            self._arrivals.part(message)

    # -- the line ---------------------------------------------------------------------------------

    def welcome(self, hello: Hello) -> str:
        """See Side."""
        return f"Connected to {hello.host or self._elsewhere.name} again" if self._again else ""

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
        place, reason = self._elsewhere.name, process.reason().rstrip(".")
        if process.health.hello is not None:
            self._reconnecting.met = True
        if process.health.proven(proven_s):
            self._reconnecting.worked()
        if process.refusal is not None or not self._reconnecting.met:
            self._reconnecting.give_up()
            if _OLDER in reason:
                reason = "the ganscope there is older than this one; install this version there"
            return StatusChanged("failed", f"No renderer at {place}: {reason}")
        self._again = True
        wait = self._reconnecting.lost()
        text = f"The connection to {place} was lost ({reason}); trying again in {wait:.0f} s"
        return StatusChanged("restarting", text)

    def due(self) -> bool:
        """See Side."""
        return self._reconnecting.due()

    def forget(self) -> None:
        """See Side."""
        self._again = False
        self._reconnecting.give_up()

    def lost(self) -> None:
        """See Side."""
        self._asking.lost()

    def close(self, seconds: float) -> None:
        """See Side."""
        self._arrivals.close(seconds)
