"""Which pictures are worth drawing in a hurry first, from what stages of networks took so far.

A picture that is ready within SMOOTH is drawn at once. Of one that takes longer a draft is made in
about BUDGET, for as long as it moves: with features in bfloat16 where this processor is faster at
that, and of a network whose pictures grow from stage to stage only so many stages as there is time
for. Which of them that is, is learnt from the pictures before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

import torch
import torch.nn.functional as F

SMOOTH: Final = 0.05
"""Seconds that a picture may take while it is dragged."""
BUDGET: Final = 0.08
"""Seconds that a draft may take."""
GAIN: Final = 0.7
"""A draft that takes a larger share of the time of the exact picture than this is not made."""
GUESS: Final = 0.6
"""So much of the time of an exact stage a draft of it is expected to take, before it is known."""
COARSEST: Final = 16
"""A draft has at least one in so many of the pixels of a side,"""
LEAST: Final = 32
"""and at least so many pixels, where the picture has them."""

_WEIGHT = 0.5  # of the newest measurement: machines are busy at one time and idle at another


class Paces:
    """Seconds that stages take, by the kind of network, for exact pictures and for drafts."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[Hashable, bool, int], float] = {}

    def clear(self) -> None:
        """Forget all (the device or the number of threads has changed)."""
        self._seconds.clear()

    def forget_drafts(self, kind: Hashable) -> None:
        """Forget how long drafts took of this kind of network, since they are faster now."""
        self._seconds = {key: s for key, s in self._seconds.items() if key[:2] != (kind, True)}

    @contextmanager
    def timed(self, kind: Hashable, stage: int, *, draft: bool) -> Iterator[None]:
        """Measure a stage, by its index.

        kind: what networks have in common whose stages take equally long.
        """
        begun = time.perf_counter()
        yield
        seconds = time.perf_counter() - begun
        key = kind, draft, stage
        self._seconds[key] = seconds + (self._seconds.get(key, seconds) - seconds) * (1 - _WEIGHT)

    def expected(self, kind: Hashable, stages: Iterable[int], *, draft: bool) -> float | None:
        """Seconds that stages will take; None where one of them was never measured.

        A stage that was never part of a draft is expected to take GUESS of what it takes in an
        exact picture: whoever hopes finds out, whoever fears never does.
        """
        total = 0.0
        for stage in stages:
            exact = self._seconds.get((kind, False, stage))
            seconds = self._seconds.get((kind, True, stage)) if draft else exact
            if seconds is None:
                if exact is None:
                    return None
                seconds = exact * GUESS
            total += seconds
        return total

    def choose(
        self,
        kind: Hashable,
        exact: Sequence[int],
        candidates: Iterable[int],
        stages_of: Callable[[int], Sequence[int]],
    ) -> int | None:
        """The stage after which to take a draft; None where the exact picture is to be drawn.

        exact: the stages that the exact picture has to run.
        candidates: stages that a draft may be taken after, the best first.
        stages_of: which stages a draft has to run that is taken after a stage.
        """
        whole = self.expected(kind, exact, draft=False)
        if whole is None or whole <= SMOOTH:
            return None
        best: tuple[float, int] | None = None
        for stage in candidates:
            seconds = self.expected(kind, stages_of(stage), draft=True)
            if seconds is None:
                continue
            if best is None or seconds < best[0]:
                best = seconds, stage
            if seconds <= BUDGET:
                break
        return None if best is None or best[0] > GAIN * whole else best[1]


@cache
def bfloat16_pays() -> bool:
    """Whether this processor convolves faster in bfloat16 than in float32; measured once."""
    x = torch.ones(1, 128, 32, 32).contiguous(memory_format=torch.channels_last)
    weight = torch.ones(128, 128, 3, 3)
    half_x, half_weight = x.bfloat16(), weight.bfloat16()
    # The best of several in turn, since other programs use the processor as well.
    pairs = [
        (
            _seconds(lambda: F.conv2d(x, weight, padding=1)),
            _seconds(lambda: F.conv2d(half_x, half_weight, padding=1)),
        )
        for _ in range(8)
    ]
    return min(half for _, half in pairs) < 0.8 * min(whole for whole, _ in pairs)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
