"""The order in which images are shown: a pure function of the seed and of how many were shown.

The reference trainer swaps neighbours in one endless shuffled list instead. No publication asks
for either order; here every epoch shows every image once, and any place of it can be gone on from.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


class InfiniteSampler:
    """Endless epochs, each a fresh permutation of `range(size)`.

    `at(n)` is the image shown as number n in the whole run, all replicas together. Replica `rank`
    of `replicas` yields the numbers start + rank, start + rank + replicas, …: replicas never
    overlap, together they miss nothing, and a run that stopped at any n goes on from `start=n`,
    also with another number of replicas. Raises ValueError for arguments out of range.
    """

    def __init__(
        self, size: int, *, rank: int = 0, replicas: int = 1, seed: int = 0, start: int = 0
    ) -> None:
        if size < 1 or start < 0 or not 0 <= rank < replicas:
            raise ValueError(f"{size=}, {start=}, {rank=} or {replicas=} is out of range")
        self.size, self.rank, self.replicas, self.seed = size, rank, replicas, seed
        self.start = start
        self._epoch = -1
        self._order = np.empty(0, np.int64)

    def at(self, number: int) -> int:
        """The index, 0 to size - 1, of the image that is shown as number `number` of the run."""
        epoch, place = divmod(number, self.size)
        if epoch != self._epoch:
            self._order = permutation(self.size, self.seed, epoch)
            self._epoch = epoch
        return int(self._order[place])

    def __iter__(self) -> Iterator[int]:
        number = self.start + self.rank
        while True:
            yield self.at(number)
            number += self.replicas


def permutation(size: int, seed: int, epoch: int) -> np.ndarray:
    """A permutation of range(size), int64 [size], of one epoch of a seed.

    Sorted by raw bits of Philox, whose stream NumPy promises to keep; that of its shuffles it
    does not (NEP 19), and a run must resume under a newer NumPy.
    """
    key = np.array([seed % 2**64, epoch], np.uint64)
    bits = np.random.Philox(key=key).random_raw(size)
    return np.argsort(bits, kind="stable")
