"""`directions`: finding directions in w, listing them, and looking at them."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Final, Literal

import click
import numpy as np
from msgspec import structs
from tqdm import tqdm

from common.arrays import npz_bytes
from common.errors import UserError
from common.files import write_atomically
from common.progress import never, silent
from common.units import counted
from renderer.cli import arguments
from renderer.cli.common import engine_options, make_pipeline, open_network, tell_without_effect
from renderer.cli.direction_option import numbered, read_set
from renderer.cli.replacing import force_option, keep_existing
from renderer.messages.directions import (
    COUNT,
    BoundaryOf,
    DifferenceOf,
    DirectionSet,
    Find,
    How,
    Principal,
    StyleAxes,
    direction_of,
    encode_set,
)
from renderer.messages.engine import Engine
from renderer.messages.jobs import Export, Sheet
from renderer.messages.model import ModelInfo
from renderer.messages.request import ClassLabel, RenderRequest, SavedW, Seed, Truncation
from renderer.pictures import sequence
from renderer.pictures.metadata import read_request

Method = Literal["pca", "sefa", "boundary", "difference"]
_LARGEST: Final = 4096
"""How many directions and samples more than anyone needs are a slip."""


@click.group("directions")
def command() -> None:
    """Find directions in w along which pictures change in one way, and look at them.

    \b
      directions find --network RUN --output pca.directions.json
      directions sheet pca.directions.json --network RUN --output sheet.png
      generate --network RUN --seeds 5 --direction pca.directions.json:0=2 --outdir out
    """


@command.command("find")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@click.option(
    "--method",
    type=click.Choice(["pca", "sefa", "boundary", "difference"]),
    default="pca",
    show_default=True,
    help="The axes of w (GANSpace), what layers listen to (SeFa), across the boundary between "
    "--a and --b (InterFaceGAN), or from a latent --a to a latent --b.",
)
@click.option("--samples", type=click.IntRange(2, 10**8), default=100_000, show_default=True)
@click.option(
    "--count", type=click.IntRange(1, _LARGEST), default=COUNT, show_default=True, help="At most."
)
@click.option("--rows", metavar="FIRST-LAST", help="Rows of w, for sefa.  [default: all]")
@click.option(
    "--a", "a", multiple=True, metavar="SEEDS | FILE", help="Seeds, a PNG of ours, or a saved w."
)
@click.option("--b", "b", multiple=True, metavar="SEEDS | FILE", help="The other group, or latent.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--class", "label_text", metavar="N", help="Only samples of this class.")
@click.option(
    "--output",
    required=True,
    metavar="FILE",
    help="NAME.directions.json, or .npz or .npy for other programs: [n, rows, w_dim].",
)
@force_option
@engine_options
def find(
    network: str,
    method: Method,
    samples: int,
    count: int,
    rows: str | None,
    a: tuple[str, ...],
    b: tuple[str, ...],
    seed: int,
    label_text: str | None,
    output: str,
    force: bool,
    device: str,
    precision: str,
    threads: int,
) -> None:
    """Write a set of directions, each as long as w spreads along it."""
    target = Path(output).expanduser()
    if target.suffix.lower() not in (".json", ".npz", ".npy"):
        raise UserError(f"--output: {target.name} does not end in .json, .npz or .npy.")
    keep_existing([target], force)
    pipeline = make_pipeline(device, precision, threads)
    model = open_network(pipeline, network)
    label = None if label_text is None else arguments.label(label_text, model)
    how = _how(method, samples, rows, a, b, label, model)
    number = None if label is None else label.first
    found = _search(pipeline, Find(model.path, how, count, seed, number))
    write_atomically(target, _encoded(found, target.suffix.lower()))
    accuracy = "" if found.accuracy is None else f", right for {found.accuracy:.0%} of unseen ones"
    click.echo(f"{found.title}{accuracy}: {target}")


@command.command("list")
@click.argument("file")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@engine_options
def list_(file: str, network: str, device: str, precision: str, threads: int) -> None:
    """Tell what is in a set, a .npy, .npz or .pt, and how far w spreads along each."""
    path = arguments.existing(file, "FILE")
    pipeline = make_pipeline(device, precision, threads)
    found = read_set(path, pipeline, open_network(pipeline, network))
    click.echo(f"{found.title}{f', found in {found.network}' if found.network else ''}")
    for index, component in enumerate(found.components):
        vectors = np.frombuffer(component.vector, "<f4").reshape(-1, found.w_dim)
        sigma = np.linalg.norm(vectors, axis=1)
        share = "" if component.strength is None else f"  {component.strength:6.1%}"
        last = found.num_ws - 1 if component.last is None else component.last
        star = "*" if component.star else " "
        click.echo(
            f"{index:4} {star} {component.name:24} σ {sigma.max():8.3f}{share}"
            f"  rows {component.first}-{last}"
        )


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
    default="-3,-2,-1,0,1,2,3",
    show_default=True,
    help="One for each column, in standard deviations.",
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
    amounts: str,
    label_text: str | None,
    size: int,
    output: str,
    force: bool,
    device: str,
    precision: str,
    threads: int,
) -> None:
    """Write a PNG with a row of pictures for each direction, at one latent."""
    path = arguments.existing(file, "FILE")
    target = Path(output).expanduser()
    if target.suffix.lower() != ".png":
        raise UserError(f"--output: {target.name} does not end in .png.", "Name the file so.")
    keep_existing([target], force)
    steps = _amounts(amounts)
    pipeline = make_pipeline(device, precision, threads)
    model = open_network(pipeline, network)
    found = read_set(path, pipeline, model)
    chosen = list(found.components)
    if only is not None:
        chosen = [numbered(found, each.strip(), "--only") for each in only.split(",")]
    tell_without_effect(model, trunc)
    base = RenderRequest(
        model.path,
        Seed(seed),
        arguments.label(label_text, model),
        arguments.truncation(trunc, None, model),
    )
    requests = tuple(
        structs.replace(base, directions=(direction_of(component, amount),))
        for component in chosen
        for amount in steps
    )
    labels = tuple(
        component.name if column == 0 else _sigma(amount) if row == 0 else ""
        for row, component in enumerate(chosen)
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
    click.echo(f"{counted(len(chosen), 'direction')}: {target}")


def _how(
    method: Method,
    samples: int,
    rows: str | None,
    a: tuple[str, ...],
    b: tuple[str, ...],
    label: ClassLabel | None,
    model: ModelInfo,
) -> How:
    """What is asked for. Raises UserError for what does not go together."""
    if method in ("boundary", "difference"):
        groups = [_latents(texts, name, label, model) for texts, name in ((a, "--a"), (b, "--b"))]
        if method == "boundary":
            return BoundaryOf(*groups)
        if any(len(group) != 1 for group in groups):
            raise UserError("A difference is between two latents.", "Give one --a and one --b.")
        return DifferenceOf(groups[0][0], groups[1][0])
    if a or b:
        raise UserError("--a and --b are for boundary and difference.", "Give --method too.")
    if method == "pca":
        return Principal(samples)
    if rows is None:
        return StyleAxes()
    numbers = arguments.numbers(rows, "--rows", model.num_ws - 1, "Rows of w")
    return StyleAxes(min(numbers), max(numbers))


def _latents(
    texts: tuple[str, ...], option: str, label: ClassLabel | None, model: ModelInfo
) -> tuple[RenderRequest, ...]:
    """The latents that --a or --b names. Raises UserError where there are none."""
    found: list[RenderRequest] = []
    for text in texts:
        if re.fullmatch(r"[\d\s,-]+", text, re.ASCII):
            seeds = arguments.numbers(text, option)
            found += [RenderRequest(model.path, Seed(seed), label) for seed in seeds]
            continue
        path = arguments.existing(text, option)
        if path.lower().endswith((".npz", ".npy", ".pt")):
            found.append(RenderRequest(model.path, SavedW(path), truncation=Truncation()))
        else:
            found.append(structs.replace(read_request(path), snapshot=model.path))
    if not found:
        raise UserError(f"{option} names no latent.", "Give seeds such as 1,5,9-12, or files.")
    return tuple(found)


def _search(pipeline: Engine, wanted: Find) -> DirectionSet:
    finding = pipeline.find_directions(wanted, never)
    with tqdm(total=100, desc="looking", bar_format=_LOOKING, leave=False, disable=None) as bar:
        while (found := finding.found) is None:
            finding.step()
            bar.update(max(0.0, 100 * finding.fraction - bar.n))
    return found


def _encoded(found: DirectionSet, suffix: str) -> bytes:
    """A set as the contents of a file of this suffix."""
    if suffix == ".json":
        return encode_set(found)
    arrays = [
        np.frombuffer(component.vector, "<f4").reshape(-1, found.w_dim)
        for component in found.components
    ]
    if suffix != ".npy":
        return npz_bytes({"directions": np.stack(arrays)})
    buffer = io.BytesIO()
    np.save(buffer, np.stack(arrays))
    return buffer.getvalue()


def _sigma(amount: float) -> str:
    return f"{amount:+g}σ".replace("-", "−") if amount else "0"


def _amounts(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--amounts: {text!r} are no numbers.", "Write -3,0,3.") from None
    if not 1 <= len(found) <= 64 or not np.isfinite(found).all():
        raise UserError(f"--amounts: {text!r} are no finite numbers, up to 64.", "Write -3,0,3.")
    return found


_LOOKING = "{desc}: {percentage:3.0f}%"
