"""Two windows in one home: both save, keep bookmarks and capture, and neither loses anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from tests.faults.stand import PATIENCE, Stand
from tests.paths import ROOT
from viz.disk.store import Store

SECOND = "FAULTS_SECOND"
"""Set in the environment of the second window."""


def play(stand: Stand) -> None:
    """Open a second window in a process of its own, and do in both the same things."""
    if os.environ.get(SECOND):
        stand.open(_busy, session=stand.base)
        return
    command = [sys.executable, "-m", "tests.faults.round", "two_windows", "7", str(stand.folder)]
    second = subprocess.Popen(
        [*command, "8"], cwd=ROOT, env=os.environ | {SECOND: "1"}, stdout=subprocess.DEVNULL
    )
    try:
        stand.open(_busy, session=stand.base)
        code = second.wait(4 * PATIENCE)
    except subprocess.TimeoutExpired:
        stand.record.fault("hung", "the second window does not end")
        return
    finally:
        if second.poll() is None:
            second.kill()
    if code != 0:
        stand.record.fault("died", f"the second window: exit code {code}")
    store = Store(stand.home, read_only=True)
    store.load_settings()
    store.load_session()
    for problem in store.problems:
        stand.record.fault("raised", f"left in the home: {problem}")
    for name in ("settings.json", "session.json"):
        json.loads((stand.home / name).read_text())


def _busy(stand: Stand) -> None:
    stand.picture()
    actions = stand.app.actions
    end = time.monotonic() + 5
    while stand.goes_on or time.monotonic() < end:
        stand.record.tried("change, bookmark and capture")
        scale = stand.random.choice((1.0, 1.25))
        stand.act(lambda scale=scale: actions.change_settings(scale=scale))
        stand.act(actions.add_bookmark)
        stand.act(actions.capture_picture)
        stand.gui.keys("Right")
        stand.picture()
        stand.look()
        marks = stand.app.bookmarks.items
        if len(marks) > 4:
            stand.act(lambda marks=marks: actions.remove_bookmark(marks[0].path))
            stand.picture()
