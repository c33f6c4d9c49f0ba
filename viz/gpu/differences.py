"""Differences of frames, computed on the worker threads and shown as textures."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np

from renderer.messages.request import RenderRequest
from renderer.pictures import compose
from renderer.transport.shared_memory import Pixels
from viz.gpu.pictures import Difference, Frame
from viz.gpu.texture import Texture

Asked: TypeAlias = tuple[weakref.ref[Frame], weakref.ref[Frame], float]
"""The first and the second frame, and the gain. A draft and the exact picture are of one request,
and so is what a file held before it was written anew."""
Result: TypeAlias = tuple[Pixels, compose.DifferenceNumbers]
"""A difference as a picture, [height, width, 4] uint8, and its numbers."""


class Run(Protocol):
    """How work gets onto a thread, as `viz.desk.tasks.Tasks.run` does it."""

    def __call__(
        self,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Call `work` on a thread, then on this one `done` with its result, or `failed`."""


@dataclass
class _Place:
    """A place where a difference is shown.

    texture: holds its newest picture.
    asked: what is computed, or was last.
    busy: it is being computed.
    newest: what is shown, None before the first is computed.
    pixels: copies of the frames that are subtracted, [height, width, 4] uint8 each.
    """

    texture: Texture
    asked: Asked | None = None
    busy: bool = False
    newest: Difference | None = None
    pixels: list[Pixels] = field(default_factory=list)


class Differences:
    """The `Differ` that works. For each place it computes one difference at a time, the newest.

    run: calls a function on a thread, and then another with its result on this one.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places: dict[str, _Place] = {}

    def difference(self, key: str, first: Frame, second: Frame, gain: float) -> Difference | None:
        """Return the newest difference of a place; see `Context.difference`.

        Where a frame is new, this costs the thread of the window two copies.
        """
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = _Place(Texture())
        of = first.request, second.request
        if not place.busy and not _is(place.asked, first, second, gain):
            place.asked, place.busy = (weakref.ref(first), weakref.ref(second), gain), True
            one, two = place.pixels = _copied((first.pixels, second.pixels), place.pixels)
            self._run(
                lambda: _subtract(one, two, gain),
                lambda result: self._show(place, of, *result),
                lambda error: self._free(place),
            )
        return place.newest

    def _free(self, place: _Place) -> None:
        """Let the next difference be asked for: this one took too long, and may yet read pixels."""
        place.asked, place.busy, place.pixels = None, False, []

    def _show(
        self,
        place: _Place,
        of: tuple[RenderRequest, RenderRequest],
        picture: Pixels,
        numbers: compose.DifferenceNumbers,
    ) -> None:
        place.busy = False
        place.texture.upload(picture)
        height, width = picture.shape[:2]
        place.newest = Difference(of, numbers, place.texture.name, width, height)


def _is(asked: Asked | None, first: Frame, second: Frame, gain: float) -> bool:
    """Whether it was these very frames that were asked about."""
    if asked is None:
        return False
    return asked[0]() is first and asked[1]() is second and asked[2] == gain


def _copied(pictures: Sequence[Pixels], into: list[Pixels]) -> list[Pixels]:
    """Copy the pictures, into the last copies where they fit: fresh memory is slow to touch."""
    if [copy.shape for copy in into] != [picture.shape for picture in pictures]:
        into = [np.empty_like(picture) for picture in pictures]
    for copy, picture in zip(into, pictures, strict=True):
        np.copyto(copy, picture)
    return into


def _subtract(first: Pixels, second: Pixels, gain: float) -> Result:
    first, second = compose.same_size((first, second), how="lanczos")
    return compose.difference(first, second, gain), compose.difference_numbers(first, second)
