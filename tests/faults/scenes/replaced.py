"""The snapshot on the screen is cut off, replaced, removed or locked, while it is shown."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from renderer.messages.request import Seed
from tests.faults.hostile import Hostile
from tests.faults.stand import Stand
from tests.paths import DATA

GOOD = (DATA / "sg2-uncond-32.pkl", DATA / "sg2-cond-16.pkl")


def play(stand: Stand) -> None:
    """Change the file under the window for as long as there is time."""
    run = stand.files / "run"
    run.mkdir()
    path = run / "network-snapshot-000040.pkl"
    shutil.copy(GOOD[0], path)
    for name in ("stats.jsonl", "training_options.json"):
        shutil.copy(DATA / "earth64-run" / name, run)
    session = stand.base.with_render(snapshot=str(path))
    stand.open(lambda stand: _replace(stand, path), session=session)


def _replace(stand: Stand, path: Path) -> None:
    stand.picture()
    hostile = Hostile(stand.random, stand.files)
    while True:
        for what in ("cut off", "rewritten in place", "replaced", "removed", "a folder", "locked"):
            stand.record.tried(what)
            _do(what, stand, hostile, path)
            for _ in range(3):
                render = stand.app.cell.now.render
                seed = Seed(stand.random.randrange(1000))
                session = stand.app.cell.now.with_render(source=seed, snapshot=render.snapshot)
                stand.act(lambda session=session: stand.app.cell.set(session))
                stand.gui.frames(5)
            if stand.random.random() < 0.5:
                stand.restart()
            stand.picture()
            if path.is_dir():
                path.rmdir()
            replace(path, GOOD[0])
            stand.act(lambda: stand.app.actions.open_snapshot(str(path)))
            stand.picture()
            stand.until("picture of the good file", lambda: not stand.app.feed.failures)
            stand.alive()
            stand.look()
        if not stand.goes_on:
            return


def _do(what: str, stand: Stand, hostile: Hostile, path: Path) -> None:
    good = stand.random.choice(GOOD)
    match what:
        case "cut off":
            os.truncate(path, stand.random.randrange(path.stat().st_size))
        case "rewritten in place":
            path.write_bytes(hostile.broken(good.read_bytes()))
        case "replaced":
            replace(path, good)
        case "removed":
            path.unlink()
        case "a folder":
            path.unlink()
            path.mkdir()
        case _:
            path.chmod(0)


def replace(path: Path, by: Path) -> None:
    """Put a copy of a file in the place of another in one step."""
    beside = path.with_suffix(".new")
    shutil.copy(by, beside)
    os.replace(beside, path)
