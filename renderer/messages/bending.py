"""Bending a network: what is done to the activations of its layers on the way to the picture.

After Broad et al. 2021, "Network Bending: Expressive Manipulation of Deep Generative Models". What
each operation computes stands in `renderer.pipeline.synthesis.bending`; here is what a request says
of it, and what everyone who shows it has to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from msgspec import Struct

Operation: TypeAlias = Literal[
    "scale",
    "ablate",
    "add",
    "invert",
    "clamp",
    "threshold",
    "power",
    "sine",
    "blur",
    "sharpen",
    "dilate",
    "erode",
    "translate",
    "rotate",
    "zoom",
    "mirror",
    "noise",
]
OPERATIONS: Final[tuple[Operation, ...]] = get_args(Operation)
"""All of them: of single values, of neighbourhoods, of places, and noise."""


class Bend(Struct, frozen=True):
    """One operation on the output of one layer.

    layer: its name; a layer that the network lacks is left out.
    operation: what is done; see `FACTS`.
    amount: how much, in the unit of the operation. Beyond its range counts as its end.
    down: of `translate`, how far down, where `amount` is to the right.
    channels: the channels that it is done to; None: all. Those that the layer lacks are left out.
    share: so much of them, 0…1, drawn at random; a larger share holds a smaller one.
    seed: of the share, and of `noise`. 0 ≤ seed < 2³².
    enabled: whether it is done at all.
    solo: where some are solo, only these are done.
    """

    layer: str
    operation: Operation = "scale"
    amount: float = 1.0
    down: float = 0.0
    channels: tuple[int, ...] | None = None
    share: float = 1.0
    seed: int = 0
    enabled: bool = True
    solo: bool = False


@dataclass(frozen=True)
class Facts:
    """What there is to know of an operation.

    identity: the amount that changes nothing.
    start: the amount that a new one begins with.
    low, high: the range of the amount.
    unit: `times`, `share`, `value` (of an activation), `pixels` (of the layer), `pictures`,
        or `degrees`.
    help: what it does, in a sentence.
    """

    identity: float
    start: float
    low: float
    high: float
    unit: Literal["times", "share", "value", "pixels", "pictures", "degrees"]
    help: str


FACTS: Final[dict[Operation, Facts]] = {
    "scale": Facts(1, 2, -4, 4, "times", "Multiplies: 0 silences, −1 inverts."),
    "ablate": Facts(0, 1, 0, 1, "share", "Takes this share away; all of it at 1."),
    "add": Facts(0, 0.5, -4, 4, "value", "Adds a number."),
    "invert": Facts(0, 1, 0, 1, "share", "Goes over to the negative; all the way at 1."),
    "clamp": Facts(
        0, 0.5, 0, 1, "share", "Cuts off what is beyond 1 − this of the channel's largest value."
    ),
    "threshold": Facts(
        0, 0.25, 0, 1, "share", "Silences what is below this share of the channel's largest value."
    ),
    "power": Facts(1, 2, 0.25, 4, "times", "Raises to a power and keeps the sign: contrast."),
    "sine": Facts(0, 1, -4, 4, "value", "Adds a sine of the value: ripples where it is steep."),
    "blur": Facts(0, 1, 0, 16, "pixels", "A Gaussian; the number is its standard deviation."),
    "sharpen": Facts(0, 1, 0, 8, "times", "Adds so often what a blur of one pixel takes away."),
    "dilate": Facts(0, 1, 0, 8, "pixels", "The largest value around: what is bright grows."),
    "erode": Facts(0, 1, 0, 8, "pixels", "The smallest value around: what is bright shrinks."),
    "translate": Facts(0, 0.1, -1, 1, "pictures", "Shifts; what lies at the edge is mirrored."),
    "rotate": Facts(0, 15, -180, 180, "degrees", "Turns about the middle, against the clock."),
    "zoom": Facts(1, 1.25, 0.25, 4, "times", "Enlarges about the middle."),
    "mirror": Facts(0, 1, 0, 1, "share", "Fades to its mirror image; symmetric at 0.5."),
    "noise": Facts(0, 0.5, -4, 4, "value", "Adds fixed Gaussian noise, drawn from the seed."),
}
"""What each operation does and how much of it there can be."""


def amount_of(bend: Bend) -> float:
    """How much is done, within the range of the operation."""
    facts = FACTS[bend.operation]
    return float(min(max(bend.amount, facts.low), facts.high))


def does_something(bend: Bend) -> bool:
    """Whether a bend changes anything where it is done: one at its identity changes no bit."""
    moved = bend.operation == "translate" and bend.down != 0
    chosen = bend.share > 0 and (bend.channels is None or bool(bend.channels))
    return chosen and (moved or amount_of(bend) != FACTS[bend.operation].identity)


def heard(bends: Sequence[Bend]) -> tuple[Bend, ...]:
    """Those that are done, in their order."""
    on = [bend for bend in bends if bend.enabled]
    solo = [bend for bend in on if bend.solo]
    return tuple(bend for bend in solo or on if does_something(bend))


def chosen_channels(bend: Bend, channels: int) -> tuple[int, ...]:
    """The channels of a layer of `channels` that a bend is done to, in ascending order."""
    every = range(channels)
    among = set(every if bend.channels is None else bend.channels).intersection(every)
    count = round(min(max(bend.share, 0.0), 1.0) * len(among))
    if count == len(among):
        return tuple(sorted(among))
    order = np.random.RandomState(bend.seed % 2**32).permutation(channels)
    return tuple(sorted([int(c) for c in order if c in among][:count]))
