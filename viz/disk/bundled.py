"""Sessions that name the bundled snapshot where it is on another machine."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.bundled import at_hand, bundled_snapshot
from renderer.pictures.journey.editing import with_requests
from viz.session.session import Session

__all__ = ["at_hand", "bundled_snapshot", "localised"]


def localised(session: Session) -> Session:
    """Return the session with `at_hand` applied to every request in it."""
    panes = tuple(
        structs.replace(pane, render=at_hand(pane.render)) for pane in session.compare.panes
    )
    journey = with_requests(session.journey, at_hand)
    session = structs.replace(session, render=at_hand(session.render), journey=journey)
    return session.with_compare(panes=panes)
