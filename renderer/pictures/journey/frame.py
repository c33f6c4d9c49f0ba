"""What a journey shows at a moment, and all frames of it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from renderer.messages.journey import Journey
from renderer.messages.request import RenderRequest
from renderer.pictures.journey.blend import blend
from renderer.pictures.journey.curves import read, value_at, write
from renderer.pictures.journey.drives import heard
from renderer.pictures.journey.latents import arc_between
from renderer.pictures.journey.weights import Place, place


def at(journey: Journey, time: float) -> RenderRequest:
    """Return what is seen at a time in seconds.

    At the time of a key it is the very request of that key, but for what curves say. A closed
    journey repeats; of another one the first and the last key stay before and after it.

    It takes the same time however many keys there are: no more than four of them count.
    Raises ValueError for a journey without keys.
    """
    here = place(journey, time)
    if journey.closed and journey.duration > 0:
        time %= journey.duration
    found = [(_curved(journey, key, time), weight) for key, weight in here.weights]
    if len(found) == 1:
        return found[0][0]
    current, after = journey.keys[here.key].render, journey.keys[here.after].render
    arc = None
    if journey.keys[here.key].going == "slerp" and current.source != after.source:
        arc = arc_between(current.source, after.source, here.share)
    between = blend(found, _curved(journey, here.key, time), arc)
    return structs.replace(between, snapshot=_snapshot(journey, here))


def frame_count(journey: Journey, fps: float) -> int:
    """Return how many frames a journey has. An open one ends with a frame at its very end."""
    steps = max(1, round(journey.duration * fps))
    return steps if journey.closed or journey.duration <= 0 else steps + 1


def frame_time(journey: Journey, index: int, fps: float) -> float:
    """Return the moment of a frame, in seconds; they divide the duration equally."""
    return index * journey.duration / max(1, round(journey.duration * fps))


def frames(journey: Journey, fps: float) -> Iterator[RenderRequest]:
    """Yield what is seen in every frame, in their order. fps: frames per second, above 0.

    The last frame of a closed journey is as far from the first as any two neighbours.
    """
    for index in range(frame_count(journey, fps)):
        yield at(journey, frame_time(journey, index, fps))


def _curved(journey: Journey, key: int, time: float) -> RenderRequest:
    """Return the request of a key with what the curves and the sound say at a time.

    All keys are given the same number, so it is that one between them as well.
    """
    request = journey.keys[key].render
    if not journey.curves and not journey.drives:
        return request
    period = journey.duration if journey.closed else 0.0
    for curve in journey.curves:
        value = value_at(curve, time, period)
        if value is not None:
            request = write(request, curve.knob, value)
    if journey.track is not None:
        for drive in journey.drives:
            moved = read(request, drive.knob) + drive.gain * heard(journey.track, drive, time)
            request = write(request, drive.knob, moved)
    return request


def _snapshot(journey: Journey, here: Place) -> str:
    """Return the snapshot between keys: of a run the one nearest in kimg, else that of the key."""
    own = journey.keys[here.key].render.snapshot
    if all(journey.keys[key].render.snapshot == own for key, _ in here.weights):
        return own
    known = {snapshot.path: snapshot.kimg for snapshot in journey.snapshots}
    found = [(known.get(journey.keys[key].render.snapshot), a) for key, a in here.weights]
    kimgs = [(kimg, a) for kimg, a in found if kimg is not None]
    if len(kimgs) < len(found):
        return own
    kimg = sum(kimg * a for kimg, a in kimgs)
    return min(journey.snapshots, key=lambda each: abs(each.kimg - kimg)).path
