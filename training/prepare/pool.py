"""A function over many items in several processes: order kept, memory bounded, no orphans."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from renderer.errors import UserError
from training.processes import ignore_interrupts, interrupts_held

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 4  # tasks in flight per worker: enough to keep it busy, few enough to hold in memory


def ordered(
    function: Callable[[Task], Result], tasks: Iterable[Task], workers: int
) -> Generator[Result, None, None]:
    """`map(function, tasks)` in `workers` processes; tasks are drawn as results are taken.

    With one worker everything happens in this process. Closing the iterator stops the others.
    Raises UserError where a worker dies.
    """
    if workers <= 1:
        yield from map(function, tasks)
        return
    drawn = iter(tasks)
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start)
    try:
        waiting: deque[Future[Result]] = deque()
        with interrupts_held():  # the first task starts the workers
            waiting.extend(pool.submit(function, task) for task in itertools.islice(drawn, 1))
        ahead = itertools.islice(drawn, AHEAD * workers - 1)
        waiting.extend(pool.submit(function, task) for task in ahead)
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(function, task) for task in itertools.islice(drawn, 1))
    except BrokenProcessPool as error:
        raise UserError(
            "A worker process died, most likely for want of memory.",
            "Use fewer --workers; with --workers 1 the last line before the end names the image.",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def available() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start() -> None:
    ignore_interrupts()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A parent that was killed cannot stop its workers, and they would wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
