"""The clean output as menus see it: the picture alone in a window of its own, or on a display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Display:
    """A display of this machine.

    name: as the system calls it, with a number where two are called the same.
    width, height: in pixels.
    ours: the window of the controls is on it.
    """

    name: str
    width: int
    height: int
    ours: bool = False


class OutputFacts(Protocol):
    """How the clean output is."""

    @property
    def on(self) -> bool:
        """Whether there is one."""

    @property
    def display(self) -> str:
        """The name of the display that it fills, empty where it is in a window."""

    def displays(self) -> tuple[Display, ...]:
        """Return the displays of this machine."""


class OutputActions(Protocol):
    """What can be done with the clean output."""

    def show(self, display: str) -> None:
        """Show the picture alone on a display, or in a window where the name is empty."""

    def close(self) -> None:
        """Show it there no more."""

    def toggle(self) -> bool:
        """Show it on the other display, or no more; return whether there is another display."""
