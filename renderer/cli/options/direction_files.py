"""Files of directions that options and arguments name: what is in each is looked up once, and only
what is used is measured, for which files of other programs are read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import UserError
from common.progress import never
from renderer.messages.directions import Component, DirectionSet, Find, FromFile, How, chosen
from renderer.messages.engine import Engine
from renderer.messages.model import ModelInfo

if TYPE_CHECKING:
    from renderer.pipeline.latents.direction_files import Foreign


class DirectionFiles:
    """Sets, and files of other programs, for one network.

    Where a set was found in another network, that is said once on stderr.
    """

    def __init__(self, pipeline: Engine, model: ModelInfo) -> None:
        self._pipeline, self._model = pipeline, model
        self._read: dict[str, DirectionSet | Foreign] = {}

    def names(self, path: str) -> list[str]:
        """What the directions of a file are called. Raises UserError."""
        return self._file(path).names

    def only(self, path: str, places: Sequence[int]) -> DirectionSet:
        """Some of the directions of a file, by their places from 0. Raises UserError."""
        read = self._file(path)
        if isinstance(read, DirectionSet):
            return chosen(read, places)
        return searched(FromFile(path, tuple(places)), self._pipeline, self._model)

    def component(self, path: str, which: str, option: str) -> Component:
        """The direction of a file by its place from 0, or by its name.

        option: what errors name first. Raises UserError.
        """
        place = numbered(self.names(path), which, option)
        return self.only(path, (place,)).components[0]

    def _file(self, path: str) -> DirectionSet | Foreign:
        known = self._read.get(path)
        if known is None:
            # Not at the top: it brings torch, which what only tells of wrong words need not wait
            # for.
            from renderer.pipeline.latents.direction_files import read_directions

            known = self._read[path] = read_directions(path, self._model)
            if isinstance(known, DirectionSet) and known.network not in ("", self._model.name):
                click.echo(
                    f"{Path(path).name}: found in {known.network}, not in {self._model.name}.",
                    err=True,
                )
        return known


def searched(how: How, pipeline: Engine, model: ModelInfo) -> DirectionSet:
    """What is found by quick means, without a bar. Raises UserError."""
    finding = pipeline.find_directions(Find(model.path, how), never)
    while finding.found is None:
        finding.step()
    return finding.found


def numbered(names: Sequence[str], which: str, option: str) -> int:
    """The place of a direction that is named by it, from 0, or by its name. Raises UserError."""
    if which in names:
        return names.index(which)
    if not (which.isascii() and which.isdigit() and int(which) < len(names)):
        shown = ", ".join(f"{i} {name}" for i, name in enumerate(names[:8]))
        more = " …" if len(names) > 8 else ""
        raise UserError(f"{option}: there is no direction {which!r}.", f"There are: {shown}{more}.")
    return int(which)
