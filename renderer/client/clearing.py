"""Clearing up after jobs that a renderer did not live to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

from renderer.messages.jobs import Work

_PAUSES = (0.0, 0.1, 0.4, 1.5, 5.0)
"""Seconds before each try: a program that a process was just starting when it was killed
holds the process's locks until it has begun."""


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

    for pause in _PAUSES:
        time.sleep(pause)
        folders = [folder for folder in folders if not sweep(folder)]
        if not folders:
            return
