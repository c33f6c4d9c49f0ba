"""Undo and redo: the sessions that the user may want back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import structs

from renderer.messages.journey import Journey
from renderer.messages.request import AugmentView, RenderRequest
from viz.session.assignment import Assignment
from viz.session.session import Drag, Pane, Session


@dataclass
class History:
    """The steps of undo and redo. One gesture (drag, slider, typed number) is one step.

    Only requests count, also those of other panels' pictures: zooming, the edge of a wipe or the
    passing of animation time would bury what people want back. A new field of a request counts by
    itself.

    limit: how many steps are kept.
    _past: the sessions before each step, the newest last.
    _future: the sessions that were undone, the newest last.
    _held: a gesture is under way, of which the step is noted already.
    _drifting: an animation is under way, of which the step is noted already.
    """

    limit: int = 500
    _past: list[Session] = field(default_factory=list)
    _future: list[Session] = field(default_factory=list)
    _held: bool = False
    _drifting: bool = False

    def record(self, before: Session, after: Session, *, gesture: bool) -> None:
        """Note that `before` became `after`.

        gesture: a mouse button or an item is held.

        The first change of a gesture opens a step; later ones extend it, up to and including
        the frame in which it is let go. Call every frame, changed or not.
        """
        if _kept(before) != _kept(after):
            if not self._held:
                self._push(before)
            self._future.clear()
            self._held = gesture
        elif not gesture:
            self._held = False

    def slip_in(self, before: Session, kept: Session) -> None:
        """Note that before the change that came last, `before` had become `kept`, as a step.

        Undo leads from now to `kept`, and from there to `before`.
        """
        if not self._past or _kept(self._past[-1]) != _kept(before):
            self._push(before)
        self._push(kept)
        self._future.clear()

    def drift(self, before: Session, after: Session, *, moving: bool) -> None:
        """Note what an animation did; all of it is one step, until a call with `moving` False."""
        changed = moving and _kept(before) != _kept(after)
        if changed:
            if not self._drifting:
                self._push(before)
            self._future.clear()
        self._drifting = moving and (changed or self._drifting)

    def _push(self, session: Session) -> None:
        self._past.append(session)
        del self._past[: -self.limit]

    def undo(self, current: Session) -> Session:
        """Return the session before the last step, or `current` where there is none."""
        if not self._past:
            return current
        self._future.append(current)
        self._held = self._drifting = False
        return _keep_view(self._past.pop(), current)

    def redo(self, current: Session) -> Session:
        """Return the session after the last undone step, or `current` where there is none."""
        if not self._future:
            return current
        self._past.append(current)
        self._held = self._drifting = False
        return _keep_view(self._future.pop(), current)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back to."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was undone and not buried since."""
        return bool(self._future)


_Kept: TypeAlias = tuple[
    RenderRequest, tuple[Pane, ...], str, AugmentView, Drag, tuple[Assignment, ...], Journey
]


def _kept(session: Session) -> _Kept:
    """Return the parts of a session that undo brings back."""
    return (
        session.render,
        session.compare.panes,
        session.compare.name,
        session.augment,
        session.drag,
        session.assignments,
        session.journey,
    )


def _keep_view(session: Session, current: Session) -> Session:
    """Return what comes back, shown as the current session is."""
    # An animation that went on would leave at once what undo has just brought back.
    motion = structs.replace(current.motion, animate=False)
    panes, name = session.compare.panes, session.compare.name
    # What comes back is to be seen, and nothing is left to compare with the only picture.
    shown = current.compare.on if panes == current.compare.panes else bool(panes)
    compare = structs.replace(current.compare, on=shown, panes=panes, name=name)
    return structs.replace(session, view=current.view, motion=motion, compare=compare)
