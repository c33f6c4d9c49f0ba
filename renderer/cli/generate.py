"""`generate`: pictures of seeds, of points of the plane, of saved w and of stored requests."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource
from msgspec import structs

from common.errors import UserError
from common.files import make_folder
from common.units import counted
from renderer.cli.common import open_network, write_pictures
from renderer.cli.options import arguments
from renderer.cli.options.directions import Along, Moves, direction_options
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.pictures import Look, picture_options, size_options
from renderer.cli.options.replacing import force_option, keep_foreign
from renderer.cli.options.saved_latents import count_latents
from renderer.messages.bending import Bend
from renderer.messages.bundled import at_hand
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Source,
    Transform,
    Truncation,
)
from renderer.pictures.export import Job
from renderer.pictures.metadata import decode_request, read_request
from renderer.pipeline.latents.saved_w import read_w

_OF_NEW_PICTURES: Final = (
    "step",
    "trunc",
    "trunc_cutoff",
    "label_text",
    "noise_mode",
    "noise_seed",
    "translate",
    "rotate",
    "zoom",
    "bend_texts",
    "directions",
    "style_channels",
)
"""Flags that say how seeds, points and saved w are drawn."""


@click.command("generate")
@click.option("--network", help="Snapshot file, run directory, or RUN/KIMG.")
@click.option("--seeds", help="Seeds such as 0-31,40: seed0000.png …")
@click.option(
    "--point",
    "points",
    multiple=True,
    metavar="X,Y",
    help="A point of the plane: the seeds around it, blended in W.",
)
@click.option("--step", type=int, default=100, show_default=True, help="Seeds per row of --point.")
@click.option(
    "--projected-w", metavar="FILE", help="Saved w (.npz, .npy or .pt), with psi 1: proj00.png …"
)
@click.option(
    "--request",
    "requests",
    multiple=True,
    metavar="FILE | JSON",
    help="A session, a PNG that carries one, or the JSON of a request, drawn just as it was; only "
    "--network overrides.",
)
@picture_options
@direction_options
@size_options
@engine_options
@force_option
def command(
    network: str | None,
    seeds: str | None,
    points: tuple[str, ...],
    step: int,
    projected_w: str | None,
    requests: tuple[str, ...],
    look: Look,
    moves: Moves,
    outdir: str,
    size: int,
    smooth: bool,
    engine: EngineOptions,
    force: bool,
) -> None:
    """Write a PNG for each seed, point, saved w or stored request.

    The same request gives the same pixels in the window. Every PNG carries its request: drop it
    on the window to go on from there.

    \b
      generate --network RUN --seeds 0-31,40 --trunc 0.7 --outdir out
      generate --request picture.png --outdir again
    """
    wanted = _sources(seeds, points, step)
    stored = {text: _read_stored(text) for text in requests}
    if projected_w is not None:
        projected_w = arguments.existing(projected_w, "--projected-w")
        read_w(projected_w)  # what is wrong with it is said before a network is opened
    if not wanted and not stored and projected_w is None:
        raise UserError(
            "There is nothing to generate.", "Give --seeds, --point, --projected-w or --request."
        )
    if stored and not wanted and projected_w is None:
        _tell_unused()
    if network is None and (wanted or projected_w is not None):
        raise UserError("No network is named.", "Give --network FILE, RUN or RUN/KIMG.")
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network) if network is not None else None
    folder = Path(outdir).expanduser()
    transform, bends = Transform(), tuple[Bend, ...]()
    along = Along()
    if model is not None:
        transform, bends = look.transform(model), look.bends(model)
        along = moves.still(pipeline, model)
        if wanted or projected_w is not None:
            (look if wanted else replace(look, trunc=1.0)).tell_without_effect(model)

    jobs: list[Job] = []
    if model is not None and wanted:
        base = look.still_request(model)
        jobs += [
            (structs.replace(base, source=source, noise=look.noise()), folder / name)
            for name, source in wanted.items()
        ]
    if model is not None and projected_w is not None:
        count = count_latents(projected_w, model, every=True)
        jobs += [
            (
                RenderRequest(
                    snapshot=model.path,
                    source=SavedW(projected_w, index),
                    truncation=Truncation(1.0),
                    noise=look.noise(),
                    transform=transform,
                    bends=bends,
                ),
                folder / f"proj{index:02d}.png",
            )
            for index in range(count)
        ]
    jobs = [(along.moved(request), path) for request, path in jobs]
    jobs += _stored_jobs(stored, model, folder)
    keep_foreign((path for _, path in jobs), force)
    make_folder(outdir)
    write_pictures(pipeline, jobs, len(jobs), size=size, smooth=smooth)
    click.echo(f"{counted(len(jobs), 'picture')} in {folder}")


def _tell_unused() -> None:
    """Say on stderr which flags change nothing where there are stored requests alone."""
    context = click.get_current_context()
    unused = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name in _OF_NEW_PICTURES
        and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    if unused:
        click.echo(
            f"{', '.join(unused)}: without effect, since a --request is drawn just as it was.",
            err=True,
        )


def _sources(seeds: str | None, points: tuple[str, ...], step: int) -> dict[str, Source]:
    """File names and what they show."""
    found: dict[str, Source] = {}
    if seeds is not None:
        for seed in arguments.numbers(seeds, "--seeds"):
            found[f"seed{seed:04d}.png"] = Seed(seed)
    for text in points:
        x, y = arguments.point(text)
        found[f"point_{x:.10g}_{y:.10g}.png"] = Plane(x, y, step)
    return found


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _read_stored(text: str) -> RenderRequest:
    if _is_json(text):
        return at_hand(decode_request(os.fsencode(text), "--request"))
    return at_hand(read_request(arguments.existing(text, "--request")))


def _stored_jobs(
    stored: dict[str, RenderRequest], model: ModelInfo | None, folder: Path
) -> list[Job]:
    """Named after the files, or `request`; a second one of the same name gets a number."""
    jobs: list[Job] = []
    taken: set[str] = set()
    for path, request in stored.items():
        if model is not None:
            request = structs.replace(request, snapshot=model.path)
        elif not Path(request.snapshot).is_file():
            raise UserError(
                f"{'--request' if _is_json(path) else path} was made from "
                f"{request.snapshot or 'no snapshot'}, which is not here.",
                "Give --network to draw it with another file.",
            )
        stem, number = "request" if _is_json(path) else Path(path).stem, 1
        name = stem
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        jobs.append((request, folder / f"{name}.png"))
    return jobs
