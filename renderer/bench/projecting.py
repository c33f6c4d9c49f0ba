"""What `bench --projection` measures: steps against plain ones, and own pictures found again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
import torch
from torch import Tensor

from common.projection import ProjectionSettings
from networks.base import Generator
from networks.features.distance import Distance
from networks.projection.projection import Projection
from networks.projection.search import ROAMING
from networks.projection.start import BATCH
from ops import reference_path
from renderer.bench.published import Published
from renderer.bench.report import FoundAgain, ProjectionSpeed
from renderer.pictures.projected import psnr
from renderer.pipeline import layer_pictures

_FIRST_SEED: Final = 5000
"""Of the pictures to find: none that `best` compares."""
_LONGER: Final = 10 / 3
"""The published recipe is for 1,000 steps, ours for 300."""
_SIDE_BY_SIDE: Final = 10
_PAIRS: Final = 24
"""Steps of each kind whose times are compared."""


def speed(
    generator: Generator,
    distance: Distance,
    name: str,
    seconds: float,
    most: int,
    step: Callable[[int, int], None],
) -> ProjectionSpeed:
    """Whole steps of ours and of the published recipe in plain operators, in turn.

    name: of the network, for the report.
    seconds: how long it may take, roughly; two pairs are made however long they take.
    most: how many pairs are made at most.
    step: called with the number of pairs that are done and of all.
    """
    target, c = _own(generator, _FIRST_SEED), _first_class(generator)
    # Ours moves noise maps in all of these; its later steps, which do not, cost less.
    settings = ProjectionSettings(steps=4 * (most + 1), start="average")
    ours = Projection(generator, distance, target, settings, c)
    published = Published(generator, distance, target, c, most + 1)
    laps: list[tuple[float, float]] = []
    total, begun = 2, time.perf_counter()
    for pair in range(most + 1):
        quick = _timed(ours.step)
        with reference_path():
            slow = _timed(published.step)
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
    )


def quality(
    generator: Generator, distance: Distance, targets: int, steps: int
) -> Iterator[FoundAgain]:
    """How well the network's own pictures are found again, by the published recipe and by ours.

    targets: how many pictures, of seeds that nobody compares.
    steps: of both; the published one also takes 3⅓ times as many, and ours half.
    """
    seeds = range(_FIRST_SEED, _FIRST_SEED + targets)
    yield _published(generator, distance, seeds, steps)
    yield _published(generator, distance, seeds, steps, own_noise=True)
    yield _published(generator, distance, seeds, round(steps * _LONGER))
    share = _share(generator, distance)
    yield _ours(generator, distance, seeds, max(1, steps // 2), share)
    yield _ours(generator, distance, seeds, steps, share)


def _published(
    generator: Generator, distance: Distance, seeds: range, steps: int, own_noise: bool = False
) -> FoundAgain:
    values: list[float] = []
    distances: list[float] = []
    for first in range(0, len(seeds), _SIDE_BY_SIDE):
        batch = seeds[first : first + _SIDE_BY_SIDE]
        wanted = torch.cat([_own(generator, seed) for seed in batch])
        search = Published(generator, distance, wanted, _first_class(generator), steps, own_noise)
        for _ in range(steps):
            search.step()
        values += map(_near, torch.split(search.pictures(), 1), torch.split(wanted, 1))
        distances += search.distances()
    name = "published, the network's own noise" if own_noise else "published"
    return _row(name, "w", steps, values, distances, steps)


def _ours(
    generator: Generator, distance: Distance, seeds: range, steps: int, share: _Share
) -> FoundAgain:
    values, distances = [], []
    for seed in seeds:
        target, settings = _own(generator, seed), ProjectionSettings(steps=steps)
        search = Projection(generator, distance, target, settings, _first_class(generator))
        for _ in search.run():
            pass
        values.append(_near(search.result(), target))
        distances.append(search.found.distance)
    roaming = round(ROAMING * steps)
    worth = share.start + roaming * share.roaming + (steps - roaming) * share.settling
    return _row("ours", settings.space, steps, values, distances, worth)


def _row(
    name: str,
    space: str,
    steps: int,
    values: list[float],
    distances: list[float],
    worth: float,
) -> FoundAgain:
    lower, middle, upper = np.percentile(values, [25, 50, 75]).tolist()
    return FoundAgain(
        name=name,
        space=space,
        steps=steps,
        targets=len(values),
        psnr=middle,
        quartiles=(lower, upper),
        worst=min(values),
        distance=median(distances),
        worth=worth,
    )


@dataclass(frozen=True)
class _Share:
    """What parts of ours take, in steps of the published recipe by the same operators.

    start: comparing seeds. roaming, settling: a step with Adam, and one with L-BFGS.
    """

    start: float
    roaming: float
    settling: float


def _share(generator: Generator, distance: Distance) -> _Share:
    target, c = _own(generator, _FIRST_SEED), _first_class(generator)
    published = Published(generator, distance, target, c, 2 * _PAIRS)
    few = max(2, round(ROAMING * _PAIRS))
    roaming = Projection(
        generator, distance, target, ProjectionSettings(steps=8 * _PAIRS, start="average"), c
    )
    settling = Projection(
        generator, distance, target, ProjectionSettings(steps=_PAIRS, start="average"), c
    )
    for _ in range(few):
        settling.step()
    starting = Projection(generator, distance, target, ProjectionSettings(), c)
    laps = [
        (
            _timed(published.step),
            _timed(roaming.step),
            _timed(settling.step),
            _timed(starting.step),
        )
        for _ in range(_PAIRS - few)
    ][1:]
    parts = [median(lap[i] / lap[0] for lap in laps) for i in (1, 2, 3)]
    return _Share(parts[2] * ProjectionSettings().seeds / BATCH, parts[0], parts[1])


def _own(generator: Generator, seed: int) -> Tensor:
    """A picture of the network as it comes out of a file, in 256 levels."""
    z = np.random.RandomState(seed).randn(1, generator.z_dim).astype(np.float32)
    device = next(generator.parameters()).device
    with torch.no_grad():
        w = generator.map(torch.from_numpy(z).to(device), _first_class(generator))
        img = generator.render(w[:, None].expand(-1, generator.num_ws, -1))
    return layer_pictures.values(layer_pictures.levels(img))


def _first_class(generator: Generator) -> Tensor | None:
    if not generator.c_dim:
        return None
    c = torch.zeros(1, generator.c_dim, device=next(generator.parameters()).device)
    c[0, 0] = 1
    return c


def _pixels(img: Tensor) -> layer_pictures.Pixels:
    return layer_pictures.rgba(layer_pictures.picture(img))


def _near(found: Tensor, target: Tensor) -> float:
    value = psnr(_pixels(found), _pixels(target))
    return 100.0 if value is None else value


def _timed(step: Callable[[], object]) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun
