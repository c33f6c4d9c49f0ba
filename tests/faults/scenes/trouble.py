"""Folders whose disk stalls, is read-only or is full: home, captures, and what is opened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.stand import Stand
from tests.faults.trouble import Kind
from tests.paths import DATA

KINDS: tuple[Kind, ...] = ("stalled", "read-only", "full")


def play(stand: Stand) -> None:
    """Take each trouble in turn, for as long as there is time, but each once."""
    run = stand.files / "run"
    run.mkdir()
    for name in ("stats.jsonl", "training_options.json"):
        shutil.copy(DATA / "earth64-run" / name, run)
    shutil.copy(DATA / "sg2-uncond-32.pkl", run / "network-snapshot-000040.pkl")
    while True:
        for kind in KINDS:
            stand.open(lambda stand, kind=kind: _troubled(stand, kind, run), session=stand.base)
            stand.trouble.end()
            stand.look()
        if not stand.goes_on:
            return


def _troubled(stand: Stand, kind: Kind, run: Path) -> None:
    app = stand.app
    actions = app.actions
    stand.picture()
    doings: list[tuple[str, Path, Callable[[], object]]] = [
        ("drop a run", stand.files, lambda: stand.gui.drop(run)),
        ("open a snapshot", stand.files, lambda: actions.open_snapshot(str(run))),
        ("watch a run", stand.files, lambda: actions.watch_run(str(run))),
        ("list files", stand.files, lambda: actions.browse("snapshot")),
        ("export", stand.captures, lambda: _export(stand)),
        ("capture", stand.captures, actions.capture_picture),
        ("record", stand.captures, actions.toggle_recording),
        ("save the session", stand.captures, lambda: actions.save_session(f"{stand.captures}/s")),
        ("save w", stand.captures, lambda: actions.save_w(f"{stand.captures}/w.npz")),
        ("bookmark", stand.home, actions.add_bookmark),
        ("change a setting", stand.home, lambda: actions.change_settings(theme="light")),
        ("reset the layout", stand.home, actions.reset_layout),
    ]
    for what, folder, do in stand.random.sample(doings, len(doings)):
        stand.record.tried(f"{what}, {folder.name} {kind}")
        stand.trouble.begin(folder, kind)
        stand.act(do)
        stand.gui.frames(20)
        stand.gui.keys("Escape")
        stand.gui.keys("Right")
        stand.until("frame after it", lambda: app.answered)
        stand.look()
        stand.trouble.end()
        stand.picture()
        stand.look()
    stand.record.tried(f"quit, home {kind}")
    stand.reset()
    stand.act(lambda: actions.change_settings(theme="dark"))
    stand.trouble.begin(stand.home, kind)


def _export(stand: Stand) -> None:
    from renderer.messages.jobs import Sheet

    sheets = (Sheet((stand.app.cell.now.render,)),)
    stand.app.actions.export(sheets, str(stand.captures / "still.png"))
