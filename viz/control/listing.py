"""Every address of OSC as a list, made of the same controls and commands that the window has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from renderer.messages.bending import Bend
from renderer.messages.directions import Component
from renderer.messages.model import LayerInfo, ModelInfo, RowInfo
from renderer.messages.request import (
    Average,
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Plane,
    SavedW,
    Seed,
    Share,
    Truncation,
)
from viz.control.command_addresses import command_addresses
from viz.desk.commands import Command
from viz.session.controls import ROOT, controls
from viz.session.parameters.control import Control, Scope
from viz.session.session import Session

_MODEL = ModelInfo(
    path="",
    name="",
    format="",
    family="",
    resolution=4,
    img_channels=3,
    z_dim=1,
    w_dim=1,
    c_dim=1000,
    num_ws=18,
    parameters=0,
    layers=(LayerInfo("LAYER", 4, 512, noise=True),),
    rows=tuple(RowInfo(index, 4, ("LAYER",)) for index in range(18)),
    transforms=True,
)
"""A network that has one of everything."""
_SESSION = Session().with_render(
    label=ClassLabel(0, 1),
    truncation=Truncation(curve=(1.0,)),
    mix=(MixSource(Seed()),),
    edits=(ChannelEdit("LAYER", 0),),
    bends=(Bend("LAYER", "translate"),),
    view=LayerView("LAYER"),
)
"""A session that uses it, for each kind of latent in turn."""
_SOURCES = (Plane(), SavedW(""), Average((Share(Seed()),)))
_NAMES = (
    (r"^(mixing|bend|latent/weight)/1", r"\1/N"),
    (r"/row/\d+$", "/row/R"),
    (r"^edit/LAYER/0$", "edit/LAYER/CHANNEL"),
    (r"^direction/name$", "direction/NAME"),
)
"""What stands for numbers and names in the list."""


class Line(NamedTuple):
    """One line of the list: an address or a pattern of some, the range of its values, a title."""

    address: str
    values: str
    title: str


def lines(commands: Sequence[Command]) -> list[Line]:
    """Return every address, with N, R, LAYER, CHANNEL and NAME for what there may be more of."""
    found: dict[str, Line] = {}
    for source in _SOURCES:
        scope = Scope(_SESSION.with_render(source=source), _MODEL, (Component(b"", "NAME"),))
        for control in controls(scope):
            address = ROOT + _pattern(control.address)
            found.setdefault(address, Line(address, _values(control), _title(control.title)))
    for address, command in command_addresses(commands).items():
        found[ROOT + address] = Line(ROOT + address, "press", command.title)
    return list(found.values())


def _pattern(address: str) -> str:
    for digits, letter in _NAMES:
        address = re.sub(digits, letter, address)
    return address


def _title(title: str) -> str:
    title = re.sub(r"\b(Column|bend|of latent) 1\b", r"\1 N", title)
    title = re.sub(r"\brow \d+$", "row R", title)
    return title.replace("Channel 0 of", "CHANNEL of").replace(", translate LAYER", "")


def _values(control: Control) -> str:
    if control.kind == "switch":
        return "0 or 1"
    whole = " whole" if control.kind == "integer" else ""
    return f"{control.low:g} … {control.high:g}{whole}"
