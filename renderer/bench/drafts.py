"""What drafts cost: several ways to draw the same picture, in turn, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from statistics import median, quantiles
from typing import TypeAlias

import torch
from torch import Tensor

from networks.base import Generator
from ops.prepared import PreparedWeights
from renderer.bench.benchmark import picture
from renderer.bench.report import Way, Ways
from renderer.pipeline import layer_pictures
from renderer.pipeline.compute import Compute
from renderer.pipeline.weights import this_machine

Draw: TypeAlias = Callable[[int], tuple[float, Tensor]]
"""From a seed to the milliseconds that it took, and the picture [1, C, H, W]."""


def ways_of(generator: Generator, compute: Compute) -> dict[str, Draw]:
    """The picture by the definition, the exact one, and drafts: as they are, and prepared."""
    generator.eval().requires_grad_(False)
    store = PreparedWeights(this_machine().choose)

    def using(dtype: torch.dtype) -> Callable[[], AbstractContextManager[object]]:
        return lambda: store.using(dtype, at_once=True)

    drafting = generator.drafting
    return {
        "definition": _way(generator, compute, nullcontext),
        "exact": _way(generator, compute, using(torch.float32)),
        "bfloat16": _way(generator, compute, drafting),
        "bfloat16, prepared": _way(generator, compute, drafting, using(torch.bfloat16)),
    }


def _way(
    generator: Generator, compute: Compute, *around: Callable[[], AbstractContextManager[object]]
) -> Draw:
    def draw(seed: int) -> tuple[float, Tensor]:
        with torch.inference_mode(), around[0](), around[-1]() if around[1:] else nullcontext():
            return picture(generator, seed, compute)

    return draw


def compare_ways(
    ways: Mapping[str, Draw],
    generator: Generator,
    name: str,
    seconds: float,
    most: int,
    step: Callable[[int, int], None],
) -> Ways:
    """Draw pictures in every way, in turn.

    ways: by their names; ratios are to the first of them, differences from `definition`.
    seconds: how long it may take, roughly; three rounds are made however long they take.
    most: how many rounds are made at most.
    step: called with the number of rounds that are done and of all.
    """
    times: dict[str, list[float]] = {way: [] for way in ways}
    peak, levels = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    total, begun = 3, time.perf_counter()
    done = -1  # the first round pays for memory and for choosing algorithms
    while done < total:
        found = {way: draw(done + 1) for way, draw in ways.items()}
        expected = found["definition"][1]
        done += 1
        if done == 0:
            each = time.perf_counter() - begun
            total = max(3, min(most, int(seconds / each) - 1))
            continue
        for way, (ms, img) in found.items():
            times[way].append(ms)
            off = ((img - expected).abs().max() / expected.abs().max()).item()
            peak[way] = max(peak[way], off)
            levels[way] += _apart(img, expected) / total
        step(done, total)
    first = next(iter(ways))
    rows = []
    for way, all_ms in times.items():
        lower, _, upper = quantiles(all_ms, n=4)
        ratio = median(a / b for a, b in zip(times[first], all_ms, strict=True))
        rows.append(Way(way, median(all_ms), (lower, upper), ratio, peak[way], levels[way]))
    return Ways(name, generator.resolution, total, tuple(rows))


def _apart(img: Tensor, expected: Tensor) -> float:
    """The mean difference of two pictures, in levels of 255."""
    first, second = (layer_pictures.levels(each).float() for each in (img, expected))
    return (first - second).abs().mean().item()
