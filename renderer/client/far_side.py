"""What a client does besides where the renderer is on another machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from common.runs.disk import Disk
from renderer.client.arrivals import Arrivals, Ended
from renderer.client.asking import Asking
from renderer.client.elsewhere import Elsewhere
from renderer.client.events import StatusChanged
from renderer.client.far_disk import FarDisk
from renderer.client.process import Process
from renderer.client.reconnecting import Reconnecting
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work
from renderer.messages.to_renderer import Ask, Received
from renderer.messages.to_window import Answer, FilePart

SILENCE: Final = 20.0
"""Seconds without a word after which the line counts as lost: it speaks once a second."""

_OLDER = "main() missing"
"""What Python says of a renderer from before there were any elsewhere: it is told too little."""


class FarSide:
    """Files that come, calls of the disk there, and a line that may be lost.

    disk: that of the renderer.
    """

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
        self.disk: Disk = FarDisk(self._asking)

    @property
    def no_line(self) -> Failure:
        """Why nothing can be done at present."""
        return Failure(f"There is no connection to {self._elsewhere.name}.", "Try it later.")

    # -- jobs and files ---------------------------------------------------------------------------

    def refusal(self, work: Work) -> Failure | None:
        """Why a job cannot be done for a window on another machine; None where it can."""
        if not work.keeps_files:
            return None
        return Failure(
            f"This keeps files beside the renderer, which is on {self._elsewhere.name}.",
            "Do it in a window on that machine.",
        )

    def expect(self, job: int, work: Work) -> None:
        """Note that a job begins, perhaps once more, which may send files."""
        if work.writes:
            self._arrivals.begin(job, work.path)

    def ends(self, message: Ended) -> bool:
        """Take the end of a job, which is told once its files are written; False: it has none."""
        return self._arrivals.end(message)

    def take(self, message: Answer | FilePart) -> None:
        """Take in what only comes from another machine."""
        if isinstance(message, Answer):
            self._asking.answered(message)
        else:
            self._arrivals.part(message)

    # -- the line ---------------------------------------------------------------------------------

    def watch(self, process: Process) -> bool:
        """Keep the line alive, or end one that is dead, whatever TCP thinks of it.

        False where there is nothing else to be watched: before its greeting the renderer may stand
        in a queue, or on a machine that has yet to boot.
        """
        if process.greeting is None:
            return False
        if process.health.hello is not None and process.health.silence > SILENCE:
            process.end("it has fallen silent")
        elif self._reconnecting.ping_due():
            process.send(Received(0))
        return True

    def after(self, process: Process, proven_s: float) -> StatusChanged:
        """What becomes of a line that has ended. It is tried again if it has worked before.

        proven_s: seconds after which a renderer has been of use; one that dies sooner is tried
        again less and less often.
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
        wait = self._reconnecting.lost()
        text = f"The connection to {place} was lost ({reason}); trying again in {wait:.0f} s"
        return StatusChanged("restarting", text)

    def due(self) -> bool:
        """Whether the line is to be tried again now; True once for each loss."""
        return self._reconnecting.due()

    def forget(self) -> None:
        """Try no more by itself: it is tried by hand."""
        self._reconnecting.give_up()

    def lost(self) -> None:
        """Tell whoever waits for an answer that none will come."""
        self._asking.lost()

    def close(self, seconds: float) -> None:
        """Remove files that are not whole, within so many seconds."""
        self._arrivals.close(seconds)
