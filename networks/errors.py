"""What goes wrong with snapshot files and networks, in words for the user."""

from __future__ import annotations


class SnapshotError(Exception):
    """A snapshot that cannot be used.

    `message` names the file and the reason in one line; `remedy` says what to do about it
    (it may be empty). Free of torch, so that whoever reports it need not import it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Cancelled(SnapshotError):  # noqa: N818 - a wish of the user, not an error
    """Opening was stopped because somebody asked for it."""
