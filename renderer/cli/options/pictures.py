"""Options that say what pictures look like, whatever latents they are of."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import click
from msgspec import structs

from renderer.cli.options import arguments, bending
from renderer.cli.options.gathering import Command, gathered
from renderer.messages.bending import Bend
from renderer.messages.model import ModelInfo
from renderer.messages.request import Noise, NoiseMode, RenderRequest, Transform
from renderer.pictures.sizes import MAX_SIDE


@dataclass(frozen=True)
class Look:
    """What the options say, as they were written; the fields are named after them.

    label_text: of --class. bend_texts: of --bend.
    """

    trunc: float
    trunc_cutoff: int | None
    label_text: str | None
    noise_mode: NoiseMode
    noise_seed: int | None
    translate: str | None
    rotate: float
    zoom: float
    bend_texts: tuple[str, ...]

    def request(self, model: ModelInfo) -> RenderRequest:
        """A request without bends, which a video may move. Raises UserError."""
        return RenderRequest(
            snapshot=model.path,
            label=arguments.label(self.label_text, model),
            truncation=arguments.truncation(self.trunc, self.trunc_cutoff, model),
            noise=self.noise(),
            transform=self.transform(model),
        )

    def still_request(self, model: ModelInfo) -> RenderRequest:
        """A request of a picture, which does not move. Raises UserError."""
        return structs.replace(self.request(model), bends=self.bends(model))

    def noise(self) -> Noise:
        """The noise of a picture.

        Random noise without a seed gets a fresh one, so that the picture can be had again.
        """
        if self.noise_mode != "random":
            return Noise(self.noise_mode)
        seed = self.noise_seed
        return Noise(self.noise_mode, secrets.randbits(32) if seed is None else seed)

    def transform(self, model: ModelInfo) -> Transform:
        """How a picture is moved. Raises UserError."""
        return arguments.transform(self.translate, self.rotate, self.zoom, model)

    def bends(self, model: ModelInfo) -> tuple[Bend, ...]:
        """What is bent in a picture. Raises UserError."""
        return bending.bends(self.bend_texts, model)

    def tell_without_effect(self, model: ModelInfo) -> None:
        """Say on stderr which of the options change nothing in the pictures of a network."""
        tell_without_effect(model, self.trunc, self.trunc_cutoff, self.noise_mode, self.noise_seed)


latent_options = gathered(
    "look",
    Look,
    trunc=click.option(
        "--trunc", type=float, default=1.0, show_default=True, help="Truncation psi."
    ),
    trunc_cutoff=click.option(
        "--trunc-cutoff", type=int, help="Truncate only so many rows of w.  [default: all]"
    ),
    label_text=click.option(
        "--class",
        "label_text",
        metavar="N | N:M:T",
        help="Class of a conditional network, or the blend T of N and M.",
    ),
    noise_mode=click.option(
        "--noise-mode",
        type=click.Choice(["const", "random", "none"]),
        default="const",
        show_default=True,
        help="Noise inputs: the network's own, drawn, or none.",
    ),
    noise_seed=click.option(
        "--noise-seed",
        type=click.IntRange(0, 2**63 - 1),
        help="Of random noise.  [default: a fresh one, kept in the PNG]",
    ),
    translate=click.option(
        "--translate",
        metavar="X,Y",
        help="Move the picture right and down, in pictures (StyleGAN3, -XL).",
    ),
    rotate=click.option(
        "--rotate",
        type=float,
        default=0.0,
        metavar="DEGREES",
        help="Turn it about its middle, against the clock (StyleGAN3, -XL).",
    ),
    zoom=click.option(
        "--zoom",
        type=float,
        default=1.0,
        metavar="FACTOR",
        help="Enlarge it about its middle (StyleGAN3, -XL).",
    ),
    bend_texts=bending.bend_option,
)
"""Adds --trunc, --trunc-cutoff, --class, the options of noise and of the transform, and --bend to a
command, as `look`: Look."""


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
