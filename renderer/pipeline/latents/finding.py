"""Looking for directions in a network of the pipeline, a moment at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from contextlib import AbstractContextManager
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from common.errors import Cancelled, UserError
from common.progress import IsCancelled
from common.units import counted, span
from networks.base import Generator
from networks.directions.boundary import LEAST, separate
from networks.directions.layer_axes import LayerSampling
from networks.directions.spread import Array, Sampling, Spread, mapping_digest
from networks.directions.without_labels import Axes, principal_axes, style_axes
from renderer.messages.directions import (
    BoundaryOf,
    Component,
    DifferenceOf,
    DirectionSet,
    Find,
    FromFile,
    LayerAxes,
    NamedStyles,
    Principal,
    StyleAxes,
    StylesOfRegion,
    chosen,
)
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from renderer.pipeline.latents.direction_files import read_directions
from renderer.pipeline.latents.finding_styles import (
    named_channels,
    region_channels,
    region_title,
)
from renderer.pipeline.latents.spreads import Spreads
from renderer.pipeline.synthesis.stages import Inputs

FEW: Final = 10_000
"""Samples of w that say well enough how far it spreads along a direction: to about a hundredth."""

_ELSE: Final = (
    "across the boundary between two groups of pictures, as the difference of two latents, or in "
    "a file."
)
"""Where there are directions in every network."""

LatentOf: TypeAlias = Callable[[RenderRequest], npt.NDArray[np.float32]]
"""What tells w of a request, [num_ws, w_dim]."""
InputsOf: TypeAlias = Callable[[RenderRequest], Inputs]
"""What tells all that the picture of a request is made of."""


class RunningSearch:
    """`renderer.messages.directions.Finding`, in a network of the pipeline.

    latent, inputs: tell of a request in this network.
    drawing: what surrounds all that networks compute.
    """

    def __init__(
        self,
        find: Find,
        generator: Generator,
        info: ModelInfo,
        spreads: Spreads,
        latent: LatentOf,
        inputs: InputsOf,
        drawing: Callable[[], AbstractContextManager[None]],
        cancelled: IsCancelled,
    ) -> None:
        self._find, self._generator, self._info = find, generator, info
        self._spreads, self._latent, self._cancelled = spreads, latent, cancelled
        self._inputs, self._drawing = inputs, drawing
        self._steps = self._search()
        self.fraction = 0.0
        self.found: DirectionSet | None = None

    def step(self) -> None:
        """Go on for a moment."""
        if self._cancelled():
            raise Cancelled
        with self._drawing():
            self.fraction = next(self._steps, 1.0)

    def _search(self) -> Iterator[float]:
        """Everything that is done, with how much of it is: a moment lies between two of them."""
        info, how = self._info, self._find.how
        match how:
            case Principal():
                if info.w_is_z:
                    raise UserError(
                        f"{info.name} has no mapping network: it draws from z itself, which "
                        "spreads equally in every direction.",
                        f"Find directions {'by SeFa, ' if info.has_styles else ''}{_ELSE}",
                    )
                spread = yield from self._spread(how.samples)
                axes = principal_axes(spread, self._find.count)
                title = f"PCA of {counted(spread.samples, 'sample')} of w"
                self._tell(title, self._named(axes, spread, "PC"))
            case StyleAxes():
                if not info.has_styles:
                    raise UserError(
                        f"SeFa looks at the styles of layers, and {info.name} has none.",
                        f"Find directions {_ELSE}",
                    )
                last = info.num_ws - 1 if how.last is None else min(how.last, info.num_ws - 1)
                found = style_axes(self._generator, range(how.first, last + 1), self._find.count)
                if found is None:
                    raise UserError(
                        f"No layer of {info.name} takes its style from "
                        f"{span(how.first, max(how.first, last), 'row')}.",
                        f"Its rows go from 0 to {info.num_ws - 1}.",
                    )
                spread = yield from self._spread(FEW)
                rows = f" of {span(how.first, last, 'row')}" if info.num_ws > 1 else ""
                components = self._named(found, spread, "SeFa", how.first, how.last)
                self._tell(f"SeFa{rows}", components)
            case BoundaryOf():
                yield from self._boundary(how)
            case DifferenceOf():
                spread = yield from self._spread(FEW)
                away = self._w(how.end) - self._w(how.start)
                if not away.any():
                    raise UserError("The two latents are the same.", "Choose another one.")
                away = away[:1] if (away == away[0]).all() else away
                vector = _scaled(away, spread)
                length = float(np.linalg.norm(np.frombuffer(vector, "<f4").astype(np.float64)))
                # What has no w is drawn from a z as long as before, which is not quite the end.
                arrival = None if info.w_is_z else float(np.linalg.norm(away)) / length
                component = Component(vector, "B − A")
                self._tell("Difference of two latents", (component,), arrival=arrival)
            case LayerAxes():
                yield from self._layer(how)
            case StylesOfRegion():
                spread = yield from self._spread(FEW)
                components = yield from region_channels(
                    self._find, how, self._inputs(how.request), spread, self._generator
                )
                if not components:
                    raise UserError(
                        "No style changes this part of the picture.", "Mark a larger part."
                    )
                self._tell(region_title(how.region), components)
            case NamedStyles():
                spread = yield from self._spread(FEW)
                self._tell("Style channels", named_channels(how, self._generator, info, spread))
            case FromFile():
                read = read_directions(how.path, info)
                count = len(read.names)
                places = range(count) if how.only is None else how.only
                if not all(0 <= place < count for place in places):
                    raise UserError(f"{how.path} holds only {counted(count, 'direction')}.")
                if isinstance(read, DirectionSet):
                    self.found = chosen(read, places)
                    return
                spread = yield from self._spread(FEW)
                measured = [_scaled(read.vectors[place], spread) for place in places]
                pairs = zip(measured, (read.names[place] for place in places), strict=True)
                self._tell(read.title, tuple(Component(*pair) for pair in pairs))

    def _boundary(self, how: BoundaryOf) -> Iterator[float]:
        if min(len(how.a), len(how.b)) < LEAST:
            raise UserError(
                f"A boundary takes {LEAST} pictures on each side.",
                "Ten or more of each are a good beginning.",
            )
        groups: tuple[list[Array], list[Array]] = [], []
        total = len(how.a) + len(how.b)
        for requests, group in zip((how.a, how.b), groups, strict=True):
            for request in requests:
                group.append(self._w(request).mean(0))
                yield 0.5 * (len(groups[0]) + len(groups[1])) / total
        if _rows_of(groups[0]) == _rows_of(groups[1]):
            raise UserError("The two groups are the same.", "Mark pictures that differ.")
        spread = yield from self._spread(FEW)
        parted = separate(np.stack(groups[0]), np.stack(groups[1]), self._find.seed)
        if not parted.boundary.normal.any():
            raise UserError("The two groups are the same.", "Mark pictures that differ.")
        vector = _scaled(parted.boundary.normal[None], spread)
        title = f"Boundary between {len(how.a)} and {len(how.b)} pictures"
        self._tell(title, (Component(vector, "A − B"),), parted.accuracy)

    def _layer(self, how: LayerAxes) -> Iterator[float]:
        names = [layer.name for layer in self._generator.layers]
        if how.layer not in names:
            raise UserError(
                f"{self._info.name} has no layer {how.layer!r}.", f"It has {', '.join(names)}."
            )
        label = self._find.label if self._generator.c_dim else None
        sampling = LayerSampling(self._generator, how.layer, how.samples, self._find.seed, label)
        while not sampling.finished:
            sampling.step()
            yield sampling.fraction
        axes = sampling.axes(self._find.count)
        if not len(axes.vectors):
            raise UserError(
                f"The output of {how.layer} is the same for every latent.", "Choose a later layer."
            )
        spread = yield from self._spread(FEW)
        title = f"PCA of {how.layer}, {counted(how.samples, 'sample')}"
        self._tell(title, self._named(axes, spread, "PC"))

    def _w(self, request: RenderRequest) -> Array:
        return self._latent(request).astype(np.float64)

    def _spread(self, samples: int) -> Steps[float, None, Spread]:
        """How w spreads, from memory or measured now."""
        find, generator = self._find, self._generator
        label = find.label if generator.c_dim else None
        name = mapping_digest(generator, samples, find.seed, label)
        spread = self._spreads.get(name)
        if spread is None:
            sampling = Sampling(generator, samples, find.seed, label)
            while not sampling.finished:
                sampling.step()
                yield sampling.fraction
            spread = sampling.spread()
            if not np.isfinite(spread.covariance).all():
                raise UserError(
                    f"{self._info.name} maps z to values that are not finite.",
                    "The snapshot may be damaged.",
                )
            self._spreads.put(name, spread)
        return spread

    def _named(
        self, axes: Axes, spread: Spread, name: str, first: int = 0, last: int | None = None
    ) -> tuple[Component, ...]:
        return tuple(
            Component(
                _scaled(vector[None], spread), f"{name} {i}", float(share), first=first, last=last
            )
            for i, (vector, share) in enumerate(zip(*axes, strict=True), 1)
        )

    def _tell(
        self,
        title: str,
        components: tuple[Component, ...],
        accuracy: float | None = None,
        arrival: float | None = None,
    ) -> None:
        info = self._info
        self.found = DirectionSet(
            title, info.w_dim, info.num_ws, components, accuracy, arrival, network=info.name
        )


def _rows_of(group: Sequence[Array]) -> set[bytes]:
    """What a group of latents consists of, in no order."""
    return {w.tobytes() for w in group}


def _scaled(vectors: Array, spread: Spread) -> bytes:
    """A direction [1 or num_ws, w_dim] as long as w spreads along it, as a request holds it.

    Where its rows differ, the mean square of those that are not 0 counts. Along one in which w
    never varies its own length stays.
    """
    square = np.square(vectors).sum(1)
    spread_square = square * np.square(spread.deviation(vectors))
    scale = 1.0
    if spread_square.sum() > 0:
        scale = np.sqrt(spread_square.sum() / square.sum() / square[square > 0].mean())
    return (vectors * scale).astype("<f4").tobytes()
