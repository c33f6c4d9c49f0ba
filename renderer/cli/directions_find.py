"""`directions find`: looking for directions in w, and for style channels."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Final, Literal

import click
import numpy as np
from msgspec import structs
from tqdm import tqdm

from common.arrays import npz_bytes
from common.errors import UserError
from common.files import write_atomically
from common.progress import never
from common.units import counted
from renderer.cli.common import open_network
from renderer.cli.options import arguments
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.cli.options.saved_latents import count_latents
from renderer.messages.directions import (
    COUNT,
    BoundaryOf,
    DifferenceOf,
    DirectionSet,
    Find,
    How,
    LayerAxes,
    Principal,
    Region,
    StyleAxes,
    StylesOfRegion,
    encode_set,
    worth,
)
from renderer.messages.engine import Engine
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import ClassLabel, RenderRequest, SavedW, Seed, Truncation
from renderer.pictures.metadata import read_request

Method = Literal["pca", "activations", "sefa", "boundary", "difference", "style"]
_LARGEST: Final = 4096
"""How many directions and samples more than anyone needs are a slip."""


@click.command("find")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@click.option(
    "--method",
    type=click.Choice(["pca", "activations", "sefa", "boundary", "difference", "style"]),
    default="pca",
    show_default=True,
    help="The axes of w, or of the output of --layer led back to w (GANSpace), what layers listen "
    "to (SeFa), across the boundary between --a and --b (InterFaceGAN), from a latent --a to a "
    "latent --b (it is told at which amount B lies), or the style channels that change --region of "
    "the picture --a (StyleSpace).",
)
@click.option(
    "--samples",
    type=click.IntRange(2, 10**8),
    help="For pca and activations.  [default: 100000, or 10000 pictures]",
)
@click.option(
    "--count", type=click.IntRange(1, _LARGEST), default=COUNT, show_default=True, help="At most."
)
@click.option("--rows", metavar="FIRST-LAST", help="Rows of w, for sefa.  [default: all]")
@click.option("--layer", metavar="NAME", help="For activations; `inspect` lists the layers.")
@click.option("--region", metavar="X,Y,W,H", help="For style: in pixels of the picture, y down.")
@click.option(
    "--a", "a", multiple=True, metavar="SEEDS | FILE", help="Seeds, a PNG of ours, or saved w."
)
@click.option("--b", "b", multiple=True, metavar="SEEDS | FILE", help="The other group, or latent.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--class", "label_text", metavar="N", help="Of all samples, and of the seeds.")
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
    samples: int | None,
    count: int,
    rows: str | None,
    layer: str | None,
    region: str | None,
    a: tuple[str, ...],
    b: tuple[str, ...],
    seed: int,
    label_text: str | None,
    output: str,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Write a set of directions, each as long as w spreads along it, or of style channels."""
    target = Path(output).expanduser()
    if target.suffix.lower() not in (".json", ".npz", ".npy"):
        raise UserError(f"--output: {target.name} does not end in .json, .npz or .npy.")
    for value, name, only in (
        (samples, "--samples", ("pca", "activations")),
        (rows, "--rows", ("sefa",)),
        (layer, "--layer", ("activations",)),
        (region, "--region", ("style",)),
    ):
        if value is not None and method not in only:
            raise UserError(f"{name} is for {' and '.join(only)}.", "Give --method too.")
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    label = None if label_text is None else arguments.label(label_text, model)
    if method == "style":
        how = _styles(region, a, b, label, model, target)
    else:
        how = _how(method, samples, rows, layer, a, b, label, model)
    keep_existing([target], force)
    number = None if label is None else label.first
    found = _search(pipeline, Find(model.path, how, count, seed, number))
    write_atomically(target, _encoded(found, target.suffix.lower()))
    click.echo(f"{found.title}{worth(found)}: {target}")
    if found.accuracy is not None and found.accuracy <= 0.5:
        click.echo(
            "That is no better than chance, so the direction tells nothing of what you meant by A "
            "and B. Give more pictures, or other ones.",
            err=True,
        )


def _how(
    method: Method,
    samples: int | None,
    rows: str | None,
    layer: str | None,
    a: tuple[str, ...],
    b: tuple[str, ...],
    label: ClassLabel | None,
    model: ModelInfo,
) -> How:
    """What is asked for. Raises UserError for what does not go together."""
    if method in ("boundary", "difference"):
        every = method == "boundary"
        groups = [
            _latents(texts, name, label, model, every) for texts, name in ((a, "--a"), (b, "--b"))
        ]
        if method == "boundary":
            if both := len({*groups[0]} & {*groups[1]}):
                click.echo(f"{counted(both, 'picture')} in A and in B at once.", err=True)
            return BoundaryOf(*groups)
        if any(len(group) != 1 for group in groups):
            raise UserError("A difference is between two latents.", "Give one --a and one --b.")
        return DifferenceOf(groups[0][0], groups[1][0])
    if a or b:
        raise UserError("--a and --b are for boundary and difference.", "Give --method too.")
    if method == "pca":
        return Principal() if samples is None else Principal(samples)
    if method == "activations":
        if layer is None:
            names = ", ".join(each.name for each in model.layers)
            raise UserError("No --layer is named.", f"{model.name} has {names}.")
        return LayerAxes(layer) if samples is None else LayerAxes(layer, samples)
    if rows is None:
        return StyleAxes()
    numbers = arguments.numbers(rows, "--rows", model.num_ws - 1, "Rows of w")
    return StyleAxes(min(numbers), max(numbers))


def _styles(
    region: str | None,
    a: tuple[str, ...],
    b: tuple[str, ...],
    label: ClassLabel | None,
    model: ModelInfo,
    target: Path,
) -> How:
    """What is asked for with --region. Raises UserError for what does not go together."""
    if target.suffix.lower() != ".json":
        raise UserError(
            f"--output: {target.name}: style channels are no directions of w.",
            "Name it NAME.directions.json.",
        )
    height, width = model.img_shape
    match = re.fullmatch(r"(-?\d+),(-?\d+),(\d+),(\d+)", (region or "").replace(" ", ""), re.ASCII)
    if match is None:
        wrong = "No --region is given." if region is None else f"--region: {region!r} is no region."
        raise UserError(wrong, f"Write X,Y,WIDTH,HEIGHT in pixels; a picture is {width}×{height}.")
    x, y, wide, high = (int(part) for part in match.groups())
    if min(x, y) < 0 or min(wide, high) < 1 or x + wide > width or y + high > height:
        raise UserError(
            f"--region: {region} does not lie in the picture, which is {width}×{height}.",
            "Write X,Y,WIDTH,HEIGHT in pixels, from the upper left corner.",
        )
    requests = _latents(a or ("0",), "--a", label, model)
    if len(requests) != 1 or b:
        raise UserError("A region lies in one picture.", "Give one --a: a seed or a file.")
    return StylesOfRegion(requests[0], Region(x, y, wide, high))


def _latents(
    texts: tuple[str, ...],
    option: str,
    label: ClassLabel | None,
    model: ModelInfo,
    every: bool = False,
) -> tuple[RenderRequest, ...]:
    """The latents that --a or --b names. Raises UserError where there are none, and for seeds of a
    conditional network without a class.

    every: of a file with several all count; otherwise the first, and that is said.
    """
    found: list[RenderRequest] = []
    for text in texts:
        if re.fullmatch(r"[\d\s,-]+", text, re.ASCII):
            seeds = arguments.numbers(text, option)
            of = label or arguments.label(None, model)
            found += [RenderRequest(model.path, Seed(seed), of) for seed in seeds]
            continue
        path = arguments.existing(text, option)
        if path.lower().endswith((".npz", ".npy", ".pt")):
            count = count_latents(path, model, every=every)
            found += [
                RenderRequest(model.path, SavedW(path, index), truncation=Truncation())
                for index in range(count if every else 1)
            ]
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


_LOOKING = "{desc}: {percentage:3.0f}%"
