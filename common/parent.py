"""Processes that end with the one that started them, in whatever way that ends.

A process that was killed can stop no others. What they could notice it by, such as pipes, their
siblings may hold open, and processes of a fork server have that for their parent: so they ask
`multiprocessing`, which hands each of them something of the starting process to wait for.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Final

_INTERVAL: Final = 1.0  # seconds between two looks at the number of the parent


def when_parent_ends(act: Callable[[], object]) -> None:
    """Call `act` in a thread of its own once the process that started this one is gone.

    Does nothing more than start the thread, so it is to be called early. A process that
    `multiprocessing` did not start learns of it within a second.
    """
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent, act), name="parent", daemon=True).start()


def end_with_parent() -> None:
    """End this process at once, with code 1 and without cleaning up, when its parent is gone."""
    when_parent_ends(lambda: os._exit(1))


def _watch(number: int, act: Callable[[], object]) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    else:
        while os.getppid() == number:
            time.sleep(_INTERVAL)
    act()
