"""`average`: the mean of latents, and what lies between it and another one, each with a picture."""

from __future__ import annotations

import math
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from common.errors import UserError
from renderer.cli.common import open_network
from renderer.cli.options import arguments
from renderer.cli.options.engine import engine_options, make_pipeline
from renderer.cli.options.pictures import tell_without_effect
from renderer.cli.options.replacing import force_option, keep_existing
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, SavedW, Seed, Source, Truncation
from renderer.pictures.metadata import write_png
from renderer.pictures.projected import LATENT
from renderer.pipeline.latents.saved_w import read_w, write_w

Latent = npt.NDArray[np.float32]


@click.command("average")
@click.option("--network", help="Snapshot file, run directory, or RUN/KIMG: for the picture.")
@click.option(
    "--w",
    "sources",
    multiple=True,
    metavar="FILE | FOLDER",
    help="Saved w, or a folder of projections (every projected_w.npz in it); may be repeated.",
)
@click.option("--seeds", help="Average the w of these seeds, such as 0-99, with --network.")
@click.option(
    "--weights", metavar="A,B,…", help="How much each w counts, in order.  [default: all the same]"
)
@click.option(
    "--trunc", type=float, default=1.0, show_default=True, help="Psi of the result, with --network."
)
@click.option("--toward", metavar="FILE", help="A saved w to go to from there.")
@click.option(
    "--amount",
    type=float,
    default=0.5,
    show_default=True,
    help="How far to go --toward it: 0 stays, 1 arrives, more exaggerates.",
)
@click.option("--class", "label_text", metavar="N", help="Class of a conditional network.")
@click.option("--output", required=True, metavar="FILE.npz", help="The w; FILE.png beside it.")
@force_option
@engine_options
def command(
    network: str | None,
    sources: tuple[str, ...],
    seeds: str | None,
    weights: str | None,
    trunc: float,
    toward: str | None,
    amount: float,
    label_text: str | None,
    output: str,
    force: bool,
    engine: EngineOptions,
) -> None:
    """Write the average of saved w and of seeds, and with --network its picture.

    \b
      average --w faces --network RUN --output mean.npz
      average --w faces --toward me/projected_w.npz --amount 0.5 --network RUN --output half.npz
    """
    files = _files(sources)
    numbers = [] if seeds is None else arguments.numbers(seeds, "--seeds")
    if not files and not numbers:
        raise UserError("There is nothing to average.", "Give --w, or --network and --seeds.")
    if network is None and (numbers or trunc != 1):
        option = "--seeds" if numbers else "--trunc"
        raise UserError(f"{option} needs a network.", "Give --network FILE, RUN or RUN/KIMG.")
    if not math.isfinite(amount):
        raise UserError(f"--amount: {amount} is no finite number.")
    counts = _weights(weights, len(files) + len(numbers))
    target = Path(output).expanduser().absolute()
    if target.suffix.lower() != ".npz":
        raise UserError(f"--output: {target.name} does not end in .npz.", "Name the file so.")
    picture = target.with_suffix(".png")
    keep_existing([target, picture] if network is not None else [target], force)
    goal = None if toward is None else arguments.existing(toward, "--toward")

    if network is None:
        rows = [_one(path) for path in files]
        mean = _mean(rows, counts, [path.name for path in files])
        if goal is not None:
            mean = _between(mean, _one(Path(goal)), amount, goal)
        write_w(target, mean)
        click.echo(f"The average of {len(rows)}: {target}")
        return
    pipeline = make_pipeline(engine)
    model = open_network(pipeline, network)
    label = arguments.label(label_text, model) if numbers or label_text is not None else None
    truncation = arguments.truncation(trunc, None, model)
    tell_without_effect(model, trunc)

    def latent(source: Source, truncated: Truncation | None = None) -> Latent:
        request = RenderRequest(model.path, source, label, truncated or Truncation())
        return pipeline.latent(request)

    named: list[Source] = [SavedW(str(path)) for path in files]
    found = [latent(source) for source in [*named, *(Seed(number) for number in numbers)]]
    mean = _mean(found, counts, [str(path) for path in [*files, *numbers]])
    if goal is not None:
        mean = _between(mean, latent(SavedW(goal)), amount, goal)
    write_w(target, mean)
    if trunc != 1:  # psi belongs to the result, not to what it is the average of
        mean = latent(SavedW(str(target)), truncation)
        write_w(target, mean)
    request = RenderRequest(model.path, SavedW(str(target)), label)
    write_png(picture, pipeline.render(request).pixels, request)
    click.echo(f"The average of {len(found)}: {target} and {picture.name}")


def _files(sources: tuple[str, ...]) -> list[Path]:
    """The files that --w names, in folders all that `project` wrote. Raises UserError."""
    found: dict[Path, None] = {}
    for text in sources:
        path = Path(text).expanduser().absolute()
        if text.strip() and path.is_dir():
            inside = sorted([*path.glob(LATENT), *path.glob(f"*/{LATENT}")])
            inside = inside or sorted(path.glob("*.npz"))
            if not inside:
                raise UserError(
                    f"--w: there is no {LATENT} in {path}.", "Name a folder that `project` wrote."
                )
            found.update(dict.fromkeys(inside))
        else:
            found[Path(arguments.existing(text, "--w"))] = None
    return list(found)


def _weights(text: str | None, count: int) -> list[float]:
    """A weight for each latent. Raises UserError where they do not fit, or add up to nothing."""
    if text is None:
        return [1.0] * count
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--weights: {text!r} are no numbers.", "Write 1,1,0.5.") from None
    if len(values) != count:
        raise UserError(f"--weights: {len(values)} weights for {count} latents.")
    if not all(map(math.isfinite, values)) or abs(sum(values)) < 1e-9:
        raise UserError("--weights: they add up to nothing.", "Write finite numbers, such as 1,2.")
    return values


def _one(path: Path) -> Latent:
    """The first latent of a file, as [1, rows, w_dim]."""
    w = read_w(str(path))
    return w.reshape(1, 1, -1) if w.ndim < 3 and (w.ndim == 1 or len(w) == 1) else w[:1]


def _mean(latents: list[Latent], counts: list[float], names: list[str]) -> Latent:
    """Σ a·w / Σ a, of latents of the same shape. Raises UserError that names one that differs."""
    for latent, name in zip(latents, names, strict=True):
        if latent.shape != latents[0].shape:
            raise UserError(
                f"{name} is {list(latent.shape)}, but {names[0]} is {list(latents[0].shape)}.",
                "Only latents of one network can be averaged; give --network to fit them.",
            )
    stacked = np.stack([latent.astype(np.float64) for latent in latents])
    shares = np.array(counts).reshape(-1, *[1] * latents[0].ndim)
    return np.asarray((stacked * shares).sum(0) / sum(counts), np.float32)


def _between(mean: Latent, goal: Latent, amount: float, name: str) -> Latent:
    _mean([mean, goal], [1, 1], ["the average", name])
    return np.asarray(mean + (goal - mean) * amount, np.float32)
