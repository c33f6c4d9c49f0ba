"""`Journey`: what moves, when, and how. Frozen; its JSON is the file format.

`renderer.pictures.journey` says what is seen at each moment of it.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from msgspec import Struct

from renderer.messages.bending import Bend
from renderer.messages.request import Direction, RenderRequest

VERSION: Final = 1
"""The version of the format of journeys."""

Going: TypeAlias = Literal["linear", "smooth", "slerp", "hold"]
"""How a journey goes on from a key to the next.

linear: straight in W, at one speed.
smooth: along a cubic spline in W that passes every key with the speed that its neighbours suggest
    (Catmull and Rom 1974, for unequal times Overhauser 1968): where two such ways meet, nothing
    jumps, not even the speed.
slerp: along the great circle in Z (`renderer.messages.request.Arc`); numbers go linearly. Where a
    key is not a seed, or a point of the same circle, it is as `linear`.
hold: the key stays until the next one.
"""
GOINGS: Final[tuple[Going, ...]] = get_args(Going)
"""All of them, in the order of menus."""

Ease: TypeAlias = Literal["none", "in", "out", "both"]
"""Whether the way from a key to the next begins slowly (`in`), ends slowly (`out`), or both."""
EASES: Final[tuple[Ease, ...]] = get_args(Ease)
"""All of them, in the order of menus."""

Kind: TypeAlias = Literal["psi", "noise", "class", "x", "y", "rotate", "zoom", "direction", "bend"]
"""A number in a request that can be moved by itself: psi, the strength of noise, the blend of two
classes, the transform, the amount of a direction or of a bend."""


Band: TypeAlias = Literal["loudness", "low", "mid", "high", "onsets", "beat"]
"""What is heard in a sound: its loudness (RMS), that of what lies below 200 Hz, up to 2 kHz and
above it, beginnings of notes, and the beat."""
BANDS: Final[tuple[Band, ...]] = get_args(Band)
"""All of them, in the order of menus."""


class Key(Struct, frozen=True):
    """A picture that is passed.

    render: its request.
    time: when, in seconds from the beginning, at least 0.
    going: how the journey goes on to the next key.
    ease: whether it does so slowly at an end.
    name: what the user calls it, empty for nothing.
    """

    render: RenderRequest
    time: float = 0.0
    going: Going = "smooth"
    ease: Ease = "none"
    name: str = ""


class Knob(Struct, frozen=True):
    """One number of a request.

    kind: which one.
    direction: of `direction`, the one whose amount it is, told from others by its vector and rows.
    bend: of `bend`, the one whose amount it is, told from others by its layer and operation.
    """

    kind: Kind = "psi"
    direction: Direction | None = None
    bend: Bend | None = None


class Point(Struct, frozen=True):
    """A value at a time, in seconds."""

    time: float
    value: float


class Curve(Struct, frozen=True):
    """A number over time, which overrules what the keys say of it.

    knob: the number.
    points: its values, in the order of their times; before the first and after the last it stays.
    smooth: it passes the points as `Going` "smooth" passes keys, otherwise it goes straight.
    """

    knob: Knob
    points: tuple[Point, ...] = ()
    smooth: bool = True


class KnownSnapshot(Struct, frozen=True):
    """A snapshot of a run. path: its file. kimg: thousands of pictures seen."""

    path: str
    kimg: float


class Envelope(Struct, frozen=True):
    """One aspect of a sound over its time.

    band: which one.
    values: one byte for each moment, 0…255 for 0…1.
    """

    band: Band
    values: bytes = b""


class Track(Struct, frozen=True):
    """A sound, and what is heard in it.

    path: its file, which is heard with films where it is there.
    seconds: how long it is.
    rate: values of each envelope per second.
    envelopes: what was found; it travels with the journey, which so needs no file.
    """

    path: str
    seconds: float = 0.0
    rate: int = 60
    envelopes: tuple[Envelope, ...] = ()


class Drive(Struct, frozen=True):
    """A number that follows a sound: gain · envelope is added to it.

    knob: the number.
    band: the envelope.
    gain: by how much it is moved where the envelope is 1.
    smoothing: seconds over which the envelope is averaged, half of them before the moment.
    threshold: 0…1, below which nothing is heard; what is above it is stretched to 0…1 again.
    """

    knob: Knob
    band: Band = "loudness"
    gain: float = 0.5
    smoothing: float = 0.1
    threshold: float = 0.0


class Journey(Struct, frozen=True):
    """Pictures over time.

    keys: what is passed, each later than the one before.
    duration: seconds in all. Of a closed journey it is when the first key is seen again.
    closed: after the last key it goes back to the first one, without a seam.
    curves: numbers that move by themselves.
    snapshots: of the run that the keys' snapshots belong to. Between two keys of it the one nearest
        in kimg is drawn; without them the snapshot changes at the next key.
    version: of the format.
    track: a sound that is heard with it.
    drives: numbers that follow that sound, after the curves.
    """

    keys: tuple[Key, ...] = ()
    duration: float = 0.0
    closed: bool = False
    curves: tuple[Curve, ...] = ()
    snapshots: tuple[KnownSnapshot, ...] = ()
    version: int = VERSION
    track: Track | None = None
    drives: tuple[Drive, ...] = ()
