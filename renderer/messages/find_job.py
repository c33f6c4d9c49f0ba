"""Finding directions as a job of the renderer. It ends with a `DirectionSet`."""

from __future__ import annotations

from typing import ClassVar

from renderer.messages.directions import Find
from renderer.messages.jobs import Work


class FindDirections(Work, frozen=True, tag="find_directions"):
    """Find directions in the network of `find`. path: the file of the network, or of the set."""

    unfinished: ClassVar[str] = "the directions were found"

    find: Find
