"""What `bench --projection` measures: steps against plain ones, and own pictures found again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

import numpy as np
import torch
from msgspec import structs
from torch import Tensor

from common.projection import ProjectionSettings
from networks.base import Generator
from networks.features.distance import Distance
from networks.projection.projection import Projection
from ops import reference_path
from renderer.bench.report import FoundAgain, ProjectionSpeed
from renderer.pictures.projected import psnr
from renderer.pipeline import layer_pictures

PUBLISHED: Final = ProjectionSettings(space="w", start="average", noise=True, pull=0)
"""The recipe of StyleGAN2, Appendix D, at equal operators and distance, so that what is compared is
the method. Its noise begins at the network's own maps, not at random ones, which suits it."""

_FIRST_SEED: Final = 5000
"""Of the pictures to find: none that `best` compares."""


def speed(
    generator: Generator,
    distance: Distance,
    name: str,
    seconds: float,
    most: int,
    step: Callable[[int, int], None],
) -> ProjectionSpeed:
    """Steps of the published recipe by the fast operators and by the plain ones, in turn.

    name: of the network, for the report.
    seconds: how long it may take, roughly; two pairs are made however long they take.
    most: how many pairs are made at most.
    step: called with the number of pairs that are done and of all.
    """
    target = _own(generator, _FIRST_SEED)
    settings = structs.replace(PUBLISHED, steps=4 * most)
    fast, plain = (
        Projection(generator, distance, target, settings, _first_class(generator)) for _ in range(2)
    )
    laps: list[tuple[float, float]] = []
    total, begun = 2, time.perf_counter()
    apart = 0.0
    for pair in range(most + 1):
        quick = _timed(fast)
        with reference_path():
            slow = _timed(plain)
        apart = max(apart, abs(fast.history[-1] / plain.history[-1] - 1))
        if pair == 0:  # the first pays for memory and for choosing algorithms
            total = max(2, min(most, int(seconds / (time.perf_counter() - begun)) - 1))
            continue
        laps.append((quick, slow))
        step(pair, total)
        if pair == total:
            break
    return ProjectionSpeed(
        name=name,
        resolution=generator.resolution,
        distance=distance.name,
        pairs=len(laps),
        fast_ms=1000 * median(quick for quick, _ in laps),
        plain_ms=1000 * median(slow for _, slow in laps),
        ratio=median(slow / quick for quick, slow in laps),
        apart=apart,
    )


def quality(
    generator: Generator, distance: Distance, targets: int, steps: int
) -> Iterator[FoundAgain]:
    """How well the network's own pictures are found again, by the published recipe and by ours.

    targets: how many pictures, of seeds that nobody compares.
    steps: of both; the published one also gets as much time as ours takes, and ours half the steps.
    """
    ours = ProjectionSettings(steps=steps)
    yield _found(generator, distance, targets, "published", structs.replace(PUBLISHED, steps=steps))
    half = structs.replace(ours, steps=max(1, steps // 2))
    yield _found(generator, distance, targets, "ours", half)
    found = _found(generator, distance, targets, "ours", ours)
    yield found
    # What the comparison of seeds costs is worth so many steps.
    extra = round(steps * found.start_share / (1 - found.start_share))
    equal = structs.replace(PUBLISHED, steps=steps + extra)
    yield _found(generator, distance, targets, "published, equal time", equal)


def _found(
    generator: Generator,
    distance: Distance,
    targets: int,
    name: str,
    settings: ProjectionSettings,
) -> FoundAgain:
    values, times, starts = [], [], []
    for seed in range(_FIRST_SEED, _FIRST_SEED + targets):
        target, begun = _own(generator, seed), time.perf_counter()
        projection = Projection(generator, distance, target, settings, _first_class(generator))
        started = 0.0
        for one in projection.run():
            if one.phase == "start":
                started = time.perf_counter() - begun
        times.append(time.perf_counter() - begun)
        starts.append(started / times[-1])
        value = psnr(_pixels(projection.result()), _pixels(target))
        values.append(100.0 if value is None else value)
    return FoundAgain(
        name=name,
        space=settings.space,
        steps=settings.steps,
        targets=targets,
        psnr=median(values),
        worst=min(values),
        seconds=median(times),
        start_share=median(starts),
    )


def _own(generator: Generator, seed: int) -> Tensor:
    """A picture of the network as it comes out of a file, in 256 levels."""
    z = np.random.RandomState(seed).randn(1, generator.z_dim).astype(np.float32)
    device = next(generator.parameters()).device
    with torch.no_grad():
        w = generator.map(torch.from_numpy(z).to(device), _first_class(generator))
        img = generator.render(w[:, None].expand(-1, generator.num_ws, -1))
    return (layer_pictures.levels(img).float() - 127.5) / 127.5


def _first_class(generator: Generator) -> Tensor | None:
    if not generator.c_dim:
        return None
    c = torch.zeros(1, generator.c_dim, device=next(generator.parameters()).device)
    c[0, 0] = 1
    return c


def _pixels(img: Tensor) -> layer_pictures.Pixels:
    return layer_pictures.rgba(layer_pictures.picture(img))


def _timed(projection: Projection) -> float:
    begun = time.perf_counter()
    projection.step()
    return time.perf_counter() - begun
