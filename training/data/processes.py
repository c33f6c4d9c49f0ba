"""Worker processes that read data: how many, how they meet Ctrl+C, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from common.parent import end_with_parent


def available() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    # Windows waits for 61 processes at once at most.
    return min(os.cpu_count() or 1, 61 if sys.platform == "win32" else 1 << 16)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl+C; this one sees it at the end.

    A terminal sends it to all of them, but only the first decides what it means, and one that is
    still starting would die of it. `start_worker` does the same where signals cannot be held.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # starting it lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_worker(_: object = None) -> None:
    """To be called first in a worker process: it ends when its parent does, and only then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
