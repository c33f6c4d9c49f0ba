"""Runs of three snapshots for tests of what the window says of them, and the window that has one.

folder = make_run(tmp_path / "00003-faces-auto")
measured(folder, "fd2k_lite", {8: 40.0, 16: 22.5})
drive(test, panels=…, session=begun(folder))    # and in the test: known(gui)
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.common.runs.run_folders import REAL, START, line
from viz.session.session import Session

WHOLE = b"\x80\x04N."
"""A snapshot that is whole, as far as can be told from outside."""


def make_run(folder: Path, begun: float = START) -> Path:
    """Make a run with ticks every 4 kimg up to 40, and snapshots at 8, 16 and 24.

    begun: when its first tick was, in seconds since 1970.
    """
    folder.mkdir()
    shutil.copy(REAL / "training_options.json", folder)
    (folder / "stats.jsonl").write_bytes(
        b"".join(line(k, begun + 60 * k, p=k / 100, Loss__r1_penalty=1.0) for k in range(0, 44, 4))
    )
    for kimg in (8, 16, 24):
        (folder / f"network-snapshot-{kimg:06}.pkl").write_bytes(WHOLE)
    return folder


def measured(run: Path, name: str, values: dict[int, float]) -> None:
    """Add values of a metric, by kimg."""
    with (run / f"metric-{name}.jsonl").open("a") as file:
        for kimg, value in values.items():
            snapshot = f"network-snapshot-{kimg:06}.pkl"
            print(json.dumps({"results": {name: value}, "snapshot_pkl": snapshot}), file=file)


def at(run: Path, kimg: int) -> str:
    """The snapshot at so many kimg."""
    return str(run / f"network-snapshot-{kimg:06}.pkl")


def begun(run: Path) -> Session:
    """A session that shows the newest snapshot of a run."""
    return Session().with_render(snapshot=at(run, 24))


def known(gui) -> None:
    """Until the run has been read, the Timeline stands open, and all is drawn."""
    gui.until(lambda: bool(gui.context.snapshots))
    gui.focus("Timeline")
    gui.settle()
