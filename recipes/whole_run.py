"""A run directory, read to its end."""

from __future__ import annotations

from pathlib import Path

from common.errors import UserError
from common.runs.follow import RunReader
from common.runs.state import RunState


def read_run(folder: Path) -> RunState:
    """All that the run directory says. Raises UserError where it is none."""
    reader = RunReader(folder)
    state = reader.poll()
    while state.reading:
        state = reader.poll()
    if not state.has_options:
        raise UserError(f"{folder} is no run directory.", "Name the folder that `train` made.")
    return state
