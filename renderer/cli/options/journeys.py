"""The options of `video` by which it goes along a journey: out of a file, or made by rule."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from common.errors import UserError
from renderer.cli.options import arguments
from renderer.cli.options.gathering import gathered
from renderer.messages.bundled import at_hand
from renderer.messages.journey import Journey
from renderer.messages.request import SEEDS, RenderRequest
from renderer.pictures.journey import generators
from renderer.pictures.journey.editing import with_requests
from renderer.pictures.journey.files import SUFFIX, decode_journey, is_journey
from renderer.pictures.journey.order import stretched
from renderer.pictures.metadata import Made, read_json

MOST_KEYS = 100_000
"""The most keys that a journey by rule may have, and the most frames between two."""
_LONGEST = 86_400.0
"""The most seconds that a journey may be made to take: a day."""
_MOST_RADIUS = 100.0


@dataclass(frozen=True)
class Asked:
    """What the options ask for: a file, a walk or a circle; none of them for no journey.

    file: of a journey. walk: SEED:COUNT. circle: A,B.
    space: where walks and circles go, None for w. radius: of a circle in w, None for 0.5.
    ends: a walk is not closed. duration: seconds in all, None as it is.
    """

    file: str | None
    walk: str | None
    circle: str | None
    space: generators.Space | None
    radius: float | None
    ends: bool
    duration: float | None

    @property
    def option(self) -> str:
        """The option that asks for a journey, empty where none does."""
        named = {"--journey": self.file, "--walk": self.walk, "--circle": self.circle}
        return next((option for option, value in named.items() if value is not None), "")

    def check(self) -> None:
        """Raise UserError for what belongs to another way than the one that is asked for."""
        if self.space is not None and self.walk is None and self.circle is None:
            raise UserError("--space is of a walk or a circle.", "Give --walk or --circle with it.")
        if self.ends and self.walk is None:
            raise UserError("--ends is of a walk.", "Give --walk with it.")
        if self.radius is None:
            return
        if self.circle is None or self.space == "z":
            raise UserError("--radius is of a circle in w.", "Give --circle, without --space z.")
        if not (math.isfinite(self.radius) and 0 < abs(self.radius) <= _MOST_RADIUS):
            raise UserError(
                f"--radius: {self.radius:g} makes no circle.",
                f"0.5 goes half way to the seeds; {_MOST_RADIUS:g} is the most.",
            )


@dataclass(frozen=True)
class Told:
    """A journey, and what a video of it carries.

    session: JSON that is kept in the files: all of the file that the journey came from, where that
        holds a session, so that the window's own export and this one are the same.
    """

    journey: Journey
    session: str


journey_options = gathered(
    "asked",
    Asked,
    file=click.option(
        "--journey",
        "file",
        metavar="FILE",
        help="Go along a journey that was saved (*.journey.json), or that a video or a "
        "session carries. Only --network and --duration change what it says.",
    ),
    walk=click.option(
        "--walk",
        metavar="SEED:COUNT",
        help="Go through COUNT seeds that are drawn at random.",
    ),
    circle=click.option(
        "--circle",
        metavar="A,B",
        help="Go around a circle: in z through both seeds, in w around the latent of "
        "--session (seed 0 without one) towards both.",
    ),
    space=click.option(
        "--space",
        type=click.Choice(["w", "z"]),
        help="Where a walk or a circle goes.  [default: w]",
    ),
    radius=click.option(
        "--radius",
        type=float,
        help="Of a circle in w; 1 reaches the seeds.  [default: 0.5]",
    ),
    ends=click.option("--ends", is_flag=True, help="A walk ends at its last seed."),
    duration=click.option(
        "--duration", type=float, help="Seconds in all.  [default: as it was made]"
    ),
)
"""Adds --journey, --walk, --circle and what belongs to them to a command, as `asked`: Asked."""


def journey_of(asked: Asked, base: RenderRequest, step: float) -> Told:
    """Return the journey that the options ask for.

    base: everything but the latent, of a walk and a circle.
    step: seconds from one seed to the next. Raises UserError.
    """
    session = ""
    if asked.file is not None:
        path = arguments.existing(asked.file, "--journey")
        json = read_json(path)
        journey = with_requests(decode_journey(json, path), at_hand)
        if "render" in msgspec.json.decode(json, type=dict[str, msgspec.Raw]):
            session = json.decode()
    elif asked.walk is not None:
        seed, count = _pair(asked.walk, "--walk", ":", "12:8")
        if not 2 <= count <= MOST_KEYS:
            raise UserError(
                f"--walk: a walk goes through 2 to {MOST_KEYS} seeds, and not {count}.",
                "SEED:COUNT, as 12:8, draws 8 of them.",
            )
        space = asked.space or "w"
        journey = generators.walk(base, seed, count, step, space=space, closed=not asked.ends)
    else:
        first, second = _pair(asked.circle or "", "--circle", ",", "3,8")
        if first == second:
            raise UserError(
                f"--circle: a circle needs two seeds, and {first} is one.", "Write 3,8."
            )
        space, radius = asked.space or "w", 0.5 if asked.radius is None else asked.radius
        journey = generators.circle(base, first, second, 4 * step, space=space, radius=radius)
    if asked.duration is not None:
        if not 0 < asked.duration <= _LONGEST:
            raise UserError(
                f"--duration: a journey cannot take {asked.duration:g} seconds.",
                f"{_LONGEST:g} are the most, a day.",
            )
        journey = stretched(journey, asked.duration)
        session = ""
    return Told(journey, session)


def carried(told: Told) -> str:
    """Return the JSON that a video of the journey carries."""
    if told.session:
        return told.session
    made = msgspec.to_builtins(Made(told.journey.keys[0].render))
    journey = msgspec.to_builtins(told.journey)
    return msgspec.json.encode({**made, "journey": journey}).decode()


def _pair(text: str, option: str, between: str, example: str) -> tuple[int, int]:
    match = re.fullmatch(rf"(\d{{1,10}}){between}(\d{{1,10}})", text.strip(), re.ASCII)
    first, second = (int(match[1]), int(match[2])) if match else (SEEDS, SEEDS)
    if max(first, second) >= SEEDS:
        raise UserError(f"{option}: {text!r} is not understood.", f"Write {example}.")
    return first, second


def check_target(path: str) -> Path:
    """Return where a journey is saved to. Raises UserError for another ending."""
    if not is_journey(path):
        raise UserError(f"--save-journey: {path} is no name of a journey.", f"End it {SUFFIX}.")
    return Path(path).expanduser()
