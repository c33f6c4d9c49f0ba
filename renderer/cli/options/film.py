"""The options of `video` that say how a film is written: its quality, frame, filter and sound."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import click
from msgspec import structs

from common.errors import UserError
from renderer.cli.options import arguments
from renderer.cli.options.gathering import gathered
from renderer.messages.jobs import Export, Quality
from renderer.messages.journey import Journey
from renderer.pictures.codecs import CARRIERS, FILMS
from renderer.pictures.sizes import MAX_SIDE
from renderer.pictures.sound.reading import read_sound

LEAST_SIDE = 16
"""The fewest pixels that a side of --canvas may have: what H.264 compresses at once."""


@dataclass(frozen=True)
class Film:
    """How a film is written; the fields are those of `Export`."""

    quality: Quality
    canvas: tuple[int, int] | None
    sound: str

    def with_sound_of(self, journey: Journey, target: Path) -> Film:
        """Return this with the sound of a journey, where none is named and its file is there."""
        heard = target.suffix.lower() in CARRIERS and journey.track is not None
        if self.sound or not heard or journey.track is None:
            return self
        path = Path(journey.track.path)
        return replace(self, sound=str(path)) if path.is_file() else self

    def of(self, export: Export) -> Export:
        """Return the export as a film of this kind."""
        return structs.replace(export, quality=self.quality, canvas=self.canvas, sound=self.sound)


@dataclass(frozen=True)
class FilmOptions:
    """What the options say, as it was written; the fields are named after them."""

    lanczos: bool
    canvas: str | None
    quality: Quality
    sound: str | None

    def film(self) -> Film:
        """What they ask for; the sound is read. Raises UserError."""
        return Film(self.quality, _canvas_of(self.canvas), _existing_sound(self.sound))

    def check_sizes(self, size: int, scale: float, *, smooth: bool) -> None:
        """Raise UserError for two options that say the same of a film's size, or of its filter."""
        if size and scale != 1:
            raise UserError("--size and --scale both say how large the pictures are.", "Give one.")
        if size and self.canvas is not None:
            raise UserError("--size and --canvas both say how large the film is.", "Give one.")
        if smooth and self.lanczos:
            raise UserError("--smooth and --lanczos both say how pixels are enlarged.", "Give one.")


film_options = gathered(
    "filmed",
    FilmOptions,
    lanczos=click.option(
        "--lanczos", is_flag=True, help="Interpolate enlarged pixels by Lanczos' kernel."
    ),
    canvas=click.option(
        "--canvas",
        metavar="WxH",
        help="Black around the pictures, up to this size in all: 1920x1080 …",
    ),
    quality=click.option(
        "--quality",
        type=click.Choice(get_args(Quality)),
        default="best",
        show_default=True,
        help="How a film is compressed.",
    ),
    sound=click.option(
        "--sound",
        metavar="FILE",
        help="WAV, FLAC, OGG or MP3 that is heard with the film.",
    ),
)
"""Adds --lanczos, --canvas, --quality and --sound to a command, as `filmed`: FilmOptions."""


def _canvas_of(text: str | None) -> tuple[int, int] | None:
    """Return the height and width that --canvas names. Raises UserError."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text.strip(), re.ASCII)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (LEAST_SIDE <= width <= MAX_SIDE and LEAST_SIDE <= height <= MAX_SIDE):
        raise UserError(
            f"--canvas: {text!r} is no size of a film.",
            f"Write 1920x1080; from {LEAST_SIDE} to {MAX_SIDE} each way.",
        )
    return height, width


def target_of(text: str) -> Path:
    """Return the film, the picture or the folder that --output names.

    Raises UserError for an ending that no film has, as a misspelt one would make a folder. A number
    is no ending: `psi-0.7` is a folder.
    """
    if not text.strip():
        raise UserError("--output: no video and no folder is named.")
    target = Path(text).expanduser()
    ending = target.suffix
    known = ending.lower() in (*FILMS, ".png") or not any(map(str.isalpha, ending))
    if not known and not target.is_dir():
        raise UserError(
            f"{target.name}: {ending} files are not written.",
            f"Name a film ({', '.join(FILMS)}), or a folder for PNGs, whose name has no ending.",
        )
    return target


def _existing_sound(text: str | None) -> str:
    """Return the path of the file that --sound names, empty for none. Raises UserError.

    It is read here, before minutes are spent on the pictures that it is to go with.
    """
    if text is None:
        return ""
    path = arguments.existing(text, "--sound")
    read_sound(path)
    return path
