"""Saying something to the user."""

from __future__ import annotations

from typing import Protocol


class Notify(Protocol):
    """Puts a line into the status bar, and shows it for a while where it is an error."""

    def __call__(self, text: str, *, error: bool = False, file: str = "") -> None:
        """Say `text`, a sentence or two; an error stays in sight for longer.

        file: what was written, which can be shown in its folder.
        """
