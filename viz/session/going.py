"""Along the journey of a session: to a moment of it, and to one of its keys. Pure functions."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.journey import Journey
from renderer.pictures.journey.frame import at
from viz.session.session import Session


def at_moment(session: Session, moment: float) -> Session:
    """Return the session with what its journey shows at a moment, in seconds.

    Whatever is looked at instead of the picture stays.
    """
    journey = session.journey
    if not journey.keys:
        return session
    moment = min(max(moment, 0.0), journey.duration)
    seen = at(journey, moment)
    render = structs.replace(seen, view=session.render.view, augment=session.render.augment)
    return structs.replace(session, render=render, moment=moment)


def at_key(session: Session, index: int) -> Session:
    """Return the session at one of the keys of its journey."""
    return at_moment(session, session.journey.keys[index].time)


def key_at(journey: Journey, moment: float) -> int | None:
    """Return the index of the key that is at a moment, None where there is none."""
    near = 1e-6 * max(1.0, journey.duration)
    return next((i for i, key in enumerate(journey.keys) if abs(key.time - moment) <= near), None)
