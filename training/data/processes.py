"""What worker processes of the data side share."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import wait


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
    """For the start of a worker process: it ends when its parent does, and only then.

    A parent that was killed cannot stop its workers. They would wait for work for ever: what they
    could notice it by, pipes and the number of their parent, each other and the fork server hold.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
