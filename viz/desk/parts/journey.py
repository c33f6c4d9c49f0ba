"""Journeys as panels see them: how the preview goes, and what can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Preview:
    """How the preview of a journey goes.

    playing: it goes on by itself, in real time.
    rate: the pictures per second that were really seen in the last second; 0 while that is not
        known. What the machine has no time for is left out, and never makes it slower.
    """

    playing: bool = False
    rate: float = 0.0


class JourneyActions(Protocol):
    """What can be done with the journey of the session, besides changing it."""

    def toggle_play(self) -> None:
        """Begin or stop going along it in real time, from where the playhead is."""

    def stop(self) -> None:
        """Stop going along it."""

    def save(self, path: str) -> None:
        """Write it as a file of its own."""

    def load(self, path: str) -> None:
        """Take the one in a file, of its own or in a film or a session, in its place."""

    def hear(self, path: str) -> None:
        """Look at a sound file in the background, and give it to the journey."""
