"""`--bend`: what is done to the activations of layers, as one word of a command line.

LAYER:OPERATION=AMOUNT, and for `translate` AMOUNT,DOWN; in a video FROM..TO as well. Then, where it
is not all channels: @CHANNELS, such as @0-15,40, and ~SHARE for a random share of them. /SEED is of
the share and of noise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import click

from common.errors import UserError
from common.suggest import closest
from renderer.cli.options.arguments import MAX_SEED, numbers
from renderer.cli.options.sweep import Swept, still
from renderer.messages.bending import FACTS, OPERATIONS, Bend
from renderer.messages.model import ModelInfo

WRITE = "Write LAYER:OPERATION=AMOUNT, such as b16.conv1:blur=2 or b32.conv0:scale=-1@0-15."
WORD = re.compile(
    r"(?P<layer>[^:]+):(?P<operation>[^=]+)=(?P<amount>[^,@~/]+?)(?:\.\.(?P<end>[^,@~/]+))?(?:,(?P<down>[^@~/]+))?"
    r"(?:@(?P<channels>[^~/]*))?(?:~(?P<share>[^/]*))?(?:/(?P<seed>\d+))?",
    re.ASCII,
)

bend_option = click.option(
    "--bend",
    "bend_texts",
    multiple=True,
    metavar="LAYER:OPERATION=AMOUNT",
    help="Bend the network: do something to the output of a layer. @0-15,40 are channels, ~0.25 "
    "a random share, /7 its seed. `inspect` lists the layers. Operations: "
    + ", ".join(OPERATIONS)
    + ".",
)


def bends(texts: Sequence[str], model: ModelInfo) -> tuple[Bend, ...]:
    """What --bend asks for in a picture, in order. Raises UserError that quotes what is wrong."""
    return still(moved_bends(texts, model), texts, "--bend")


def moved_bends(texts: Sequence[str], model: ModelInfo) -> tuple[Swept[Bend], ...]:
    """What --bend asks for in a video, in order. Raises UserError that quotes what is wrong."""
    return tuple(_bend(text, model) for text in texts)


def _bend(text: str, model: ModelInfo) -> Swept[Bend]:
    match = WORD.fullmatch(text)
    if match is None:
        raise UserError(f"--bend: {text!r} is no bend.", WRITE)
    layers = {layer.name: layer for layer in model.layers}
    layer = layers.get(match["layer"])
    if layer is None:
        near = closest(match["layer"], layers)
        raise UserError(
            f"--bend: {model.name} has no layer {match['layer']!r}.",
            f"Did you mean {near}?" if near else f"It has {', '.join(layers)}.",
        )
    operation = next((name for name in OPERATIONS if name == match["operation"]), None)
    if operation is None:
        near = closest(match["operation"], OPERATIONS)
        raise UserError(
            f"--bend: {match['operation']!r} is no operation.",
            f"Did you mean {near}?" if near else f"There are {', '.join(OPERATIONS)}.",
        )
    facts = FACTS[operation]
    amounts = [_number(text, part) for part in (match["amount"], match["end"]) if part is not None]
    for amount in amounts:
        if not facts.low <= amount <= facts.high:
            raise UserError(
                f"--bend: {text!r}: {amount:g} is out of range.",
                f"The amount of {operation} is from {facts.low:g} to {facts.high:g}.",
            )
    if match["down"] is not None and operation != "translate":
        raise UserError(f"--bend: {text!r}: only translate takes two numbers.")
    share = 1.0 if match["share"] is None else _number(text, match["share"])
    if not 0 <= share <= 1:
        raise UserError(f"--bend: {text!r}: a share is from 0 to 1.")
    seed = int(match["seed"] or 0)
    if seed > MAX_SEED:
        raise UserError(f"--bend: {text!r}: seeds go from 0 to {MAX_SEED}.")
    channels = match["channels"]
    bend = Bend(
        layer.name,
        operation,
        amounts[0],
        0.0 if match["down"] is None else _number(text, match["down"]),
        None
        if channels is None
        else tuple(numbers(channels, "--bend", layer.channels - 1, f"Channels of {layer.name}")),
        share,
        seed,
    )
    return Swept(bend, amounts[1] if len(amounts) > 1 else None)


def _number(text: str, part: str) -> float:
    try:
        number = float(part)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f"--bend: {text!r}: {part!r} is no number.", WRITE)
    return number
