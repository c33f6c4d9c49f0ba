"""`project`: the w, and the noise, with which a network makes pictures of the user's."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from msgspec import structs

from common.errors import UserError
from common.files import check_folder
from common.finite import FiniteRange
from common.images.image_file import IMAGE_SUFFIXES
from common.projection import DISTANCES, ProjectionSettings, Space
from renderer.cli.common import open_network
from renderer.cli.options import arguments
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.cli.projecting import project
from renderer.messages.options import EngineOptions
from renderer.messages.projection import ProjectionSpec
from renderer.messages.request import SavedW, Seed, Source
from renderer.pictures.projected import files_of
from renderer.pictures.target import Crop, read_target

_PLAIN = ProjectionSettings()


@click.command("project")
@click.option("--network", required=True, help="Snapshot file, run directory, or RUN/KIMG.")
@click.option(
    "--target",
    "targets",
    required=True,
    multiple=True,
    metavar="FILE | FOLDER",
    help="A picture, or a folder of them; may be repeated. Several get a folder each.",
)
@click.option(
    "--num-steps", type=click.IntRange(1), default=_PLAIN.steps, show_default=True, help="Of w."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=_PLAIN.seed, show_default=True)
@click.option(
    "--save-video",
    type=bool,
    default=True,
    show_default=True,
    help="Write proj.mp4: the target beside the progress.",
)
@click.option(
    "--space",
    type=click.Choice(["w", "w+"]),
    default=_PLAIN.space,
    show_default=True,
    help="One w for all layers, which mixes and moves best, or one for each, which is closer to "
    "the picture.",
)
@click.option(
    "--noise",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Search the noise maps too, or keep the network's own.",
)
@click.option(
    "--start",
    default=_PLAIN.start,
    show_default=True,
    metavar="best | average | SEED | FILE",
    help="Where to begin: the best of --num-seeds seeds, the average, a seed, or a saved w.",
)
@click.option(
    "--num-seeds", type=click.IntRange(1), default=_PLAIN.seeds, show_default=True, help="For best."
)
@click.option(
    "--distance",
    default=_PLAIN.distance,
    show_default=True,
    help=f"What tells pictures apart: {', '.join(DISTANCES)}, or several, such as lite+pixels. "
    "lite found networks' own pictures best; discriminator needs a training snapshot, lpips "
    "--weights.",
)
@click.option(
    "--weights", multiple=True, metavar="FILE", help="VGG-16's and LPIPS's weights, for lpips."
)
@click.option(
    "--pull",
    type=FiniteRange(0),
    default=_PLAIN.pull,
    show_default=True,
    help="How strongly w is held where the network's own lie; 0: not at all.",
)
@click.option(
    "--tune",
    type=click.IntRange(0),
    default=_PLAIN.tune,
    show_default=True,
    metavar="N",
    help="Then fit the network itself in N steps around that w: tuned.safetensors.",
)
@click.option(
    "--crop",
    "crop_text",
    default="center",
    show_default=True,
    metavar="center | X,Y,SIZE",
    help="The square of the picture, in its pixels.",
)
@click.option(
    "--background",
    default="ffffff",
    show_default=True,
    metavar="RRGGBB",
    help="The colour seen through transparency.",
)
@click.option("--class", "label_text", metavar="N", help="Class of a conditional network.")
@click.option("--outdir", required=True, help="Folder for the results; made where it is missing.")
@force_option
@engine_options
def command(
    network: str,
    targets: tuple[str, ...],
    num_steps: int,
    seed: int,
    save_video: bool,
    space: Space,
    noise: str,
    start: str,
    num_seeds: int,
    distance: str,
    weights: tuple[str, ...],
    pull: float,
    tune: int,
    crop_text: str,
    background: str,
    label_text: str | None,
    outdir: str,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Write target.png, proj.png, projected_w.npz, projection.json and proj.mp4.

    Ctrl+C keeps the best so far. proj.png can be dropped on the window, and projected_w.npz mixed,
    averaged and drawn.

    \b
      project --network RUN --target face.jpg --outdir out
      generate --network RUN --projected-w out/projected_w.npz --outdir again
    """
    known, given = _start(start)
    folder = check_folder(outdir)
    settings = ProjectionSettings(
        steps=num_steps,
        space=space,
        noise=noise == "on",
        start=known,
        seeds=num_seeds,
        distance=distance,
        seed=seed,
        pull=pull,
        tune=tune,
    )
    _check_distance(distance)
    files = _pictures(targets)
    crop, colour = _crop(crop_text), _colour(background)
    places = _places(files, folder)
    written = [
        file
        for place in places.values()
        for file in files_of(place, video=save_video, tuned=tune > 0)
    ]
    keep_existing(written, force)
    if len(files) == 1:  # of several, those that are none are passed over by name
        read_target(files[0], 1, 3, None if crop is None else Crop(*crop), colour)
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    label = arguments.label(label_text, model)
    spec = ProjectionSpec(
        snapshot=model.path,
        target="",
        settings=settings,
        crop=crop,
        background=colour,
        label=label,
        given=given,
        weights=tuple(arguments.existing(path, "--weights") for path in weights),
    )
    failed: list[str] = []
    for file, place in places.items():
        try:
            one = structs.replace(spec, target=str(file))
            stopped = project(pipeline, one, place, save_video)
        except UserError as error:
            if len(places) == 1:
                raise
            failed.append(file.name)
            click.echo(f"Error: {error}", err=True)
            continue
        if stopped:
            sys.exit(130)
    if failed:
        raise UserError(f"{len(failed)} of {len(places)} pictures failed: {', '.join(failed)}.")


def _start(text: str) -> tuple[str, Source | None]:
    """What --start says, and the latent to begin at where it names one. Raises UserError."""
    if text in ("best", "average"):
        return text, None
    if re.fullmatch(r"\d+", text, re.ASCII):
        return "given", Seed(arguments.numbers(text, "--start")[0])
    if Path(text).expanduser().is_file():
        return "given", SavedW(arguments.existing(text, "--start"))
    raise UserError(
        f"--start: {text!r} is no seed and no file.", "Write best, average, a seed, or a saved w."
    )


def _check_distance(text: str) -> None:
    for name in text.split("+"):
        if name.strip() not in DISTANCES:
            raise UserError(
                f"--distance: there is no {name.strip()!r}.", f"Choose from {', '.join(DISTANCES)}."
            )


def _pictures(targets: tuple[str, ...]) -> list[Path]:
    """The files that --target names, those in folders by name. Raises UserError."""
    found: dict[Path, None] = {}
    for text in targets:
        path = Path(text).expanduser().absolute()
        if not text.strip():
            raise UserError("--target: no picture is named.")
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
            if not inside:
                raise UserError(f"--target: there is no picture in {path}.")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise UserError(f"--target: {path} does not exist.")
    return list(found)


def _places(files: list[Path], folder: Path) -> dict[Path, Path]:
    """Where the results of each picture go: of several, into a folder each."""
    if len(files) == 1:
        return {files[0]: folder}
    places: dict[Path, Path] = {}
    for file in files:
        name, number = file.stem, 1
        while folder / name in places.values():
            number += 1
            name = f"{file.stem}-{number}"
        places[file] = folder / name
    return places


def _crop(text: str) -> tuple[int, int, int] | None:
    if text == "center":
        return None
    found = re.fullmatch(r"(\d+),(\d+),(\d+)", text.replace(" ", ""), re.ASCII)
    if found is None or int(found[3]) < 1:
        raise UserError(f"--crop: {text!r} is no square.", "Write center, or X,Y,SIZE.")
    return int(found[1]), int(found[2]), int(found[3])


def _colour(text: str) -> tuple[int, int, int]:
    digits = text.removeprefix("#")
    if not re.fullmatch(r"[0-9a-fA-F]{6}", digits):
        raise UserError(f"--background: {text!r} is no colour.", "Write RRGGBB, such as 808080.")
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue
