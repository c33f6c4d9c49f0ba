"""How many pictures a step takes, and how many of them a GPU takes at a time."""

from __future__ import annotations

import math
from itertools import pairwise

from common.errors import UserError
from training.run.config import Config, Growing
from training.run.growth import Growth, Level, ends, grown_at


def batch_gpu(config: Config, batch: int, gpus: int, asked: int | None) -> int:
    """Pictures at a time on one GPU: as many as the configuration has, or as it is asked for.

    batch: of all GPUs together. Raises UserError where they do not divide into groups.
    """
    share = batch // gpus
    group = min(config.stddev_group or 1, share)
    if asked is not None:
        if asked < 1 or share % asked or asked % group:
            raise UserError(
                f"--batch-gpu: {asked} does not divide the {share} pictures of each GPU "
                f"into groups of {group}.",
                f"Use one of {', '.join(str(n) for n in _sizes(share, group))}.",
            )
        return asked
    return _largest(share, group, config.batch_gpu or share)


def growth_of(
    config: Config,
    *,
    first: int,
    resolution: int,
    gpus: int,
    batch: int | None = None,
    batch_gpu: int | None = None,
    stable_kimg: float | None = None,
    fade_kimg: float | None = None,
) -> Growth | None:
    """How the networks of a configuration grow; None where they do not.

    first: pixels a side at the beginning; resolution: those of the data.
    batch, batch_gpu, stable_kimg, fade_kimg: instead of the configuration's own; None: not asked
        for. One batch is for every resolution, and as many of it at a time as divide it.
    """
    growing = config.growing
    if growing is None:
        return None
    levels = []
    size = min(first, resolution)
    while size <= resolution:
        every = batch or _published_batch(config, growing, size, gpus)
        share = every // gpus
        # As many at a time as where it is published with as many pictures on each of 8 GPUs.
        limit = batch_gpu or max((config.batch_gpu or share) * every // config.batch, 1)
        levels.append(
            Level(
                size,
                every,
                _largest(share, min(config.stddev_group or 1, share), limit),
                _published_rate(config, growing, size),
            )
        )
        size *= 2
    return Growth(
        tuple(levels),
        growing.stable_kimg if stable_kimg is None else stable_kimg,
        growing.fade_kimg if fade_kimg is None else fade_kimg,
    )


def check_length(growth: Growth, kimg: float) -> None:
    """Check that networks grow to the end within `kimg`. Raises UserError."""
    needed = grown_at(growth) / 1000
    if needed < kimg or len(growth.levels) == 1:
        return
    full = growth.levels[-1].resolution
    raise UserError(
        f"--kimg: {kimg:g} ends before the networks have grown to {full}x{full}: that takes "
        f"{needed:g} kimg, {growth.stable_kimg:g} for each resolution and {growth.fade_kimg:g} to "
        "fade in the next.",
        f"Use more than {needed:g}, or shorter phases with --stable-kimg and --fade-kimg.",
    )


def snapshots_lost(growth: Growth, kimg: float) -> str | None:
    """What to tell where phases of a run of `kimg` end within the same whole kimg, by which
    their snapshots are named; None where every one gets a name of its own."""
    kept, size = ends(growth), growth.levels[-1].batch_size
    steps = math.ceil((round(kimg * 1000) - grown_at(growth)) / size)
    kept = (*kept, grown_at(growth) + steps * size)
    lost = [a / 1000 for a, b in pairwise(kept) if a // 1000 == b // 1000]
    if not lost:
        return None
    return (
        f"Snapshots are named by whole kimg, and those at the ends of phases at "
        f"{', '.join(f'{at:g}' for at in lost)} kimg are replaced: another phase, or the training, "
        "ends in the same one. To keep all, use --stable-kimg and --fade-kimg of 1 or more, and "
        "a --kimg at least 1 above where the networks have grown to the end."
    )


def _published_batch(config: Config, growing: Growing, resolution: int, gpus: int) -> int:
    """What is published for a resolution, made to divide among the GPUs and into groups."""
    batch = growing.batches.get(resolution, config.batch)
    step = gpus * min(config.stddev_group or 1, max(batch // gpus, 1))
    return max(round(batch / step), 1) * step


def _published_rate(config: Config, growing: Growing, resolution: int) -> float:
    return growing.rates.get(resolution, config.learning_rate)


def _largest(share: int, group: int, limit: int) -> int:
    """The most pictures at a time, up to `limit`, that divide a share into groups."""
    return max(n for n in _sizes(share, group) if n <= max(limit, group))


def _sizes(share: int, group: int) -> list[int]:
    return [n for n in range(group, share + 1) if share % n == 0 and n % group == 0]
