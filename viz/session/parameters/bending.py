"""The bends of a request in words and as flags, and which of them fit a network."""

from __future__ import annotations

import math

from msgspec import structs

from renderer.messages.bending import FACTS, Bend, amount_of, heard
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session import numbers
from viz.session.changes import bends
from viz.session.inspection import channels_of
from viz.session.parameters.control import Control, Kind, Scope
from viz.session.parameters.parameter import Parameter
from viz.session.ranges import SEED, SHARE
from viz.session.session import Session


def _words(listed: tuple[Bend, ...]) -> str:
    """Say in words how a network is bent: the first two in full."""
    done = heard(listed)
    said = [f"{bend.operation} {bend.layer} by {bend.amount:g}" for bend in done[:2]]
    return ", ".join([*said, *([f"{len(done) - 2} more"] if len(done) > 2 else [])])


def _flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    """Return the flags that ask for the same bends; None where flags cannot say them."""
    channels = channels_of(model)
    done = [bend for bend in heard(request.bends) if bend.layer in channels]
    if not all(_can_be_said(bend, channels[bend.layer]) for bend in done):
        return None
    return [f"--bend={_bend_word(bend)}" for bend in done]


def _can_be_said(bend: Bend, channels: int) -> bool:
    """Whether the flag takes every number of a bend, and its layer."""
    inside = all(0 <= channel < channels for channel in bend.channels or ())
    sound = SHARE.holds(bend.share) and SEED.holds(bend.seed)
    return inside and sound and ":" not in bend.layer and math.isfinite(bend.down)


def _bend_word(bend: Bend) -> str:
    word = f"{bend.layer}:{bend.operation}={amount_of(bend)!r}"
    if bend.operation == "translate":
        word += f",{float(bend.down)!r}"
    if bend.channels is not None:
        word += f"@{numbers.ranges(sorted(set(bend.channels)))}"
    word += f"~{float(bend.share)!r}" if bend.share != 1 else ""
    return f"{word}/{bend.seed}" if bend.seed else word


def _fitting(listed: tuple[Bend, ...], model: ModelInfo | None) -> tuple[Bend, ...]:
    """Return the bends of layers that a network has."""
    channels = channels_of(model)
    return tuple(bend for bend in listed if bend.layer in channels)


def _controls(scope: Scope) -> tuple[Control, ...]:
    return tuple(
        control
        for index, bend in enumerate(scope.session.render.bends)
        for control in _of_one(index, bend)
    )


def _of_one(index: int, bend: Bend) -> list[Control]:
    facts = FACTS[bend.operation]
    named = f"of bend {index + 1}, {bend.operation} {bend.layer}"
    fields: list[tuple[str, float, float, Kind]] = [
        ("amount", facts.low, facts.high, "number"),
        ("down", -1.0, 1.0, "number"),
        ("share", 0.0, 1.0, "number"),
        ("seed", 0, 999, "integer"),
        ("enabled", 0, 1, "switch"),
        ("solo", 0, 1, "switch"),
    ]
    return [
        _control(index, field, f"{field.capitalize()} {named}", low, high, kind)
        for field, low, high, kind in fields
        if field != "down" or bend.operation == "translate"
    ]


def _control(index: int, field: str, title: str, low: float, high: float, kind: Kind) -> Control:
    def read(session: Session) -> float | None:
        listed = session.render.bends
        return float(getattr(listed[index], field)) if index < len(listed) else None

    def write(session: Session, value: float) -> Session:
        typed = {"number": float, "integer": int, "switch": bool}[kind](value)
        bend = structs.replace(session.render.bends[index], **{field: typed})
        return session.with_render(bends=bends.replaced(session.render.bends, index, bend))

    return Control(f"bend/{index + 1}/{field}", title, low, high, read, write, kind)


BENDS = Parameter[tuple[Bend, ...]](
    "bends",
    "edits",
    "Bent",
    _words,
    name="bending",
    flags=_flags,
    fit=_fitting,
    controls=_controls,
)
