"""What the commands that make pictures do alike: open a network, and write with progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click
from tqdm import tqdm

from common.progress import never
from common.runs.locate import find
from renderer.messages.engine import Engine
from renderer.messages.model import ModelInfo
from renderer.pictures.export import Job, export
from renderer.transport.shared_memory import Pixels


def open_network(pipeline: Engine, network: str) -> ModelInfo:
    """Find and open what the user named, with progress. Raises UserError."""
    path = find(network, partial(click.echo, err=True))
    with tqdm(total=100, desc=path.name, bar_format=_LOADING, leave=False, disable=None) as bar:

        def progress(fraction: float, text: str) -> None:
            bar.set_postfix_str(text, refresh=False)
            bar.update(max(0.0, 100 * fraction - bar.n))

        return pipeline.load(str(path), progress, never)


def write_pictures(
    pipeline: Engine,
    jobs: Iterable[Job],
    total: int,
    done: Callable[[Path, Pixels], None] | None = None,
    *,
    size: int = 0,
    smooth: bool = False,
) -> None:
    """Draw and write pictures, with a progress bar and the time left on stderr.

    total: how many they are.
    done: called with each picture and the file that it is written to.
    size, smooth: see `renderer.pictures.export.export`.
    """
    with tqdm(total=total, unit=" pictures", file=sys.stderr, disable=None) as bar:
        for path, pixels in export(pipeline, jobs, size=size, smooth=smooth):
            bar.set_postfix_str(path.name, refresh=False)
            bar.update()
            if done is not None:
                done(path, pixels)


_LOADING = "{desc}: {percentage:3.0f}% {postfix}"
