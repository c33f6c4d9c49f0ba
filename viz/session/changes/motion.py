"""How the latent and its noise move: on the plane of seeds, by dragging, and by themselves.

The plane repeats: seed(x, y) = x + step·y, so (x, y) and (x + step, y − 1) are the same picture.
Everything here is a pure function of what it is given.
"""

from __future__ import annotations

import math

from msgspec import structs

from renderer.messages.request import SEEDS, Arc, Average, Plane, SavedW, Seed, Source, seed_at
from viz.session.session import Motion, Session

STEP = Plane().step
"""How many seeds a row of the plane has, where nothing else was chosen."""
SLOW = 0.1
"""What a drag is multiplied by while Shift is held."""
LONGEST_STEP = 0.25
"""The longest step of an animation, in seconds.

A window that was stalled for longer goes on from where it was, without a jump.
"""


def at_seed(source: Source, seed: int) -> Seed | Plane:
    """Return a source at a seed: its point of the plane where `source` is one, else the seed."""
    plane = to_plane(Seed(seed), max(1, source.step)) if isinstance(source, Plane) else None
    return plane or Seed(seed)


def to_plane(source: Source, step: int = STEP) -> Plane | None:
    """Return the same picture as a point of the plane, None for what lies outside of it.

    step: how many seeds a row of the plane has.
    """
    match source:
        case Plane():
            return source
        case Seed(seed=seed):
            return Plane(float(seed % step), float(seed // step), step)
        case SavedW() | Average() | Arc():
            return None


def to_seed(source: Source) -> int | None:
    """Return the seed at or nearest to a source, None for what lies outside of the plane."""
    match source:
        case Seed(seed=seed):
            return seed
        case Plane(x=x, y=y, step=step):
            return seed_at(round_half_up(x), round_half_up(y), step)
        case SavedW() | Average() | Arc():
            return None


def round_half_up(value: float) -> float:
    """Return the nearest integer; halves go up, so that equal drags snap equally everywhere."""
    return float(math.floor(value + 0.5))


def snapped(plane: Plane) -> Plane:
    """Return the nearest point with a seed of its own."""
    return structs.replace(plane, x=round_half_up(plane.x), y=round_half_up(plane.y))


def fold(plane: Plane) -> Plane:
    """Return the same picture with x in 0…step.

    What leaves at the right comes in at the left, a row further down.
    """
    rows = math.floor(plane.x / plane.step)
    if not rows:
        return plane
    return structs.replace(plane, x=plane.x - rows * plane.step, y=plane.y + rows)


def twin_near(plane: Plane, x: float, y: float) -> Plane:
    """Return the point with the same picture as `plane` that lies nearest to (x, y)."""
    step = plane.step
    # Distance² to (plane.x + k·step, plane.y − k) is least at this k.
    k = round(((x - plane.x) * step + (plane.y - y)) / (step * step + 1))
    return structs.replace(plane, x=plane.x + k * step, y=plane.y - k)


def step_source(source: Source, dx: float, dy: float, latents: int | None = None) -> Source:
    """Return the source after one step by the keyboard; the same one where there is no way on.

    Whole steps end at whole seeds, and smaller ones exist on the plane only. A saved w becomes the
    next one in its file.
    latents: how many a saved w's file holds, None where that is not known; then it goes back only.
    """
    match source:
        case Seed(seed=seed) if dx == round(dx) and dy == round(dy):
            return Seed(round(seed + dx + STEP * dy) % SEEDS)
        case Plane(x=x, y=y):
            x = round_half_up(x) if dx and dx == round(dx) else x
            y = round_half_up(y) if dy and dy == round(dy) else y
            return structs.replace(source, x=x + dx, y=y + dy)
        case SavedW(index=index):
            last = index if latents is None else latents - 1
            return structs.replace(source, index=max(0, min(index + round(dx), last)))
        case Average() | Arc():
            return source
        case _:
            plane = to_plane(source)
            assert plane is not None
            return structs.replace(plane, x=plane.x + dx, y=plane.y + dy)


def moving(session: Session) -> bool:
    """Whether the picture changes by itself, so that the window must keep drawing."""
    return _latent_moves(session) or _noise_moves(session)


def still(session: Session) -> Session:
    """Return the session with nothing in it that moves by itself."""
    if _noise_moves(session):
        session = session.with_motion(redraw="fixed")
    return session.with_motion(animate=False) if session.motion.animate else session


def advance(session: Session, before: Session, then: float, now: float) -> Session:
    """Return what `session` has become by itself since the frame before.

    Noise that is redrawn with every picture takes its next seed when anything else in the request
    has changed.

    before: the session of the frame before.
    then, now: of the frame before and of this one, by a clock in seconds.
    """
    dt = min(max(now - then, 0.0), LONGEST_STEP)
    changed = session.render != before.render
    if _latent_moves(session):
        session = _travel(session, dt)
        changed = changed or session.render != before.render
    noise = session.render.noise
    if noise.mode != "random" or noise != before.render.noise:
        return session
    if _noise_moves(session):
        rate = session.motion.redraw_rate
        draws = math.floor(now * rate) - math.floor(then * rate)
    else:
        draws = int(changed and session.motion.redraw == "change")
    return redraw(session, draws) if draws else session


def redraw(session: Session, draws: int = 1) -> Session:
    """Return the session with its noise drawn anew: at the seed that is `draws` further."""
    noise = session.render.noise
    seed = (noise.seed + draws) % SEEDS
    return session.with_render(noise=structs.replace(noise, seed=seed))


def velocity(motion: Motion) -> tuple[float, float]:
    """Return the plane units per second in x and y; 0° is +x, 90° is +y (down on the map)."""
    angle = math.radians(motion.heading)
    return motion.speed * math.cos(angle), motion.speed * math.sin(angle)


def _travel(session: Session, dt: float) -> Session:
    source = session.render.source
    plane = to_plane(source)
    assert plane is not None
    vx, vy = velocity(session.motion)
    moved = structs.replace(plane, x=plane.x + vx * dt, y=plane.y + vy * dt)
    return session.with_render(source=fold(moved))


def _latent_moves(session: Session) -> bool:
    motion = session.motion
    return motion.animate and motion.speed != 0 and to_plane(session.render.source) is not None


def _noise_moves(session: Session) -> bool:
    return session.render.noise.mode == "random" and session.motion.redraw == "animate"
