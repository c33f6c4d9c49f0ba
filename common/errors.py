"""The one error type that is shown to the user word for word, and the one that is not an error."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can act on.

    `message` names the thing and the reason in one line; `remedy` says what to do about it
    (it may be empty). The command line prints both and exits with 1; the window shows both.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Cancelled(Exception):  # noqa: N818 - a wish of the user, not an error
    """The work was stopped because somebody asked for it."""


def reason(error: OSError | ValueError) -> str:
    """Return why, in the system's words: `no such file or directory`.

    A ValueError is what a path gets that no system can have.
    """
    return (getattr(error, "strerror", None) or str(error)).lower()


def why(error: Exception) -> str:
    """Return `reason` of an error of the system, and the words of any other as they are."""
    return reason(error) if isinstance(error, OSError) else str(error)
