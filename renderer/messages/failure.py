"""Errors in the user's words."""

from __future__ import annotations

import sys
import traceback

from msgspec import Struct

from common.errors import UserError


class HoldsLatent(UserError):  # noqa: N818 - what a file is, and no mistake in it
    """A file was opened as a network, and holds a latent."""


class PartNotRead(UserError):  # noqa: N818 - what a file is, and no mistake in it
    """A part of a file is of a kind that is not read, and its generator is drawn all the same."""


class Failure(Struct, frozen=True):
    """What went wrong.

    message: what failed and why.
    remedy: what to do about it, empty where there is nothing to be said.
    latent: a file that was to be opened as a network holds a latent.
    unread: only a part of an open file is not read, which is no reason for alarm.
    """

    message: str
    remedy: str = ""
    latent: bool = False
    unread: bool = False


def explain(error: Exception) -> Failure:
    """An error as a Failure. What we did not foresee goes to stderr with its traceback."""
    if isinstance(error, UserError):
        latent, unread = isinstance(error, HoldsLatent), isinstance(error, PartNotRead)
        return Failure(error.message, error.remedy, latent, unread)
    if isinstance(error, MemoryError):
        return Failure("There is not enough memory for this.", "Close other programs.")
    traceback.print_exception(error, file=sys.stderr)
    return Failure(
        f"internal error: {type(error).__name__}: {error}",
        "This is a mistake in the program; please report it with what you did.",
    )
