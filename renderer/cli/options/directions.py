"""`--direction` and `--style-channel`: moving latents along directions, and changing styles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click
from msgspec import structs

from common.errors import UserError
from common.suggest import closest
from renderer.cli.options import arguments, sweep
from renderer.cli.options.direction_files import DirectionFiles, searched
from renderer.cli.options.gathering import gathered
from renderer.cli.options.sweep import Swept
from renderer.messages.directions import (
    LARGEST,
    Component,
    NamedStyles,
    check_amount,
    direction_of,
    shift_of,
)
from renderer.messages.engine import Engine
from renderer.messages.model import ModelInfo
from renderer.messages.request import Direction, RenderRequest, StyleShift

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_AMOUNT = rf"(?P<amount>{_NUMBER})(?:\.\.(?P<end>{_NUMBER}))?"
_FORM = re.compile(
    rf"(?P<place>.+)={_AMOUNT}(?:@(?P<rows>\d+(?:-\d+)?))?(?:,(?P<word>[a-z]+))?", re.ASCII
)
_STYLE = re.compile(
    rf"(?P<layer>[^:]+):(?P<channel>\d+)={_AMOUNT}(?:\*(?P<sigma>{_NUMBER}))?", re.ASCII
)
_EXAMPLE = "Write FILE:INDEX=AMOUNT or FILE:NAME=AMOUNT@FIRST-LAST,orthogonal."
_STYLE_EXAMPLE = "Write LAYER:CHANNEL=AMOUNT, such as b16.conv1:63=-5."


class Along(NamedTuple):
    """What pictures are moved along. directions: in w. styles: of layers."""

    directions: tuple[Swept[Direction], ...] = ()
    styles: tuple[Swept[StyleShift], ...] = ()

    def moved(self, request: RenderRequest, turn: float = 0.0) -> RenderRequest:
        """A request moved along all of it besides. turn: how far a video is from the beginning to
        the end, 0…1."""
        return structs.replace(
            request,
            directions=(*request.directions, *sweep.at(self.directions, turn)),
            styles=(*request.styles, *sweep.at(self.styles, turn)),
        )


@dataclass(frozen=True)
class Moves:
    """What --direction and --style-channel say, as it was written."""

    directions: tuple[str, ...]
    style_channels: tuple[str, ...]

    def still(self, pipeline: Engine, model: ModelInfo) -> Along:
        """What a picture is moved along, which stays where it is. Raises UserError."""
        given = {"--direction": self.directions, "--style-channel": self.style_channels}
        for option, texts in given.items():
            for text in texts:
                if ".." in text.rpartition("=")[2]:
                    raise UserError(f"{option}: {text!r} names two amounts.", "Only a video moves.")
        return self.moved(pipeline, model)

    def moved(self, pipeline: Engine, model: ModelInfo) -> Along:
        """What pictures are moved along. Raises UserError that quotes what is wrong."""
        files = DirectionFiles(pipeline, model)
        found = [_one(text, files, model) for text in self.directions]
        found += [Along(styles=(_style(text, pipeline, model),)) for text in self.style_channels]
        return Along(
            tuple(each for along in found for each in along.directions),
            tuple(each for along in found for each in along.styles),
        )


direction_options = gathered(
    "moves",
    Moves,
    directions=click.option(
        "--direction",
        "directions",
        multiple=True,
        metavar="FILE:INDEX=AMOUNT[@ROWS][,orthogonal]",
        help="Move w along a direction of a set, .npy, .npz or .pt, by so many standard "
        "deviations, after truncation; INDEX from 0, or a name; ROWS such as 0-3; orthogonal: "
        "without its part along the others. Repeatable.",
    ),
    style_channels=click.option(
        "--style-channel",
        "style_channels",
        multiple=True,
        metavar="LAYER:CHANNEL=AMOUNT",
        help="Change one style of a layer by so many standard deviations (*SIGMA after it says how "
        "much one is; otherwise that is measured). Repeatable.",
    ),
)
"""Adds --direction and --style-channel to a command, as `moves`: Moves."""


def added(component: Component, amount: float) -> Along:
    """A component of a set as a picture is moved along it, in the rows that it is meant for."""
    if component.style is not None:
        return Along(styles=(Swept(shift_of(component, amount), None),))
    return Along((Swept(direction_of(component, amount), None),))


def _one(text: str, files: DirectionFiles, model: ModelInfo) -> Along:
    match = _FORM.fullmatch(text)
    if match is None:
        raise UserError(f"--direction: {text!r} is no direction.", _EXAMPLE)
    start, end = _amounts(match, "--direction")
    path, which = match["place"], "0"
    if not Path(path).expanduser().exists():
        path, _, which = match["place"].rpartition(":")
        if not path:
            path, which = match["place"], "0"
    path = arguments.existing(path, "--direction")
    if "=" in which and which not in files.names(path):
        raise UserError(f"--direction: {text!r} names two amounts.", _EXAMPLE)
    component = files.component(path, which, "--direction")
    if component.style is None and not any(component.vector):
        click.echo(
            f"--direction: all numbers of {component.name} are 0, so it changes nothing.", err=True
        )
    if component.style is not None:
        if match["rows"] or match["word"]:
            raise UserError(
                f"--direction: {text!r}: {component.name} is a style channel, and none of w.",
                "Leave out the rows, and that it is orthogonal.",
            )
        return Along(styles=(Swept(shift_of(component, start), end),))
    if match["word"] not in (None, "orthogonal"):
        raise UserError(f"--direction: {text!r}: {match['word']!r} is unknown.", _EXAMPLE)
    direction = direction_of(component, start)
    direction = structs.replace(direction, orthogonal=match["word"] is not None)
    if match["rows"]:
        first, _, last = match["rows"].partition("-")
        low, high = int(first), int(last or first)
        if low > high:
            raise UserError(
                f"--direction: the rows {match['rows']!r} go backwards.", f"Write {high}-{low}."
            )
        if high >= model.num_ws:
            raise UserError(
                f"--direction: the rows {match['rows']!r} are out of range.",
                f"{model.name} has {model.num_ws} rows of w: 0 to {model.num_ws - 1}.",
            )
        direction = structs.replace(direction, first=low, last=high)
    return Along((Swept(direction, end),))


def _style(text: str, pipeline: Engine, model: ModelInfo) -> Swept[StyleShift]:
    match = _STYLE.fullmatch(text)
    if match is None:
        raise UserError(f"--style-channel: {text!r} is no style channel.", _STYLE_EXAMPLE)
    start, end = _amounts(match, "--style-channel")
    layer, channel = match["layer"], int(match["channel"])
    layers = {each.name: each for each in model.layers if each.styles}
    if layer not in layers:
        near = closest(layer, layers)
        have = f"It has {', '.join(layers)}." if layers else "Its layers have no styles."
        raise UserError(
            f"--style-channel: {model.name} has no layer {layer!r} with styles.",
            f"Did you mean {near}?" if near else have,
        )
    if channel >= layers[layer].styles:
        raise UserError(
            f"--style-channel: {layer} has no style {channel}.",
            f"Its styles go from 0 to {layers[layer].styles - 1}.",
        )
    if match["sigma"] is None:
        (component,) = searched(NamedStyles(((layer, channel),)), pipeline, model).components
        return Swept(shift_of(component, start), end)
    sigma = float(match["sigma"])
    if not 0 < sigma <= LARGEST:
        raise UserError(
            f"--style-channel: the standard deviation {sigma:g} is out of range.",
            f"It is above 0 and up to {LARGEST:g}.",
        )
    return Swept(StyleShift(layer, channel, start, sigma), end)


def _amounts(match: re.Match[str], option: str) -> tuple[float, float | None]:
    """The amount at the beginning, and in the middle of a video; None where it stays."""
    start = float(match["amount"])
    end = None if match["end"] is None else float(match["end"])
    check_amount(start, option)
    check_amount(end or 0.0, option)
    return start, end
