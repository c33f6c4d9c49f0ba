"""A home full of broken files: settings, session, layout and bookmarks; opened again and again."""

from __future__ import annotations

from msgspec import structs

from tests.faults.hostile import Hostile
from tests.faults.stand import Stand
from viz.desk.settings import Settings
from viz.disk.store import encode


def play(stand: Stand) -> None:
    """Open a window at least once, and then for as long as there is time."""
    hostile = Hostile(stand.random, stand.files)
    while True:
        _spoil(stand, hostile)
        stand.open(_look_around)
        if hostile.canary.exists():
            stand.record.fault("executed", "a file in the home")
            hostile.canary.unlink()
        if not stand.goes_on:
            return


def _spoil(stand: Stand, hostile: Hostile) -> None:
    settings = structs.replace(Settings(), capture_folder=str(stand.captures))
    bookmarks = stand.home / "bookmarks"
    bookmarks.mkdir(exist_ok=True)
    files = {
        "settings.json": hostile.broken(encode(settings)),
        "session.json": hostile.session(),
        "layout.ini": hostile.broken(_layout(stand)),
    }
    for name, data in files.items():
        stand.record.tried(name)
        (stand.home / name).write_bytes(data)
    for old in bookmarks.iterdir():
        old.unlink()
    for _ in range(4):
        made = hostile.make()
        if made.is_dir():
            continue
        stand.record.tried(f"bookmark {made.name}")
        made.rename(bookmarks / f"{made.stem}.png")


def _layout(stand: Stand) -> bytes:
    path = stand.home / "layout.ini"
    known = path.read_bytes() if path.is_file() else b""
    return known or b"[Window][Picture]\nPos=0,0\nSize=400,300\nCollapsed=0\n"


def _look_around(stand: Stand) -> None:
    stand.picture()
    stand.alive()
    for panel in stand.app.panels:
        stand.act(lambda title=panel.title: stand.app.host.focus_panel(title))
        stand.gui.frames(3)
        stand.look()
    stand.picture()
    stand.reset()
    stand.picture()
    stand.act(stand.app.actions.add_bookmark)
    stand.picture()
