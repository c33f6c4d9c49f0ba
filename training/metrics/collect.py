"""Rows of numbers for many pictures, made by all ranks in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import numpy as np
import torch
from torch import Tensor

from common.errors import UserError
from training.metrics.moments import Sums
from training.run.distributed import Group

# What a metric may fail by: data or weights gone, memory full, numbers that are none.
FAILURES: Final = (UserError, OSError, RuntimeError, ValueError, MemoryError)


def in_words(error: BaseException) -> str:
    """Why a metric failed, as the end of a sentence; libraries write none, or many lines."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if text[-1] in ".!?…" else f"{text}."


class Stopped(Exception):  # noqa: N818 - a wish of the user, not an error
    """The work was stopped because somebody asked for it."""


Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""A progress line with a title and a number of pictures."""


@contextmanager
def no_bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows nothing."""
    yield lambda done: None


class Team:
    """The ranks that work on metrics together.

    group: the processes.
    asked: tells whether this rank was asked to stop.
    bar: shows progress; what it yields is told how many pictures are done.
    """

    def __init__(
        self, group: Group, *, asked: Callable[[], bool] = lambda: False, bar: Bar = no_bar
    ) -> None:
        self.group, self.asked, self.bar = group, asked, bar

    @property
    def first(self) -> bool:
        """Whether this is the first rank, which computes the values."""
        return self.group.rank == 0

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on the first rank; all ranks ask together."""
        return self.group.any(self.first and flag)

    def shares(self, count: int, batch: int) -> tuple[list[range], int]:
        """The batches of this rank out of `count` pictures, and how many steps all take."""
        every = [range(at, min(at + batch, count)) for at in range(0, count, batch)]
        return every[self.group.rank :: self.group.size], -(-len(every) // self.group.size)

    def each(self, title: str, count: int, batch: int, work: Callable[[range], None]) -> None:
        """Do `work` on every batch. Where one rank fails or is asked to stop, all stop.

        Raises Stopped, or one of FAILURES: of this rank, else that another one failed.
        """
        batches, steps = self.shares(count, batch)
        with self.bar(title, count) as progress:
            for step in range(steps):
                self._step(batches[step : step + 1], work)
                progress(min((step + 1) * batch * self.group.size, count))

    def _step(self, batches: Sequence[range], work: Callable[[range], None]) -> None:
        failure: BaseException | None = None
        try:
            for numbers in batches:
                work(numbers)
        except FAILURES as error:
            failure = error
        if self.group.any(failure is not None):
            raise failure or RuntimeError("another process failed")
        if self.group.any(self.asked()):
            raise Stopped

    def rows(self, title: str, count: int, batch: int, work: Callable[[range], Tensor]) -> Tensor:
        """The rows that `work(numbers) -> [N, d]` gives for all numbers, in their order.

        On the first rank float32 [count, d] on the CPU, on the others [0]. Raises as `each` does.
        """
        mine: list[Tensor] = []
        self.each(title, count, batch, lambda numbers: mine.append(work(numbers).float().cpu()))
        if self.group.size == 1:
            return torch.cat(mine)
        everyone = self.group.gather(b"".join(part.numpy().tobytes() for part in mine))
        if not self.first:
            return torch.zeros(0)
        d = mine[0].shape[1]
        rows = torch.empty(count, d)
        for rank, data in enumerate(everyone):
            taken, at = torch.from_numpy(np.frombuffer(data, np.float32).copy()).view(-1, d), 0
            for start in range(rank * batch, count, batch * self.group.size):
                size = min(batch, count - start)
                rows[start : start + size] = taken[at : at + size]
                at += size
        return rows

    def sums(
        self, title: str, count: int, batch: int, d: int, work: Callable[[range], Tensor]
    ) -> Sums:
        """The sums over all rows that `work` gives, without keeping them; every rank gets them."""
        sums = Sums(d)
        self.each(title, count, batch, lambda numbers: sums.add(work(numbers)))
        parts = self.group.gather(sums.tensor.numpy().tobytes())
        every = [torch.from_numpy(np.frombuffer(part, np.float64).copy()) for part in parts]
        sums.tensor = torch.stack(every).sum(dim=0).view_as(sums.tensor)
        return sums
