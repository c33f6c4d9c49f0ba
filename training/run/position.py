"""How far a run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Position:
    """nimg: real pictures shown; steps and ticks done; tick_start: nimg where this tick began."""

    nimg: int = 0
    step: int = 0
    tick: int = 0
    tick_start: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Position:
        return cls(**{field.name: int(document[field.name]) for field in fields(cls)})
