"""The bends of a request in words and as flags, and which of them fit a network."""

from __future__ import annotations

import math

from renderer.messages.bending import Bend, amount_of, heard
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session import numbers
from viz.session.inspection import channels_of
from viz.session.parameters.parameter import Parameter
from viz.session.ranges import SEED, SHARE


def _words(bends: tuple[Bend, ...]) -> str:
    """Say in words how a network is bent: the first two in full."""
    done = heard(bends)
    said = [f"{bend.operation} {bend.layer} by {bend.amount:g}" for bend in done[:2]]
    return ", ".join([*said, *([f"{len(done) - 2} more"] if len(done) > 2 else [])])


def _flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    """Return the flags that ask for the same bends; None where flags cannot say them."""
    channels = channels_of(model)
    bends = [bend for bend in heard(request.bends) if bend.layer in channels]
    if not all(_can_be_said(bend, channels[bend.layer]) for bend in bends):
        return None
    return [f"--bend={_bend_word(bend)}" for bend in bends]


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


def _fitting(bends: tuple[Bend, ...], model: ModelInfo | None) -> tuple[Bend, ...]:
    """Return the bends of layers that a network has."""
    channels = channels_of(model)
    return tuple(bend for bend in bends if bend.layer in channels)


BENDS = Parameter[tuple[Bend, ...]](
    "bends",
    "edits",
    "Bent",
    _words,
    name="bending",
    flags=_flags,
    fit=_fitting,
)
