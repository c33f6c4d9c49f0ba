"""A progress line with the time left, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


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
