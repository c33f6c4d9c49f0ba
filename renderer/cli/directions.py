"""`directions`: finding directions in w, listing them, and looking at them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
import numpy as np
from tqdm import tqdm

from common.errors import UserError
from common.progress import never, silent
from common.units import counted, span
from renderer.cli.common import open_network
from renderer.cli.directions_find import find
from renderer.cli.options import arguments
from renderer.cli.options.direction_files import DirectionFiles, numbered
from renderer.cli.options.directions import added
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.pictures import tell_without_effect
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.messages.directions import (
    SUFFIX,
    DirectionSet,
    check_amount,
    chosen,
    reach,
    worth,
)
from renderer.messages.jobs import Export, Sheet
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pictures import sequence

LISTED: Final = 100
"""How many directions are listed unless all are asked for."""
ROWS: Final = 500
"""How many rows a contact sheet has at most: there are programs that open no taller pictures."""


@click.group("directions")
def command() -> None:
    """Find directions in w along which pictures change in one way, and look at them.

    \b
      directions find --network RUN --output pca.directions.json
      directions list pca.directions.json
      directions sheet pca.directions.json --network RUN --output sheet.png
      generate --network RUN --seeds 5 --direction pca.directions.json:0=2 --outdir out
    """


command.add_command(find)


@command.command("list")
@click.argument("file")
@click.option(
    "--network",
    help="Snapshot file, run directory, or RUN/KIMG that it shall go with; needed for .npy, .npz "
    "and .pt.",
)
@click.option("--all", "every", is_flag=True, help=f"More than the first {LISTED}.")
@engine_options
def list_(file: str, network: str | None, every: bool, engine: EngineOptions) -> None:
    """Tell what is in a set, a .npy, .npz or .pt, and how far w spreads along each."""
    path = arguments.existing(file, "FILE")
    if network is None:
        found = _own(path)
        count = len(found.components)
        found = found if every else chosen(found, range(min(count, LISTED)))
    else:
        pipeline = make_pipeline(engine)
        files = DirectionFiles(pipeline, open_network(pipeline, network))
        count = len(files.names(path))
        found = files.only(path, range(count if every else min(count, LISTED)))
    where = f", found in {found.network}" if found.network else ""
    click.echo(f"{found.title}{where}{worth(found)}")
    for index, component in enumerate(found.components):
        if component.style is not None:
            sigma = component.style.sigma
            what = f"style {component.style.channel} of {component.style.layer}"
        else:
            vectors = np.frombuffer(component.vector, "<f4").reshape(-1, found.w_dim)
            sigma = float(np.linalg.norm(vectors, axis=1).max())
            last = found.num_ws - 1 if component.last is None else component.last
            what = span(component.first, last, "row")
        share = "" if component.strength is None else f"  {component.strength:6.1%}"
        star = "*" if component.star else " "
        click.echo(f"{index:4} {star} {component.name:24} σ {sigma:8.3f}{share}  {what}")
    if left := count - len(found.components):
        click.echo(f"and {left:,} more, which --all lists.")


@command.command("sheet")
@click.argument("file")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--trunc", type=float, default=1.0, show_default=True, help="Truncation psi.")
@click.option(
    "--only", metavar="INDEX | NAME,…", help="Which of them, in this order.  [default: all]"
)
@click.option(
    "--amounts",
    help="One for each column, in standard deviations.  "
    "[default: -3,-2,-1,0,1,2,3; of style channels three times as far]",
)
@click.option("--class", "label_text", metavar="N", help="Class of a conditional network.")
@click.option(
    "--size", type=click.IntRange(16, 1024), default=128, show_default=True, help="Of a picture."
)
@click.option("--output", required=True, metavar="FILE.png", help="The contact sheet.")
@force_option
@engine_options
def sheet(
    file: str,
    network: str,
    seed: int,
    trunc: float,
    only: str | None,
    amounts: str | None,
    label_text: str | None,
    size: int,
    output: str,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Write a PNG with a row of pictures for each direction, at one latent."""
    path = arguments.existing(file, "FILE")
    target = Path(output).expanduser()
    if target.suffix.lower() != ".png":
        raise UserError(f"--output: {target.name} does not end in .png.", "Name the file so.")
    keep_existing([target], force)
    steps = None if amounts is None else _amounts(amounts)
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    files = DirectionFiles(pipeline, model)
    names = files.names(path)
    places = list(range(len(names)))
    if only is not None:
        places = [numbered(names, each.strip(), "--only") for each in only.split(",")]
    if len(places) > ROWS:
        raise UserError(
            f"{path} holds {counted(len(names), 'direction')}: too many rows for a sheet.",
            f"Name up to {ROWS} of them with --only.",
        )
    components = files.only(path, places).components
    if steps is None:
        far = max(reach(component) for component in components)
        steps = [far * place / 3 for place in range(-3, 4)]
    tell_without_effect(model, trunc)
    base = RenderRequest(
        model.path,
        Seed(seed),
        arguments.label(label_text, model),
        arguments.truncation(trunc, None, model),
    )
    requests = tuple(
        added(component, amount).moved(base) for component in components for amount in steps
    )
    labels = tuple(
        ("" if column else component.name) + ("" if row else f"\n{_sigma(amount)}")
        for row, component in enumerate(components)
        for column, amount in enumerate(steps)
    )
    scale = size / model.resolution
    drawn = Sheet(requests, columns=len(steps), labels=labels, scale=scale, smooth=True)
    with tqdm(total=len(requests), unit=" pictures", file=sys.stderr, disable=None) as bar:

        def draw(request: RenderRequest) -> np.ndarray:
            bar.update()
            return pipeline.render(request).pixels

        target.unlink(missing_ok=True)  # which --force allows
        sequence.write(Export(str(target), (drawn,)), draw, silent, never)
    click.echo(f"{counted(len(components), 'direction')}: {target}")


def _own(path: str) -> DirectionSet:
    """The set in a file, which says itself how far w spreads. Raises UserError for others."""
    # Not at the top: it brings torch, which what only tells of wrong words need not wait for.
    from renderer.pipeline.latents.direction_files import read_own

    found = read_own(path)
    if found is None:
        raise UserError(
            f"{path} is no {SUFFIX}, so how far w spreads along its directions has to be measured.",
            "Give --network too.",
        )
    if not found.components:
        raise UserError(f"{path} holds no directions.", "Find some with `directions find`.")
    return found


def _sigma(amount: float) -> str:
    return f"{amount:+g}σ".replace("-", "−") if amount else "0"


def _amounts(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--amounts: {text!r} are no numbers.", "Write -3,0,3.") from None
    if len(found) > 64:
        raise UserError(f"--amounts: {text!r} are {len(found)} amounts.", "Give up to 64.")
    for amount in found:
        check_amount(amount, "--amounts")
    return found
