"""Clearing up after jobs that a renderer did not live to end."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from renderer.messages.jobs import Work


def clear_up(lost: Iterable[Work]) -> threading.Thread:
    """Remove the hidden folders of jobs whose process has ended.

    It is done in a thread, which is returned running: a network disk may take long.
    """
    folders = {
        Path(work.path).expanduser().absolute().parent for work in lost if work.uses_workspace
    }
    thread = threading.Thread(target=_sweep, args=(folders,), name="clearing up", daemon=True)
    thread.start()
    return thread


def _sweep(folders: Iterable[Path]) -> None:
    # Imported where it is needed: its locks take a tenth of a second of every start.
    from renderer.pictures.workspace import sweep

    for folder in folders:
        sweep(folder)
