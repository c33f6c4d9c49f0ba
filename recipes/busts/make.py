"""Many pictures as a data set: a zip with the factors of each picture in it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from common.errors import UserError
from recipes.busts.drawing import draw
from recipes.busts.factors import Factors
from training.prepare.convert import Settings, encode
from training.prepare.pool import ordered
from training.prepare.write import FACTORS_FILE, Writer, check_destination

Render = Callable[[Factors, int], np.ndarray]


class Record(msgspec.Struct, frozen=True):
    """A line of factors.jsonl: what one picture was made of.

    file: the picture, as the zip names it.
    seed, index: what `draw` was called with.
    factors: what it gave.
    """

    file: str
    seed: int
    index: int
    factors: Factors


@dataclass(frozen=True, slots=True)
class _Task:
    make_renderer: Callable[[], Render]
    seed: int
    index: int
    size: int


def make(
    dest: Path,
    *,
    count: int,
    size: int,
    seed: int = 0,
    workers: int = 1,
    force: bool = False,
    progress: Callable[[], None] = lambda: None,
    make_renderer: Callable[[], Render] | None = None,
) -> None:
    """Write pictures 0 … count−1 of `seed` to the zip `dest`, all of them or nothing.

    size: pixels a side, a power of two.
    workers: processes that render; 1 for this one alone.
    force: replace a data set that is there.
    progress: called for each picture.
    make_renderer: called once in every process, so it must be picklable where there are several;
        None for the renderer of this package.
    Raises UserError where a package is missing, and where `dest` is no zip, is taken or cannot be
    written.
    """
    if size < 4 or size & (size - 1):
        raise UserError(
            f"Pictures of {size}×{size} pixels cannot be trained on.",
            f"Use a power of two: --size {1 << max(2, size.bit_length() - 1)}.",
        )
    if dest.suffix.lower() != ".zip":
        raise UserError(f"{dest} does not end in .zip.", "Name a zip as --dest.")
    check_destination(dest, force)
    make_renderer = make_renderer or renderer
    make_renderer()  # says what is missing, and builds what the processes would each build at once
    tasks = (_Task(make_renderer, seed, index, size) for index in range(count))
    with Writer(dest, ".png", force=force) as writer:
        lines = []
        pictures = ordered(_render, tasks, workers)
        try:
            for index, png in enumerate(pictures):
                record = Record(writer.add(png), seed, index, draw(seed, index))
                lines.append(msgspec.json.encode(record) + b"\n")
                progress()
        finally:
            pictures.close()
        writer.attach(FACTORS_FILE, b"".join(lines))
        writer.finish(msgspec.json.encode({"labels": None}))


def read_factors(data: bytes) -> list[Record]:
    """The lines of factors.jsonl. Raises msgspec.ValidationError for what is something else."""
    return [msgspec.json.decode(line, type=Record) for line in data.splitlines()]


@functools.cache
def renderer() -> Render:
    """The renderer of this process, with one thread: the order of sums is the same everywhere."""
    from recipes.busts.render import Renderer

    made = Renderer()
    import torch

    torch.set_num_threads(1)
    return made


def _render(task: _Task) -> bytes:
    pixels = task.make_renderer()(draw(task.seed, task.index), task.size)
    return encode(Image.fromarray(pixels), Settings())
