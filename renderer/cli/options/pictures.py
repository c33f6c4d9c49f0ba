"""Options that say what pictures look like, whatever latents they are of."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import click

from renderer.cli.options.bending import bend_option
from renderer.messages.model import ModelInfo
from renderer.messages.request import Noise, NoiseMode
from renderer.pictures.sizes import MAX_SIDE

Command = TypeVar("Command", bound=Callable[..., Any])


def latent_options(command: Command) -> Command:
    """--trunc, --trunc-cutoff, --class, the options of noise and of the transform, and --bend.

    --class is `label_text` and --bend `bend_texts`; `arguments` and `bending` have what makes parts
    of a request of them.
    """
    for option in reversed(
        [
            click.option(
                "--trunc", type=float, default=1.0, show_default=True, help="Truncation psi."
            ),
            click.option(
                "--trunc-cutoff", type=int, help="Truncate only so many rows of w.  [default: all]"
            ),
            click.option(
                "--class",
                "label_text",
                metavar="N | N:M:T",
                help="Class of a conditional network, or the blend T of N and M.",
            ),
            click.option(
                "--noise-mode",
                type=click.Choice(["const", "random", "none"]),
                default="const",
                show_default=True,
                help="Noise inputs: the network's own, drawn, or none.",
            ),
            click.option(
                "--noise-seed",
                type=click.IntRange(0, 2**63 - 1),
                help="Of random noise.  [default: a fresh one, kept in the PNG]",
            ),
            click.option(
                "--translate",
                metavar="X,Y",
                help="Move the picture right and down, in pictures (StyleGAN3, -XL).",
            ),
            click.option(
                "--rotate",
                type=float,
                default=0.0,
                metavar="DEGREES",
                help="Turn it about its middle, against the clock (StyleGAN3, -XL).",
            ),
            click.option(
                "--zoom",
                type=float,
                default=1.0,
                metavar="FACTOR",
                help="Enlarge it about its middle (StyleGAN3, -XL).",
            ),
            bend_option,
        ]
    ):
        command = option(command)
    return command


def picture_options(command: Command) -> Command:
    """`latent_options` and --outdir."""
    outdir = click.option(
        "--outdir",
        required=True,
        type=click.Path(file_okay=True),
        help="Folder for the pictures; made where it is missing.",
    )
    return latent_options(outdir(command))


def size_options(command: Command) -> Command:
    """--size and --smooth, as `size` (0 for none) and `smooth`."""
    command = click.option(
        "--smooth",
        is_flag=True,
        help="Blend enlarged pixels, as Smooth pixels in the window does.  [default: squares]",
    )(command)
    return click.option(
        "--size",
        type=click.IntRange(0, MAX_SIDE),
        default=0,
        metavar="PIXELS",
        help="Pixels of the shorter side: 1080, 2160 for 4K …  [default: as the network draws]",
    )(command)


def noise(mode: NoiseMode, seed: int | None) -> Noise:
    """The noise that --noise-mode and --noise-seed ask for.

    Random noise without a seed gets a fresh one, so that the picture can be had again.
    """
    if mode != "random":
        return Noise(mode)
    return Noise(mode, secrets.randbits(32) if seed is None else seed)


def tell_without_effect(
    model: ModelInfo,
    trunc: float,
    trunc_cutoff: int | None = None,
    noise_mode: NoiseMode = "const",
    noise_seed: int | None = None,
) -> None:
    """Say on stderr which of these options change nothing in the pictures of a network."""
    truncated = {"--trunc": trunc != 1, "--trunc-cutoff": trunc_cutoff is not None}
    noisy = {"--noise-mode": noise_mode != "const", "--noise-seed": noise_seed is not None}
    lack = "no mapping network" if model.w_is_z else "no average w"
    for given, works, what in (
        (truncated, model.truncates, lack),
        (noisy, model.has_noise, "no noise inputs"),
    ):
        asked = [option for option, is_asked in given.items() if is_asked]
        if asked and not works:
            text = f"{', '.join(asked)}: without effect, {model.name} has {what}."
            click.echo(text, err=True)
