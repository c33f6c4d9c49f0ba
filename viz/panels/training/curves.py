"""From the numbers of a run to lines that can be drawn: smoothing, thinning out, ranges. Pure."""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from common.runs.state import RunState
from common.runs.ticks import Floats

Axis = Literal["kimg", "hours"]
"""What runs along x: thousands of real pictures that were shown, or time."""
DENSE: Final = 300
"""How many values beside each other an eye can tell apart."""
LOG_RANGE: Final = 50.0
"""Positive quantities that span more than this are drawn on a logarithmic axis."""


def smooth(values: Floats, weight: float) -> Floats:
    """Return an exponential average of the finite values so far, without a bias to zero.

    It is NaN where the value is not finite.
    weight: how much of the average is kept from one value to the next, from 0 (none) to below 1.
        Where there are more values than a plot can show, it is kept for as much longer.
    """
    known = np.isfinite(values)
    y = values[known]
    if weight <= 0 or len(y) < 2:
        return np.where(known, values, np.nan)
    result = np.full(len(values), np.nan)
    result[known] = _average(y, weight ** min(1.0, DENSE / len(y)))
    return result


def _average(y: Floats, weight: float) -> Floats:
    """Return sum w^(i-j) y_j / sum w^(i-j) over j ≤ i, for each i.

    Dividing by w^i turns the recursion into a cumulative sum; done in blocks, as w^-i grows.
    """
    block = max(1, int(-600 / math.log(weight)))
    total, norm = 0.0, 0.0
    out = np.empty(len(y))
    for start in range(0, len(y), block):
        part = y[start : start + block]
        decay = weight ** np.arange(1, len(part) + 1)
        sums = decay * (total + np.cumsum(part / decay))
        norms = decay * (norm + np.cumsum(1 / decay))
        out[start : start + len(part)] = sums / norms
        total, norm = float(sums[-1]), float(norms[-1])
    return out


def thin_out(x: Floats, y: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
    """Return at most four points per column of the screen, which draw the same picture.

    x ascends, y is finite. What lies in low…high is kept, with a neighbour on either side; of what
    is within one column the first, the lowest, the highest and the last value.
    """
    start = max(int(np.searchsorted(x, low)) - 1, 0)
    end = min(int(np.searchsorted(x, high, "right")) + 1, len(x))
    x, y = x[start:end], y[start:end]
    if len(x) <= 4 * columns or high <= low:
        return x, y
    column = np.clip(((x - low) * (columns / (high - low))).astype(np.int64), -1, columns)
    first = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    last = np.append(first[1:], len(x)) - 1
    lowest, highest = np.minimum.reduceat(y, first), np.maximum.reduceat(y, first)
    thin_x = np.stack([x[first], x[first], x[last], x[last]], 1)
    thin_y = np.stack([y[first], lowest, highest, y[last]], 1)
    return thin_x.ravel(), thin_y.ravel()


def along(state: RunState, axis: Axis) -> Floats:
    """Return where every tick lies: its kimg, or the hours since the first.

    Places never go back, whatever the clock did.
    """
    if axis == "kimg":
        return state.kimg
    times = state.times
    known = np.isfinite(times)
    if not known.any():
        return np.arange(len(times), dtype=np.float64)
    ticks = np.arange(len(times))
    steady = np.maximum.accumulate(np.interp(ticks, ticks[known], times[known]))
    hours: Floats = (steady - steady[0]) / 3600
    return hours


def place(state: RunState, kimg: npt.ArrayLike, axis: Axis) -> Floats:
    """Return where something at `kimg` lies on an axis."""
    wanted = np.asarray(kimg, np.float64)
    if axis == "kimg" or not len(state.kimg):
        return wanted
    placed: Floats = np.interp(wanted, state.kimg, along(state, axis))
    return placed


def nearest(x: Floats, where: float) -> int:
    """Return the index of the value nearest to `where`; x ascends and is not empty."""
    right = min(int(np.searchsorted(x, where)), len(x) - 1)
    left = max(right - 1, 0)
    return left if abs(x[left] - where) <= abs(x[right] - where) else right


def is_logarithmic(values: Floats) -> bool:
    """Whether the values are all positive and of very different sizes."""
    known = values[np.isfinite(values)]
    if len(known) < 3 or known.min() <= 0:
        return False
    low, high = np.percentile(known, (2, 98))
    return bool(high > LOG_RANGE * low)


def limits(smoothed: Floats, raw: Floats, *, log: bool) -> tuple[float, float]:
    """Return the range of an axis: all of the smoothed curve, and the raw one but its outliers."""
    raw, smoothed = raw[np.isfinite(raw)], smoothed[np.isfinite(smoothed)]
    if not len(raw):
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = np.percentile(raw, (2, 98)) if len(raw) > 20 else (raw.min(), raw.max())
    if len(smoothed):
        low, high = min(low, smoothed.min()), max(high, smoothed.max())
    if log:
        room = max((high / low) ** 0.08, 1.1)
        return float(low / room), float(high * room)
    room = 0.08 * (high - low) or 0.1 * abs(high) or 0.5
    return float(low - room), float(high + room)


def round_steps(low: float, high: float, most: int, *, log: bool) -> list[float]:
    """Return at most `most` (≥ 2) round numbers in low…high for the marks of an axis."""
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        every = max(1, math.ceil((last - first + 1) / most))
        decades = [10.0**power for power in range(first, last + 1, every)]
        if len(decades) >= 2:
            return decades
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    found: list[float] = []
    for step in (1, 2, 5, 10, 20, 4, 3, 8):  # the last ones only where one mark would be left
        width = step * power
        first, last = math.ceil(low / width - 1e-9), math.floor(high / width + 1e-9)
        if len(found) < last - first + 1 <= most:
            found = [round(n * width, 12) for n in range(first, last + 1)]
        if len(found) >= 2:
            break
    return found
