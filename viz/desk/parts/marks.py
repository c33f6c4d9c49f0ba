"""What is said of the snapshots of the watched run: the best by a metric, stars and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Marks:
    """What is said of snapshots, which are named by their paths.

    metric: the metric that they are judged by, empty where the run has none.
    best: the best by it, empty where none was measured.
    best_kimg: its kimg, None where there is none.
    best_value: its value, NaN where there is none.
    stars: those that the user gave a star.
    notes: what the user wrote about them.
    """

    metric: str = ""
    best: str = ""
    best_kimg: float | None = None
    best_value: float = float("nan")
    stars: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)

    def about(self, path: str) -> tuple[str, ...]:
        """What is said of a snapshot, in lines for a tooltip."""
        lines = []
        if path and path == self.best:
            lines.append(f"Best {self.metric}: {self.best_value:.4g}")
        if path in self.stars:
            lines.append("Starred")
        if note := self.notes.get(path, "").strip():
            lines.append(note)
        return tuple(lines)
