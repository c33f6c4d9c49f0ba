"""Lists of whole numbers as they are written and typed: `0-3,7`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable


def ranges(numbers: Iterable[int]) -> str:
    """Write rising numbers as `0-3,7`, as the command line takes them."""
    groups = itertools.groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    runs = [[number for _, number in group] for _, group in groups]
    return ",".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def listed(text: str, end: int, longest: int) -> tuple[int, ...] | None:
    """Return the numbers that are written as `0-3,7`, in their order; None where a part is wrong.

    end: they lie below it. longest: the most numbers of one range.
    """
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,10})\s*(?:-\s*(\d{1,10})\s*)?", part, re.ASCII)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not (first <= last < end and last - first < longest):
            return None
        found += range(first, last + 1)
    return tuple(found)
