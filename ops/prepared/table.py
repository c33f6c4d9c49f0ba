"""Which form of a weight is the fastest, as it was measured: `measured.json`, a file of numbers.

`bench --tune` measures it anew, for the machine that it runs on.
"""

from __future__ import annotations

from functools import cache
from math import inf, log2
from pathlib import Path
from typing import Final

import torch
from msgspec import Struct, json

from ops.prepared.forms import FORMS, Use

PLAIN: Final = "plain"
"""The definition, which makes a weight for every latent and prepares nothing."""
_WORTH: Final = 0.95
"""A form that takes a larger share of the time of the definition than this is not worth it."""
_ALIKE: Final = 2.0
"""How far a convolution may be from the nearest one that was measured, in powers of two in all."""


class Measured(Struct, frozen=True):
    """How long a modulated convolution of 3x3 took.

    up: the factor by which it upsampled, 1 or 2.
    precision: `float32` or `bfloat16`.
    inputs, outputs: channels.
    side: pixels a side of its input.
    ms: milliseconds, by the names of forms and for `plain`.
    """

    up: int
    precision: str
    inputs: int
    outputs: int
    side: int
    ms: dict[str, float]


class Table(Struct, frozen=True):
    """Measurements of one machine.

    machine: in words.
    threads: by which it was measured.
    measured: all convolutions.
    """

    machine: str
    threads: int
    measured: tuple[Measured, ...]

    def choose(self, channels: tuple[int, int], use: Use, dtype: torch.dtype) -> str:
        """The name of the fastest form, or `plain`.

        channels: that come in and that go out.
        """
        precision = str(dtype).removeprefix("torch.")
        side = (use.height * use.width) ** 0.5
        best, nearest = None, inf
        for one in self.measured:
            if (one.up, one.precision) != (use.up, precision):
                continue
            pairs = ((one.inputs, channels[0]), (one.outputs, channels[1]), (one.side, side))
            distance = sum(abs(log2(a / b)) for a, b in pairs)
            if distance < nearest:
                best, nearest = one, distance
        if best is None or nearest > _ALIKE:
            return PLAIN
        times = {
            name: ms
            for name, ms in best.ms.items()
            if name in FORMS and FORMS[name].suits(use, dtype)
        }
        name = min(times, key=lambda name: times[name], default=PLAIN)
        return name if times.get(name, inf) <= _WORTH * best.ms.get(PLAIN, inf) else PLAIN


def read_table(path: Path) -> Table:
    """The table in a file. Raises OSError, and msgspec.DecodeError where it is not one."""
    return json.decode(path.read_bytes(), type=Table)


@cache
def delivered() -> Table:
    """The table that comes with the program."""
    return read_table(Path(__file__).with_name("measured.json"))
