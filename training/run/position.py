"""The position of a run, which its state keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Position:
    """How far a run is.

    nimg: real pictures shown, of all ranks together.
    step: steps done.
    tick: ticks done.
    tick_start: how many pictures had been shown when this tick began.
    """

    nimg: int = 0
    step: int = 0
    tick: int = 0
    tick_start: int = 0

    def as_json(self) -> dict[str, int]:
        """The position as the document of a state holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Position:
        """The position out of the document of a state, which holds more. Raises KeyError."""
        return cls(**{field.name: int(document[field.name]) for field in fields(cls)})
