"""What a scene notes while it runs: one line of JSON a fact, so nothing is lost with its window.

A window that dies takes its memory with it; the lines that it has written stay.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Record:
    """Appends facts to a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def tried(self, what: str) -> None:
        """Note that something hostile begins: a file, a signal, a stalled folder."""
        self._write(tried=what)

    def fault(self, kind: str, text: str) -> None:
        """Note a fault.

        kind: `hung`, `died`, `raised`, `executed` or `disk`; see `tests.faults.tally.KINDS`.
        text: what happened, in one line.
        """
        self._write(fault=kind, text=text)

    def frame(self, seconds: float) -> None:
        """Note a frame that took longer than all before it."""
        self._write(frame=seconds)

    def waited(self, seconds: float) -> None:
        """Note for how long a picture was waited for."""
        self._write(waited=seconds)

    def end(self) -> None:
        """Note that the scene came to its end."""
        self._write(end=True)

    def _write(self, **fact: Any) -> None:
        self._file.write(json.dumps(fact) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the facts of a scene, without a last line that was cut off."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]
