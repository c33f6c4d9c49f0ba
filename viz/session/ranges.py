"""How far the numbers of a session may go, and the way back into these ranges.

A session may come from anywhere: a file that somebody edited, a PNG of a later program, a link.
What lies beyond these ranges cannot be drawn by the panels, and mostly means nothing. They are
wider than what sliders show where numbers can also be typed.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct, structs

from common.dragging import DragPoint, DragStep
from renderer.messages.bending import Bend
from renderer.messages.journey import VERSION as JOURNEY_VERSION
from renderer.messages.journey import Drive, Journey, Key, KnownSnapshot, Point, Track
from renderer.messages.request import (
    SEEDS,
    Arc,
    AugmentView,
    ChannelEdit,
    ClassLabel,
    Direction,
    LayerView,
    MixSource,
    Noise,
    Plane,
    SavedW,
    Seed,
    Share,
    Spectrum,
    StyleShift,
    Target,
    Transform,
    Truncation,
)
from renderer.pictures.journey.order import in_order
from viz.session.assignment import Assignment
from viz.session.session import VERSION, Compare, Motion, Pane, Session, View

N = TypeVar("N", bound=float)
"""The type of a number."""
T = TypeVar("T", bound=Struct)
"""The type of a part of a session."""


class Range(NamedTuple, Generic[N]):
    """The numbers between two, both included.

    low: the smallest.
    high: the largest.
    """

    low: N
    high: N

    def nearest(self, value: N) -> N:
        """Return the value, or the end of the range that it lies beyond."""
        return min(max(value, self.low), self.high)

    def holds(self, value: N) -> bool:
        """Whether the value lies in the range."""
        return self.low <= value <= self.high


SHARE = Range(0.0, 1.0)
"""The range of a share of a whole."""
SEED = Range(0, SEEDS - 1)
"""The range of the seed of a latent."""
NOISE_SEED = Range(0, 2**63 - 1)
"""The range of the seed of noise, as its generator and the command line take it."""
COUNT = Range(0, 2**31 - 1)
"""The range of indices and numbers, the largest of which ImGui takes as an integer."""
FACTOR = Range(-1e6, 1e6)
"""The range of numbers that can be typed and have no natural end."""
COORDINATE = Range(-float(SEEDS), float(SEEDS))
"""The range of coordinates of the plane, which at the smallest step reaches every seed."""
STEP = Range(1, 1_000_000)
"""The range of the seeds per row of the plane."""
ZOOM = Range(1 / 32, 256.0)
"""The range of screen pixels per picture pixel."""
DRAWS = Range(1, 32)
"""The range of how often the discriminator is asked about one picture."""
RATE = Range(0.1, 6.0)
"""The range of pictures per second that blink.

Three pairs of light and dark are the most that is safe to look at (WCAG 2.2, success criterion
2.3.1).
"""
GAIN = Range(1.0, 16.0)
"""The range of what differences are multiplied by."""

SHIFT = Range(-4.0, 4.0)
"""The range of how far a picture is moved, in pictures."""
ANGLE = Range(-3600.0, 3600.0)
"""The range of an angle in degrees."""
SECONDS = Range(0.0, 86400.0)
"""The range of a time in a journey, which lasts a day at most."""
PIXEL = Range(0.0, 65536.0)
"""The range of a place in a picture, in its pixels."""
SCALE = Range(1 / 16, 16.0)
"""The range of how much a picture is enlarged."""

RANGES: dict[type[Struct], dict[str, Range[Any]]] = {
    Seed: {"seed": SEED},
    Plane: {"x": COORDINATE, "y": COORDINATE, "step": STEP},
    SavedW: {"index": COUNT},
    Arc: {"first": SEED, "second": SEED, "t": FACTOR, "turn": FACTOR},
    Share: {"weight": FACTOR},
    ClassLabel: {"first": COUNT, "second": COUNT, "t": SHARE},
    Truncation: {"psi": FACTOR, "cutoff": COUNT, "curve": FACTOR},
    MixSource: {"weights": Range(-1.0, 1.0)},
    Direction: {"amount": FACTOR, "first": COUNT, "last": COUNT},
    StyleShift: {"channel": COUNT, "amount": FACTOR, "sigma": FACTOR},
    Noise: {"seed": NOISE_SEED, "strength": FACTOR, "layers": FACTOR},
    Transform: {"x": SHIFT, "y": SHIFT, "rotate": ANGLE, "scale": SCALE},
    ChannelEdit: {"channel": COUNT, "scale": FACTOR},
    Bend: {
        "amount": FACTOR,
        "down": SHIFT,
        "channels": COUNT,
        "share": SHARE,
        "seed": SEED,
    },
    Spectrum: {"low_db": Range(-1000.0, 1000.0), "high_db": Range(-1000.0, 1000.0)},
    LayerView: {"channel": COUNT, "gain_db": Range(-400.0, 400.0), "cell": Range(1, 4096)},
    Target: {"crop": COUNT},
    AugmentView: {"p": SHARE, "seed": SEED, "draws": DRAWS},
    View: {"zoom": ZOOM, "center": SHARE},
    Motion: {
        "drag_speed": Range(0.0, 1000.0),
        "speed": Range(-1000.0, 1000.0),
        "heading": FACTOR,
        "redraw_rate": Range(0.0, 1000.0),
    },
    Pane: {"id": COUNT},
    Compare: {
        "reference": COUNT,
        "other": COUNT,
        "split": SHARE,
        "blinked": COUNT,
        "rate": RATE,
        "gain": GAIN,
    },
    Assignment: {"low": FACTOR, "high": FACTOR, "smoothing": Range(0.0, 60.0)},
    DragPoint: {"id": COUNT, "handle": PIXEL, "target": PIXEL},
    DragStep: {"done": COUNT, "handles": PIXEL, "distance": PIXEL},
    Key: {"time": SECONDS},
    Point: {"time": SECONDS, "value": FACTOR},
    Track: {"seconds": SECONDS, "rate": Range(1, 1000)},
    Drive: {"gain": FACTOR, "smoothing": Range(0.0, 10.0), "threshold": SHARE},
    KnownSnapshot: {"kimg": Range(0.0, 1e9)},
    Journey: {"duration": SECONDS, "version": Range(1, JOURNEY_VERSION)},
    Session: {"version": Range(1, VERSION), "moment": SECONDS, "stars": SEED},
}
"""The range of every number in a session by its class and field; in a tuple that of each number."""


def changed_within_ranges(session: Session, before: Session) -> Session:
    """Return a session with its numbers in their ranges, and the times of its journey in order.

    before: one that is within its ranges; what both share is not looked at again, for a journey can
    have thousands of keys.
    """
    journey = session.journey
    if journey is not before.journey:
        known = {id(key) for key in before.journey.keys}
        keys = tuple(key if id(key) in known else within_ranges(key) for key in journey.keys)
        bare = within_ranges(structs.replace(journey, keys=()))
        journey = in_order(structs.replace(bare, keys=keys))
    mended = within_ranges(structs.replace(session, journey=_NO_JOURNEY))
    return structs.replace(mended, journey=journey)


def within_ranges(value: T) -> T:
    """Return the struct with every number in its range, in structs and tuples inside it too."""
    ranges = RANGES.get(type(value), {})
    changes: dict[str, Any] = {}
    for field in value.__struct_fields__:
        before = getattr(value, field)
        after = _within(before, ranges.get(field))
        if after is not before:
            changes[field] = after
    return structs.replace(value, **changes) if changes else value


def _within(value: Any, range: Range[Any] | None) -> Any:
    """Return a field with its numbers in their range; the same object where nothing changes."""
    match value:
        case Struct():
            return within_ranges(value)
        case tuple():
            after = tuple(_within(item, range) for item in value)
            return value if all(a is b for a, b in zip(after, value, strict=True)) else after
        case bool() | str() | None:
            return value
        case _ if range is None or range.holds(value):
            return value
        case _:
            return range.nearest(value)


_NO_JOURNEY = Journey()
