"""Files of saved w that options name: how many latents they hold, and which are used."""

from __future__ import annotations

from pathlib import Path

import click

from renderer.messages.model import ModelInfo
from renderer.pipeline.latents.saved_w import read_w


def count_latents(path: str, model: ModelInfo, *, every: bool) -> int:
    """How many latents a file holds. Raises UserError where it cannot be read.

    every: whether all of them are used. Where only the first is and there are more, that is said
    on stderr; and where the rows of one w may be meant by several latents.
    """
    w = read_w(path)
    count = 1 if w.ndim == 1 else len(w)
    name = Path(path).name
    if w.ndim == 2 and count == model.num_ws > 1:
        click.echo(
            f"{name}: each of its {count} rows is taken as a w. Where they are one w of "
            f"{model.name}, save it as [1, {count}, {w.shape[1]}].",
            err=True,
        )
    if count > 1 and not every:
        click.echo(f"{name} holds {count:,} latents: the first is used.", err=True)
    return count
