"""The lines of `stats.jsonl`, in which a run writes its statistics tick by tick.

A line is a JSON object: `{"Progress/kimg": {"num": 1, "mean": 4.0, "std": 0.0}, …}`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from common.runs.names import STATS

KIMG: Final = "Progress/kimg"
TIME: Final = "timestamp"
AUGMENT: Final = "Progress/augment"


class _Entry(msgspec.Struct):
    """A quantity of a line.

    num: how many values were reported.
    mean: their mean; None where there were none.
    """

    num: float = 1
    mean: float | None = None


_lines = msgspec.json.Decoder(dict[str, _Entry | float | None])
_HUGE: Final = sys.float_info.max
_HUGE_TEXT: Final = repr(_HUGE).encode()


def parse(line: bytes) -> dict[str, float]:
    """The quantities of one line, by name; empty where the line is not whole or something else.

    Quantities that were not measured are left out. Infinite values stand for those that were
    measured and are not finite, NaN included.
    """
    values = _parse_quickly(line)
    return _parse_anything(line) if values is None else values


def read(run: Path) -> Iterator[dict[str, float]]:
    """The finite quantities of each line that a run has written so far; nothing where it has none.

    Lines that are not whole (one may be being written) are left out.
    """
    try:
        with open(run / STATS, "rb") as file:
            for line in file:
                if values := parse(line):
                    yield {name: v for name, v in values.items() if math.isfinite(v)}
    except OSError:
        return


def augment_p(run: Path, kimg: float | None = None) -> float | None:
    """ADA's p at a snapshot's kimg (None: now), as the run wrote it down; None where it did not.

    Snapshots are named by whole kimg, so p is that of the last tick within this kimg, else of
    the last tick before it. After a resumption kimg begins again: the latest tick counts.
    """
    before: float | None = None
    within: float | None = None
    for tick in read(run):
        p, at = tick.get(AUGMENT), tick.get(KIMG)
        if p is None or (at is None and kimg is not None):
            continue
        if kimg is None or at is None or math.floor(at) < math.floor(kimg):
            before = p
        elif math.floor(at) == math.floor(kimg):
            within = p
    return before if within is None else within


def measured(value: Any) -> float | None:
    """The mean in `{"num", "mean", "std"}`, or a plain number; None where nothing was measured."""
    if isinstance(value, dict):
        if value.get("num") == 0:
            return None
        value = value.get("mean")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer beyond all floats
        return math.inf
    return number if math.isfinite(number) else math.inf


def _parse_quickly(line: bytes) -> dict[str, float] | None:
    """What trainers write, four times as fast as any JSON. None: it is something else."""
    # JSON has no NaN, which Python writes nevertheless: the largest number stands for it.
    text = line.replace(b"NaN", _HUGE_TEXT).replace(b"Infinity", _HUGE_TEXT)
    try:
        entries = _lines.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    values = {}
    for name, entry in entries.items():
        number = (entry.mean if entry.num else None) if isinstance(entry, _Entry) else entry
        if number is not None:
            values[name] = math.inf if abs(number) >= _HUGE else number
    return values


def _parse_anything(line: bytes) -> dict[str, float]:
    """The quantities of any JSON object; empty where it is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(entry, dict):
        return {}
    numbers = {name: measured(value) for name, value in entry.items()}
    return {name: number for name, number in numbers.items() if number is not None}
