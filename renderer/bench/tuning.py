"""Measures which form of a weight convolves the fastest, for the table in `ops.prepared`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import product
from math import inf
from typing import Final

import torch

from ops import modulated_conv2d, setup_filter
from ops.prepared import PreparedWeights
from ops.prepared.forms import FORMS, Form
from ops.prepared.store import Choose
from ops.prepared.table import PLAIN, Measured

# (factor, channels that come in, channels that go out, pixels a side of the input), which are the
# layers of StyleGAN2 from 64x64 to 1024x1024.
_CASES: Final = (
    *((1, 512, 512, side) for side in (4, 8, 16, 32, 64)),
    *((1, 256, 256, side) for side in (64, 128)),
    *((1, 128, 128, side) for side in (128, 256)),
    *((1, 64, 64, side) for side in (256, 512)),
    (1, 32, 32, 1024),
    *((2, 512, 512, side) for side in (4, 8, 16, 32)),
    *((2, 512, 256, side) for side in (32, 64)),
    *((2, 256, 128, side) for side in (64, 128)),
    *((2, 128, 64, side) for side in (128, 256)),
    (2, 64, 32, 512),
)
_PRECISIONS: Final = ("float32", "bfloat16")
_LEAST, _MOST = 3, 20  # how often each form is measured


def tune(seconds: float, step: Callable[[int, int], None]) -> Iterator[Measured]:
    """Measure one convolution after the other.

    seconds: about how long each of them may take.
    step: called with the number of convolutions that are done and of all.
    """
    cases = list(product(_PRECISIONS, _CASES))
    for done, (precision, (up, inputs, outputs, side)) in enumerate(cases, 1):
        yield _measure(precision, up, inputs, outputs, side, seconds)
        step(done, len(cases))


def _measure(
    precision: str, up: int, inputs: int, outputs: int, side: int, seconds: float
) -> Measured:
    dtype: torch.dtype = getattr(torch, precision)
    weight, styles = torch.randn(outputs, inputs, 3, 3), torch.randn(1, inputs)
    f = setup_filter((1, 3, 3, 1)) if up > 1 else None
    with torch.inference_mode():
        x = torch.randn(1, inputs, side, side, dtype=dtype)
        x = x.contiguous(memory_format=torch.channels_last)

        def convolve(store: PreparedWeights) -> None:
            with store.using(dtype, at_once=True):
                modulated_conv2d(x, weight, styles, f=f, up=up, padding=1, flip_weight=up == 1)

        stores = {PLAIN: PreparedWeights(lambda *_: PLAIN)}
        for name, form in FORMS.items():
            store = PreparedWeights(_always(name, form))
            convolve(store)
            if store.size:
                stores[name] = store
        best: dict[str, float] = {}
        # Of a single thread only its own time counts, whatever else the machine does.
        clock = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter
        end, rounds = time.perf_counter() + seconds, 0
        while rounds < _LEAST or (rounds < _MOST and time.perf_counter() < end):
            # In turn, and the best of all: other programs use the processor as well.
            for name, store in stores.items():
                begun = clock()
                convolve(store)
                best[name] = min(best.get(name, inf), 1000 * (clock() - begun))
            rounds += 1
    ms = {name: round(found, 3) for name, found in best.items()}
    return Measured(up, precision, inputs, outputs, side, ms)


def _always(name: str, form: type[Form]) -> Choose:
    """A choice of this form wherever it suits."""
    return lambda _, use, dtype: name if form.suits(use, dtype) else PLAIN
