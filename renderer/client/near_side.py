"""A renderer on this machine: one that dies is started again at once, but not for ever."""

from __future__ import annotations

from typing import Final

from common.errors import reason
from common.runs.disk import HERE, Disk
from renderer.client.events import Line, StatusChanged
from renderer.client.process import Process
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work, lacking
from renderer.messages.to_window import Answer, Ended, FilePart

SHORT_LIVES: Final = 2
"""Processes in a row that are started by themselves and soon die; one is chance."""


class NearSide:
    """A `Side`. It shares the window's disk, so nothing has to be fetched or asked for."""

    def __init__(self) -> None:
        self.disk: Disk = HERE
        self.starting = "Starting the renderer"
        self.trying = ""  # `after` has said it, and it takes no time
        self.awaited = "Begins again with the renderer"
        self._automatic = False  # the present process was started because the last one died
        self._short = 0  # processes in a row that were started by themselves and soon died
        self._due = False

    @property
    def gone(self) -> Failure:
        """See Side."""
        return Failure("The renderer is not running.", "Restart it, then try again.")

    def line(self, process: Process | None) -> Line | None:
        """See Side."""
        return None

    def refusal(self, work: Work) -> Failure | None:
        """See Side; every job can be done."""
        return None

    def expect(self, job: int, work: Work) -> None:
        """See Side; the renderer itself writes what it makes."""

    def ends(self, message: Ended) -> bool:
        """See Side."""
        return False

    def begins_again(self, job: int, work: Work) -> bool:
        """See Side."""
        return work.resumes

    def cut_off(self, work: Work) -> Failure:
        """See Side."""
        return Failure(f"The renderer ended before {lacking(work)}.", work.advice)

    def take(self, message: Answer | FilePart) -> None:
        """See Side; no such message comes."""

    def welcome(self, process: Process) -> StatusChanged:
        """See Side."""
        return StatusChanged("ready", "Renderer restarted" if self._automatic else "")

    def watch(self, process: Process) -> bool:
        """See Side; a pipe needs no care."""
        return True

    def after(self, process: Process, proven_s: float) -> StatusChanged:
        """See Side. It has failed when SHORT_LIVES in a row were of no use for long."""
        short = self._automatic and not process.health.proven(proven_s)
        self._short = self._short + 1 if short else 0
        if self._short >= SHORT_LIVES:
            return StatusChanged("failed", f"The {process.reason()}")
        self._automatic = self._due = True
        return StatusChanged("restarting", f"The {process.reason()}; starting it again")

    def not_started(self, error: OSError) -> str:
        """See Side."""
        return f"The renderer cannot be started: {reason(error)}"

    def due(self) -> bool:
        """See Side."""
        due, self._due = self._due, False
        return due

    def forget(self) -> None:
        """See Side."""
        self._automatic = self._due = False
        self._short = 0

    def lost(self) -> None:
        """See Side; nobody asks for anything but pictures and jobs."""

    def close(self, seconds: float) -> None:
        """See Side."""
