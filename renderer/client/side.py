"""What a client does differently for a renderer on this machine and for one on another."""

from __future__ import annotations

from typing import Protocol

from common.runs.disk import Disk
from renderer.client.events import Line, StatusChanged
from renderer.client.process import Process
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work
from renderer.messages.to_window import Answer, Ended, FilePart


class Side(Protocol):
    """Where the renderer is: `NearSide` or `FarSide`. Any thread may call its methods."""

    disk: Disk
    """What the renderer can open lies on it."""
    starting: str
    """What is said while the first process starts, or one that the user asked for."""

    trying: str
    """What is said while one starts by itself; empty where it still stands there why the last has
    ended, which nothing else tells."""

    awaited: str
    """What is said of a job that waits for the next process."""

    @property
    def gone(self) -> Failure:
        """Why nothing can be done while there is no process."""

    def line(self, process: Process | None) -> Line | None:
        """How a renderer that is not ready is reached; None for one on this machine.

        process: the present one, None where there is none.
        """

    # -- jobs and files ---------------------------------------------------------------------------

    def refusal(self, work: Work) -> Failure | None:
        """Why a job cannot be done from here; None where it can."""

    def expect(self, job: int, work: Work) -> None:
        """Note that a job begins, perhaps once more, in another process."""

    def ends(self, message: Ended) -> bool:
        """Take the end of a job that is told later, by this side; False for any other."""

    def begins_again(self, job: int, work: Work) -> bool:
        """Whether a job that the end of a process has cut off is begun again in the next one.

        Asked once for each end, after `after`.
        """

    def cut_off(self, work: Work) -> Failure:
        """Why a job has failed that is not begun again."""

    def take(self, message: Answer | FilePart) -> None:
        """Take in what only comes from another machine."""

    # -- the process (called by the supervisor) ---------------------------------------------------

    def welcome(self, process: Process) -> StatusChanged:
        """What is said when a process is ready: nothing where it is the first or was asked for."""

    def watch(self, process: Process) -> bool:
        """Look after the way to a process; False where there is nothing else to be watched yet."""

    def after(self, process: Process, proven_s: float) -> StatusChanged:
        """What becomes of the renderer after its process has ended: `restarting` or `failed`.

        proven_s: seconds after which a process has been of use.
        """

    def not_started(self, error: OSError) -> str:
        """What is said where a process cannot be started at all."""

    def due(self) -> bool:
        """Whether a process is to be started now by itself; True once for each that has ended."""

    def forget(self) -> None:
        """Forget what has failed, and start none by itself: the user starts one."""

    def lost(self) -> None:
        """Tell whoever waits for an answer of the present process that none will come."""

    def close(self, seconds: float) -> None:
        """Remove what is not whole, within so many seconds."""
