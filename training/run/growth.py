"""When a growing network has which resolution (Karras et al. 2018, "PG", Section 2 and Appendix
A.1; Karras et al. 2019, "StyleGAN", Appendix C). No torch here.

    4x4 alone | 8x8 fades in | 8x8 alone | 16x16 fades in | … | the full resolution until the end

A phase ends with a whole batch, so that it ends exactly where a snapshot can be written, and where
a run is follows from the number of pictures shown alone: a run that goes on needs nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec


class Level(msgspec.Struct, frozen=True):
    """How networks are trained while a resolution is the highest, which it is from when it begins
    to fade in.

    resolution: pixels a side.
    batch_size: images in a step, of all GPUs together.
    batch_gpu: images that one GPU takes at a time.
    lr: the learning rate.
    """

    resolution: int
    batch_size: int
    batch_gpu: int
    lr: float


class Growth(msgspec.Struct, frozen=True):
    """How networks grow in a run.

    levels: from the first resolution to the full one, each twice the one before.
    stable_kimg: how long each but the last is trained alone.
    fade_kimg: how long each but the first takes to fade in.
    """

    levels: tuple[Level, ...]
    stable_kimg: float
    fade_kimg: float


@dataclass(frozen=True)
class Phase:
    """A part of the training in which one resolution is trained alone, or fades in.

    start, end: the first image of it, and the first one after it; the last phase never ends.
    level: the index of its level.
    fades: whether it fades in.
    """

    start: int
    end: float
    level: int
    fades: bool


@dataclass(frozen=True)
class Moment:
    """How far networks have grown.

    lod: levels that are not in use yet; between whole numbers one fades in
        (`networks.families.pggan.growth`).
    level: how they are trained.
    phase: the index of the phase.
    """

    lod: float
    level: Level
    phase: int


def phases(growth: Growth) -> tuple[Phase, ...]:
    """The phases of a run, in their order."""
    found: list[Phase] = []
    at = 0
    last = len(growth.levels) - 1
    for index, level in enumerate(growth.levels):
        if index:
            found.append(Phase(at, at + _images(growth.fade_kimg, level), index, fades=True))
            at = int(found[-1].end)
        end = math.inf if index == last else at + _images(growth.stable_kimg, level)
        found.append(Phase(at, end, index, fades=False))
        at = 0 if index == last else int(end)
    return tuple(found)


def moment(growth: Growth, nimg: int) -> Moment:
    """How far networks have grown when `nimg` images have been shown."""
    every = phases(growth)
    index = next(i for i, phase in enumerate(every) if nimg < phase.end)
    phase = every[index]
    lod = float(len(growth.levels) - 1 - phase.level)
    if phase.fades:
        lod += 1 - (nimg - phase.start) / (phase.end - phase.start)
    return Moment(lod, growth.levels[phase.level], index)


def grown_at(growth: Growth) -> int:
    """How many images have been shown when the networks have grown to the end."""
    return phases(growth)[-1].start


def ends(growth: Growth) -> tuple[int, ...]:
    """How many images have been shown at the end of every phase but the last."""
    return tuple(int(phase.end) for phase in phases(growth)[:-1])


def ended_in_same_kimg(growth: Growth, nimg: int) -> bool:
    """Whether a phase has ended before `nimg`, within the same whole kimg: its snapshot has the
    name that one at `nimg` would get."""
    return any(end < nimg and end // 1000 == nimg // 1000 for end in ends(growth))


def _images(kimg: float, level: Level) -> int:
    """The images of a phase: the whole batches in which `kimg` fit, at least one."""
    return max(math.ceil(round(kimg * 1000) / level.batch_size), 1) * level.batch_size
