"""What came of all scenes together, as a table for people and as JSON for programs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "executed": "something in a file was run, or a program was started that nobody asked for",
    "hung": "a frame took more than a second, or no picture came in the time that is stated",
    "died": "the window ended, or the renderer ended by a file",
    "raised": "an exception that nobody foresaw was caught by the window",
    "disk": "the window's thread touched the folder in trouble",
}
"""The kinds of faults, and what each stands for."""


@dataclass
class Row:
    """What came of the rounds of one scene.

    rounds: how often a window was opened for it.
    tried: hostile files, signals and troubles.
    faults: their descriptions by kind.
    frame: the longest frame in seconds.
    waited: the longest wait for a picture in seconds.
    """

    rounds: int = 0
    tried: int = 0
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    frame: float = 0.0
    waited: float = 0.0


@dataclass
class Tally:
    """Counts what scenes have noted, by scene."""

    rows: dict[str, Row] = field(default_factory=dict)

    def add(self, scene: str, seed: int, facts: list[dict[str, Any]], ended: str) -> None:
        """Count one round.

        facts: what it noted.
        ended: how its process ended where it did not come to its end; empty otherwise.
        """
        row = self.rows.setdefault(scene, Row())
        row.rounds += 1
        last = ""
        for fact in facts:
            if "tried" in fact:
                row.tried += 1
                last = fact["tried"]
            elif "fault" in fact:
                row.faults[fact["fault"]].append(f"seed {seed}, {last}: {fact['text']}")
            row.frame = max(row.frame, fact.get("frame", 0.0))
            row.waited = max(row.waited, fact.get("waited", 0.0))
        if ended:
            kind = "hung" if ended == "no end" else "died"
            row.faults[kind].append(f"seed {seed}, {last}: the window: {ended}")

    @property
    def faults(self) -> list[str]:
        """All faults, each in one line."""
        return [
            f"{scene}: {kind}: {text}"
            for scene, row in self.rows.items()
            for kind, texts in row.faults.items()
            for text in texts
        ]

    def table(self) -> str:
        """Return the table, and below it the faults."""
        titles = ["scene", "rounds", "tried", *KINDS, "longest frame", "longest wait"]
        lines = [titles]
        total = Row()
        for scene, row in sorted(self.rows.items()):
            lines.append(_line(scene, row))
            total.rounds += row.rounds
            total.tried += row.tried
            total.frame = max(total.frame, row.frame)
            total.waited = max(total.waited, row.waited)
            for kind, texts in row.faults.items():
                total.faults[kind] += texts
        lines.append(_line("all", total))
        widths = [max(len(line[i]) for line in lines) for i in range(len(titles))]
        rows = ["  ".join(f"{c:>{w}}" for c, w in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([*rows, "", *self.faults]) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Return the same for `json.dump`."""
        return {
            scene: {
                "rounds": row.rounds,
                "tried": row.tried,
                **{kind: len(row.faults[kind]) for kind in KINDS},
                "longest_frame_ms": round(1e3 * row.frame, 1),
                "longest_wait_s": round(row.waited, 1),
                "faults": dict(row.faults),
            }
            for scene, row in sorted(self.rows.items())
        }


def _line(name: str, row: Row) -> list[str]:
    counts = [str(len(row.faults[kind])) for kind in KINDS]
    return [
        name,
        str(row.rounds),
        str(row.tried),
        *counts,
        f"{1e3 * row.frame:.0f} ms",
        f"{row.waited:.1f} s",
    ]
