"""How values that have arrived move the controls of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from viz.control.inbox import Arrival
from viz.session.assignment import Assignment, glided, shaped
from viz.session.controls import ROOT
from viz.session.parameters.control import Control
from viz.session.session import Session

OURS = f"osc {ROOT}"
"""What the source of a message begins with that names a control by its own address."""
NEAR = 1e-4
"""The share of its range within which a control has arrived."""

Find: TypeAlias = Callable[[str], Control | None]
"""Returns the control of an address below ROOT, None where there is none."""


@dataclass(frozen=True)
class _Goal:
    """Where a control is going.

    value: where to.
    smoothing: as that of `Assignment`.
    at: how far it has come; None where it begins from what the session has.
    """

    value: float
    smoothing: float = 0.0
    at: float | None = None


class Mover:
    """Keeps where each control is going that is not there yet."""

    def __init__(self) -> None:
        self._goals: dict[str, _Goal] = {}

    @property
    def moving(self) -> bool:
        """Whether a control is still on its way."""
        return bool(self._goals)

    def stop(self) -> None:
        """Leave every control where it is."""
        self._goals.clear()

    def take(self, session: Session, arrived: Mapping[str, Arrival], find: Find) -> None:
        """Note where what has arrived sends the controls."""
        for source, arrival in arrived.items():
            if source.startswith(OURS) and not arrival.bare:
                self._goals[source.removeprefix(OURS)] = _Goal(arrival.value)
        for assignment in session.assignments:
            arrival_of = arrived.get(assignment.source)
            if arrival_of is not None and assignment.enabled:
                self._send(session, assignment, arrival_of, find)

    def _send(self, session: Session, assignment: Assignment, arrival: Arrival, find: Find) -> None:
        control = find(assignment.target)
        if control is None:
            return
        value, smoothing = shaped(assignment, arrival.value), assignment.smoothing
        if control.kind == "switch":
            smoothing = 0.0
            if assignment.toggle:
                now = control.read(session) or 0.0
                value = 1.0 - now if arrival.presses % 2 else now
        before = self._goals.get(assignment.target)
        at = before.at if before is not None else None
        self._goals[assignment.target] = _Goal(value, smoothing, at)

    def advance(self, session: Session, seconds: float, find: Find) -> Session:
        """Return the session after so many seconds on the way."""
        for address, goal in list(self._goals.items()):
            control = find(address)
            if control is None:
                del self._goals[address]
                continue
            at = control.read(session) if goal.at is None else goal.at
            value = goal.value
            if at is not None:
                value = glided(at, goal.value, seconds, goal.smoothing)
            if abs(value - goal.value) <= NEAR * abs(control.high - control.low):
                value = goal.value
                del self._goals[address]
            else:
                self._goals[address] = replace(goal, at=value)
            session = control.put(session, value)
        return session
