"""The one place that holds the session of the window, and the only way to change it."""

from __future__ import annotations

from viz.session.changes.motion import still
from viz.session.history import History
from viz.session.ranges import changed_within_ranges
from viz.session.session import Session


class SessionCell:
    """The session as it is now, with its history.

    What is `set` between two calls of `end_frame` becomes a step of undo, or goes on with the step
    of a gesture that is under way; what is `replace`d does not.
    """

    def __init__(self, session: Session) -> None:
        self._now = self._before = session
        self._history = History()

    @property
    def now(self) -> Session:
        """The newest session."""
        return self._now

    @property
    def before(self) -> Session:
        """The session at the end of the last frame, or what replaced it since."""
        return self._before

    def set(self, session: Session) -> None:
        """Take what the user has changed, which undo takes back, with numbers in their ranges."""
        if session is not self._now:
            self._now = changed_within_ranges(session, self._now)

    def replace(self, session: Session) -> None:
        """Take another session without a step of undo: what was before was not the user's.

        What the user has changed in this frame already is a step all the same.
        """
        # Whether that is a gesture which goes on is known at the end of the frame.
        self._history.record(self._before, self._now, gesture=True)
        self._take(session)

    def _take(self, session: Session) -> None:
        self._now = self._before = session

    def end_frame(self, *, gesture: bool) -> None:
        """Note what has changed, at the end of a frame.

        gesture: a mouse button or an item is held, so that the step of undo goes on.
        """
        self._history.record(self._before, self._now, gesture=gesture)
        self._before = self._now

    def slip_in(self, before: Session, kept: Session, now: Session) -> None:
        """Keep what was under way as a step of undo of its own, below the change that ended it.

        before, kept: without and with what it has come to. now: that with the change on top.
        """
        self._history.slip_in(before, kept)
        self._now = self._before = now

    def step(self, session: Session) -> None:
        """Take a session as a whole step of undo, whatever gesture is under way."""
        self.end_frame(gesture=False)
        self.set(session)
        self.end_frame(gesture=False)

    def drift(self, moved: Session, *, moving: bool) -> None:
        """Take the session as an animation has left it; all of a movement is one step of undo."""
        self._history.drift(self._now, moved, moving=moving)
        self._now = self._before = moved

    def undo(self) -> None:
        """Go back to before the last step. What moves by itself stops: it would bury the way on."""
        self._take(still(self._history.undo(self._now)))

    def redo(self) -> None:
        """Go on to after the step that was undone last; nothing moves by itself then either."""
        self._take(still(self._history.redo(self._now)))

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back to."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was undone and not buried since."""
        return self._history.can_redo
