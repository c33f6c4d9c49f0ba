"""What a knob or a message from outside is assigned to, and how its value becomes that control's.

Pure functions. A source sends shares, 0…1: 0 is a knob turned all the way down.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from msgspec import Struct, structs

Curve: TypeAlias = Literal["linear", "exponential", "logarithmic"]
"""How a share is bent on its way: evenly, fine at the low end, or fine at the high end."""

STEEP = 4.0
"""How steep the bent curves are: the slopes at their two ends are e⁴ ≈ 55 times apart."""


class Assignment(Struct, frozen=True):
    """A source that moves a control.

    source: its name, such as `osc /1/fader1` or `midi 1 cc 7`.
    target: the address of the control or the command below `/ganscope/`, such as `truncation/psi`.
    low, high: the control's values at the shares 0 and 1.
    curve: how it gets from one to the other.
    smoothing: seconds in which the control comes 1 − 1/e (63 %) of the way to a new value.
    invert: the share is taken from the other end.
    toggle: each press switches a switch over, instead of holding it on.
    enabled: whether it is done at all.
    """

    source: str
    target: str
    low: float = 0.0
    high: float = 1.0
    curve: Curve = "linear"
    smoothing: float = 0.0
    invert: bool = False
    toggle: bool = False
    enabled: bool = True


def shaped(assignment: Assignment, share: float) -> float:
    """Return the control's value for a share, which is held to 0…1.

    The exponential curve is (e^(k·s) − 1) / (e^k − 1) with k = STEEP, the logarithmic its inverse.
    """
    share = min(max(share, 0.0), 1.0)
    if assignment.invert:
        share = 1.0 - share
    if assignment.curve == "exponential":
        share = math.expm1(STEEP * share) / math.expm1(STEEP)
    elif assignment.curve == "logarithmic":
        share = math.log1p(share * math.expm1(STEEP)) / STEEP
    return assignment.low + (assignment.high - assignment.low) * share


def glided(value: float, goal: float, seconds: float, smoothing: float) -> float:
    """Return where a value is after so many seconds on its way to a goal.

    It is the solution of dv/dt = (goal − v) / smoothing, so it does not depend on how the time is
    divided into frames. smoothing: in seconds; 0 arrives at once.
    """
    if smoothing <= 0:
        return goal
    return goal + (value - goal) * math.exp(-seconds / smoothing)


def with_source(
    assignments: tuple[Assignment, ...], source: str, first: Assignment
) -> tuple[Assignment, ...]:
    """Return the list in which a source moves the control that `first` names.

    A control that another source moved before keeps its range, curve and smoothing.
    first: how it is moved where nothing did yet.
    """
    for index, old in enumerate(assignments):
        if old.target == first.target:
            return replaced(assignments, index, structs.replace(old, source=source, enabled=True))
    return (*assignments, structs.replace(first, source=source))


def without(assignments: tuple[Assignment, ...], index: int) -> tuple[Assignment, ...]:
    """Return the list without the one at a place."""
    return (*assignments[:index], *assignments[index + 1 :])


def replaced(
    assignments: tuple[Assignment, ...], index: int, new: Assignment
) -> tuple[Assignment, ...]:
    """Return the list with another one at a place."""
    return (*assignments[:index], new, *assignments[index + 1 :])
