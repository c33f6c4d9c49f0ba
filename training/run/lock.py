"""One process at a time trains a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from common.errors import UserError, reason

NAME: Final = ".lock"
PATIENCE = 5.0  # seconds; the processes of a run that was killed may take a moment to end


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold a run directory inside the block; the system lets go of it however the process ends.

    Raises UserError where another process holds it, or the lock cannot be made.
    """
    lock = FileLock(run / NAME, timeout=PATIENCE)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(
            f"{run} is being trained by another process.",
            "Wait until it ends, or stop it with Ctrl+C: it saves first.",
        ) from error
    except OSError as error:
        raise UserError(
            f"Cannot hold {run / NAME}: {reason(error)}.",
            "Continue in a folder that may be written to.",
        ) from error
    try:
        yield
    finally:
        lock.release()
