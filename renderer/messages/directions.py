"""Directions and style channels found in a network: how they are asked for, told, and kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, Protocol, TypeAlias

import msgspec
from msgspec import Struct, structs

from common.errors import UserError
from renderer.messages.model import ModelInfo
from renderer.messages.request import Direction, RenderRequest, StyleShift

SUFFIX: Final = ".directions.json"
"""What the name of a file with a set ends with."""
VERSION: Final = 2
"""The version of the format of sets. Since version 2 there are style channels."""
MAX_BYTES: Final = 64 << 20
"""Bytes of a file with a set: far more than 512 directions with 18 rows of 512 numbers have."""
COUNT: Final = 24
"""How many directions are kept of those that can be told apart."""
MOST: Final = 1000.0
"""Standard deviations that an amount may be, both ways; pictures dissolve long before."""
LARGEST: Final = 1e6
"""The largest number of a direction, and the largest standard deviation of a style channel."""
FAR: Final = 3.0
"""How far controls and pictures go along a direction both ways, in standard deviations."""
FAR_STYLE: Final = 9.0
"""The same of a style channel: alone, one of thousands changes little within its own spread."""


class StyleChannel(Struct, frozen=True):
    """One of the styles of a layer, which can be changed alone (StyleSpace, Wu et al. 2021).

    layer, channel, sigma: as in `StyleShift`.
    colours: the layer makes colours (ToRGB), so that shapes stay.
    """

    layer: str
    channel: int
    sigma: float
    colours: bool = False


class Component(Struct, frozen=True):
    """One direction of a set, or one style channel.

    vector: as `Direction.vector`; empty of a style channel.
    name: what it is called.
    strength: how much of the whole it is, 0…1; None where there is no such whole. Of a style
        channel found by a region: the share of what it changes that lies there.
    star: it is one of those that the user likes.
    first, last: the rows of w that it is meant for; last None: to the end.
    """

    vector: bytes
    name: str
    strength: float | None = None
    star: bool = False
    first: int = 0
    last: int | None = None
    style: StyleChannel | None = None


class DirectionSet(Struct, frozen=True):
    """Directions that belong together, as they are found, shown and saved.

    title: how they were found, in words.
    w_dim: length of one row of w.
    num_ws: rows of w; directions of a single row go with any number of them.
    components: the strongest first.
    accuracy: of a boundary: the share of latents on their side of one that was found without
        them, 0…1; None for anything else.
    arrival: of a difference: the amount that leads from its start to its end, in standard
        deviations; None for anything else, and where there is no w.
    network: the name of the file that they were found in.
    version: of the format.
    """

    title: str
    w_dim: int
    num_ws: int
    components: tuple[Component, ...] = ()
    accuracy: float | None = None
    arrival: float | None = None
    network: str = ""
    version: int = VERSION

    @property
    def names(self) -> list[str]:
        """What its directions are called."""
        return [component.name for component in self.components]

    def fits(self, model: ModelInfo) -> bool:
        """Whether all of them move the w of a network, or styles that it has."""
        counts = {layer.name: layer.styles for layer in model.layers}
        styles = [component.style for component in self.components if component.style]
        if not all(style.channel < counts.get(style.layer, 0) for style in styles):
            return False
        vectors = [component.vector for component in self.components if not component.style]
        rows = {len(vector) // (4 * self.w_dim) for vector in vectors}
        return self.w_dim == model.w_dim and (rows <= {1} or self.num_ws == model.num_ws)


def direction_of(component: Component, amount: float = 0.0) -> Direction:
    """The direction as a request holds it, in the rows that it is meant for."""
    return Direction(component.vector, amount, component.first, component.last, name=component.name)


def shift_of(component: Component, amount: float = 0.0) -> StyleShift:
    """The style channel as a request holds it. component: has a style."""
    style = component.style
    assert style is not None
    return StyleShift(style.layer, style.channel, amount, style.sigma, component.name)


def reach(component: Component) -> float:
    """How far controls and pictures go along a component both ways, in standard deviations."""
    return FAR_STYLE if component.style else FAR


def check_amount(amount: float, where: str) -> None:
    """Raise UserError for an amount of a direction or a style channel that is out of range.

    where: what errors name first: an option, or the direction.
    """
    if not -MOST <= amount <= MOST:  # which NaN is not either
        raise UserError(
            f"{where}: the amount {amount:g} is out of range.",
            f"Amounts go from {-MOST:g} to {MOST:g} standard deviations.",
        )


def worth(found: DirectionSet) -> str:
    """What is known of the only direction of a set, in words that follow its title; empty where
    nothing is."""
    if found.accuracy is not None:
        return f", right for {found.accuracy:.0%} of unseen ones"
    return "" if found.arrival is None else f", B lies at {found.arrival:+.4g}σ"


def style_title(layer: str, channel: int) -> str:
    """What a style channel is called where nobody has named it."""
    return f"{layer} {channel}"


# -- how they are found ---------------------------------------------------------------------------


class Principal(Struct, frozen=True, tag="pca"):
    """The axes along which w spreads most (GANSpace). samples: how many w they are found from."""

    samples: int = 100_000


class StyleAxes(Struct, frozen=True, tag="sefa"):
    """What the layers of some rows of w listen to most (SeFa). last None: to the end."""

    first: int = 0
    last: int | None = None


class BoundaryOf(Struct, frozen=True, tag="boundary"):
    """Across the boundary between two groups of latents, towards the first (InterFaceGAN).

    a, b: requests, of which w counts as it is drawn, the mean of its rows.
    """

    a: tuple[RenderRequest, ...]
    b: tuple[RenderRequest, ...]


class DifferenceOf(Struct, frozen=True, tag="difference"):
    """From one latent to another, in each row of w."""

    start: RenderRequest
    end: RenderRequest


class LayerAxes(Struct, frozen=True, tag="activations"):
    """Where w leads along the axes on which the output of a layer spreads most (GANSpace, 3.2).

    layer: its name.
    samples: how many outputs they are found from.
    """

    layer: str
    samples: int = 10_000


class Region(Struct, frozen=True):
    """A rectangle of the picture, in its pixels; x and y of the upper left corner, y down."""

    x: int
    y: int
    width: int
    height: int


class StylesOfRegion(Struct, frozen=True, tag="region"):
    """The style channels that change a part of a picture and little else (StyleSpace).

    request: the picture.
    region: the part.
    """

    request: RenderRequest
    region: Region


class NamedStyles(Struct, frozen=True, tag="styles"):
    """Style channels that are named, by layer and channel: only how far they spread is found."""

    channels: tuple[tuple[str, int], ...]


class FromFile(Struct, frozen=True, tag="file"):
    """Those of a file: a set of ours, or `.npy`, `.npz` or `.pt` as others share them.

    path: of the file.
    only: which of them, by their places from 0; None: all. Of files of others each has to be
        measured, and some hold many thousands.
    """

    path: str
    only: tuple[int, ...] | None = None


How: TypeAlias = (
    Principal
    | StyleAxes
    | BoundaryOf
    | DifferenceOf
    | LayerAxes
    | StylesOfRegion
    | NamedStyles
    | FromFile
)


class Find(Struct, frozen=True):
    """What is looked for.

    snapshot: the file of the network.
    how: by which means.
    count: how many directions at most.
    seed: of the samples.
    label: the class of all samples, where the network has classes; None takes all classes.
    """

    snapshot: str
    how: How
    count: int = COUNT
    seed: int = 0
    label: int | None = None


class Finding(Protocol):
    """A search under way. `step` computes, a moment at a time; the rest is quick."""

    @property
    def fraction(self) -> float:
        """How much is done, 0…1."""

    @property
    def found(self) -> DirectionSet | None:
        """What has been found, None before the last step."""

    def step(self) -> None:
        """Go on for a moment. Raises UserError for what cannot be found."""


# -- files ----------------------------------------------------------------------------------------


def encode_set(found: DirectionSet) -> bytes:
    """A set as the contents of a file."""
    return msgspec.json.encode(found)


def decode_set(data: bytes, where: str) -> DirectionSet:
    """The set in the contents of a file. where: what errors call it. Raises UserError."""
    try:
        found = msgspec.json.decode(data, type=DirectionSet)
    except msgspec.ValidationError as error:
        raise UserError(
            f"{where} is JSON, but no set of directions.", "`directions find` writes one."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{where} holds no set of directions: {error}.") from error
    if found.version > VERSION:
        raise UserError(
            f"{where} was written by a newer ganscope (version {found.version}).",
            "Update ganscope.",
        )
    sizes = {len(component.vector) for component in found.components if not component.style}
    if found.w_dim < 1 or not sizes <= {4 * found.w_dim, 4 * found.w_dim * found.num_ws}:
        raise UserError(f"{where} holds directions of another length than it says.")
    styles = [component.style for component in found.components if component.style]
    if not all(math.isfinite(style.sigma) and style.channel >= 0 for style in styles):
        raise UserError(f"{where} holds style channels that no network has.")
    return found


def chosen(found: DirectionSet, places: Iterable[int]) -> DirectionSet:
    """The set with only some of its directions, by their places from 0."""
    return structs.replace(found, components=tuple(found.components[place] for place in places))


def starred(found: DirectionSet, index: int) -> DirectionSet:
    """The set with the star of one direction given or taken away."""
    component = found.components[index]
    return replaced(found, index, structs.replace(component, star=not component.star))


def replaced(found: DirectionSet, index: int, component: Component) -> DirectionSet:
    """The set with another direction in the place of one."""
    components = (*found.components[:index], component, *found.components[index + 1 :])
    return structs.replace(found, components=components)
