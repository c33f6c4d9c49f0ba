"""A function over many items in several processes: order kept, memory bounded, no orphans."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from common.errors import UserError
from training.data.processes import interrupts_held, start_worker

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
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), start_worker)
    try:
        waiting: deque[Future[Result]] = deque()
        for task in tasks:
            with interrupts_held():  # submitting starts workers as they are needed
                waiting.append(pool.submit(function, task))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            "A worker process died, most likely for want of memory.",
            "Use fewer --workers; with --workers 1 the last line before the end names the image.",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
