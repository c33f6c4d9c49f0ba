"""`--direction`: moving latents along directions of a file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import structs

from common.errors import UserError
from common.progress import never
from renderer.cli import arguments, sweep
from renderer.cli.sweep import Swept
from renderer.messages.directions import Component, DirectionSet, Find, FromFile, direction_of
from renderer.messages.engine import Engine
from renderer.messages.model import ModelInfo
from renderer.messages.request import Direction

Command = TypeVar("Command", bound=Callable[..., Any])

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_FORM = re.compile(
    rf"(?P<place>.+)=(?P<amount>{_NUMBER})(?:\.\.(?P<end>{_NUMBER}))?(?:@(?P<rows>\d+(?:-\d+)?))?"
)
_EXAMPLE = "Write FILE:INDEX=AMOUNT or FILE:NAME=AMOUNT@FIRST-LAST."


def direction_option(command: Command) -> Command:
    """--direction, as `directions`."""
    return click.option(
        "--direction",
        "directions",
        multiple=True,
        metavar="FILE:INDEX=AMOUNT[@ROWS]",
        help="Move w along a direction of a set, .npy, .npz or .pt, by so many standard "
        "deviations, after truncation; INDEX from 0, or a name; ROWS such as 0-3. Repeatable.",
    )(command)


def still(texts: Sequence[str], pipeline: Engine, model: ModelInfo) -> tuple[Direction, ...]:
    """The directions of a picture, which stays where it is. Raises UserError."""
    return sweep.still(moved(texts, pipeline, model), texts, "--direction")


def moved(texts: Sequence[str], pipeline: Engine, model: ModelInfo) -> list[Swept[Direction]]:
    """The directions that --direction names. Raises UserError that quotes what is wrong."""
    sets: dict[str, DirectionSet] = {}
    return [_one(text, pipeline, model, sets) for text in texts]


def read_set(path: str, pipeline: Engine, model: ModelInfo) -> DirectionSet:
    """The directions of a file, for a network. Raises UserError."""
    finding = pipeline.find_directions(Find(model.path, FromFile(path)), never)
    while finding.found is None:
        finding.step()
    return finding.found


def numbered(found: DirectionSet, which: str, option: str) -> Component:
    """The direction of a set by its index from 0, or by its name. Raises UserError."""
    names = [component.name for component in found.components]
    if which in names:
        return found.components[names.index(which)]
    if not (which.isascii() and which.isdigit() and int(which) < len(names)):
        shown = ", ".join(f"{i} {name}" for i, name in enumerate(names[:8]))
        more = " …" if len(names) > 8 else ""
        raise UserError(f"{option}: there is no direction {which!r}.", f"There are: {shown}{more}.")
    return found.components[int(which)]


def _one(
    text: str, pipeline: Engine, model: ModelInfo, sets: dict[str, DirectionSet]
) -> Swept[Direction]:
    match = _FORM.fullmatch(text)
    if match is None:
        raise UserError(f"--direction: {text!r} is no direction.", _EXAMPLE)
    amounts = [float(part) for part in (match["amount"], match["end"]) if part is not None]
    if not all(map(math.isfinite, amounts)):
        raise UserError(f"--direction: the amount in {text!r} is too large.")
    path, which = match["place"], "0"
    if not Path(path).expanduser().exists():
        path, _, which = match["place"].rpartition(":")
        if not path:
            path, which = match["place"], "0"
    path = arguments.existing(path, "--direction")
    if path not in sets:
        sets[path] = read_set(path, pipeline, model)
    direction = direction_of(numbered(sets[path], which, "--direction"), amounts[0])
    if match["rows"]:
        first, _, last = match["rows"].partition("-")
        low, high = int(first), int(last or first)
        if low > high or high >= model.num_ws:
            raise UserError(
                f"--direction: the rows {match['rows']!r} are out of range.",
                f"{model.name} has {model.num_ws} rows of w: 0 to {model.num_ws - 1}.",
            )
        direction = structs.replace(direction, first=low, last=high)
    return Swept(direction, amounts[1] if len(amounts) > 1 else None)
