"""Hostile files, dropped on the window or opened in any other way that there is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.hostile import Hostile
from tests.faults.stand import Stand

AT_LEAST = 25
"""So many files are tried, whatever time they take."""
TOGETHER = 25
"""After so many files the window has to prove that it still can do everything."""


def play(stand: Stand) -> None:
    """Open files for as long as there is time."""
    stand.open(_files, session=stand.base)


def _files(stand: Stand) -> None:
    stand.picture()
    hostile = Hostile(stand.random, stand.files)
    count = 0
    while stand.goes_on or count < AT_LEAST:
        path = hostile.make()
        name, use = stand.random.choice(_ways(stand, path))
        stand.record.tried(f"{name} {path.name}")
        renderer = stand.client.pid
        stand.act(use)
        stand.picture()
        if stand.client.pid != renderer:
            said = "; ".join(stand.client.log)[-200:]
            stand.record.fault("died", f"the renderer, by {path.name}: {said}")
        stand.alive()
        if hostile.canary.exists():
            stand.record.fault("executed", path.name)
            hostile.canary.unlink()
        stand.look()
        count += 1
        if count % TOGETHER == 0:
            _prove(stand)
        if count % 3 == 0:
            stand.reset()
            stand.act(lambda: stand.app.actions.watch_run(None))
        if not path.is_dir() or path.is_symlink():
            path.unlink()
        elif count % TOGETHER == 0:
            shutil.rmtree(path)
    _prove(stand)


def _ways(stand: Stand, path: Path) -> list[tuple[str, Callable[[], object]]]:
    actions, text = stand.app.actions, str(path)
    drop = ("drop", lambda: stand.gui.drop(path))
    if path.is_dir():
        return [drop, ("watch", lambda: actions.watch_run(text))]
    return [
        *[drop] * 3,
        ("open", lambda: actions.open_snapshot(text)),
        ("restore", lambda: actions.restore(text)),
        ("compare", lambda: actions.compare(text)),
        ("use w", lambda: actions.use_w(text)),
        ("mix w", lambda: actions.mix_w(text)),
    ]


def _prove(stand: Stand) -> None:
    """A picture comes and can be captured: neither workers nor renderer are held up."""
    stand.reset()
    stand.picture()
    if stand.app.feed.failures.get("main") is not None:
        stand.record.fault("hung", f"no picture any more: {stand.app.feed.failures['main']}")
    before = len(stand.app.lists.captured), stand.app.lists.captured[:1]
    stand.act(stand.app.actions.capture_picture)

    def captured() -> bool:
        return (len(stand.app.lists.captured), stand.app.lists.captured[:1]) != before

    stand.until("captured picture", captured)
