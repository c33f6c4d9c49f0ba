"""A progress line with the time left, where somebody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

EVERY = 0.25
"""Seconds between two lines of `progress_lines`."""


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress line of `total` pictures; what it yields is told how many are done."""
    with tqdm(
        total=total,
        desc=title,
        unit=" img",
        disable=None,
        file=sys.stderr,
        dynamic_ncols=True,
        leave=False,
    ) as line:
        yield lambda done: line.update(done - line.n)


@contextmanager
def progress_lines(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Progress as lines for another program: `progress 0.35 title`, a few per second.

    What it yields is told how many of `total` pictures are done.
    """
    said = time.monotonic()

    def tell(done: int) -> None:
        print(f"progress {done / max(total, 1):.4f} {title}", file=sys.stderr, flush=True)

    def progress(done: int) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY:
            said = time.monotonic()
            tell(done)

    tell(0)
    yield progress
