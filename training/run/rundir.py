"""The run directory: names and files that our monitor and tools made for NVIDIA's both read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from common.errors import UserError, reason
from common.files import cannot_write, make_folder, write_atomically
from common.runs import locate, stats
from common.runs.names import LOG, OPTIONS, STATS, snapshot_name
from common.snapshot_files import OURS
from training.run.stats import Line

STATE: Final = "training-state.safetensors"
TICK: Final = "Progress/tick"


def next_name(outdir: Path, description: str) -> str:
    """`00007-…`: one above the highest number in `outdir`, where there may be no folder yet."""
    names = os.listdir(outdir) if outdir.is_dir() else []
    numbers = [int(found[0]) for name in names if (found := re.match(r"\d{1,9}", name))]
    safe = re.sub(r"[^\w.+-]+", "_", description)[:120]
    return f"{max(numbers, default=-1) + 1:05d}-{safe}"


def create(outdir: str | Path, description: str) -> RunDir:
    """Make a new run directory in `outdir`. Raises UserError where that cannot be."""
    parent = make_folder(outdir)
    while True:
        path = parent / next_name(parent, description)
        try:
            path.mkdir()
        except FileExistsError:
            continue  # somebody else started a run just now
        except OSError as error:
            raise UserError(f"Cannot make the folder {path}: {reason(error)}.") from error
        return RunDir(path)


class RunDir:
    """Writes the files of one run; on the first rank alone. Raises UserError where it cannot."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def state(self) -> Path:
        """All that an exact continuation needs, where it goes on included; replaced as a whole."""
        return self.path / STATE

    def snapshot(self, kimg: int, suffix: str = OURS) -> Path:
        """Where the snapshot at `kimg` is written. suffix: of its format."""
        return self.path / snapshot_name(kimg, suffix)

    def fakes(self, kimg: int | None) -> Path:
        """The grid of generated pictures at `kimg`; None: before training."""
        return self.path / ("fakes_init.png" if kimg is None else f"fakes{kimg:06d}.png")

    def write_options(self, options: Mapping[str, Any]) -> None:
        """Write training_options.json."""
        text = json.dumps(options, indent=2, ensure_ascii=False) + "\n"
        write_atomically(self.path / OPTIONS, text.encode())

    def log(self, text: str) -> None:
        """Add a line to log.txt."""
        self._append(LOG, text + "\n")

    def append_stats(self, line: Mapping[str, Any]) -> None:
        """Add a line to stats.jsonl: `{"Progress/kimg": {"num", "mean", "std"}, …}`."""
        self._append(STATS, json.dumps(line) + "\n")

    def append_metric(self, metric: str, line: Mapping[str, Any]) -> None:
        """Add a line to metric-NAME.jsonl; half a line that somebody left there is closed first."""
        name = f"metric-{metric}.jsonl"
        whole = not (self.path / name).exists() or (self.path / name).read_bytes()[-1:] in b"\n"
        self._append(name, ("" if whole else "\n") + json.dumps(line) + "\n")

    def stats_size(self) -> int:
        """The bytes of stats.jsonl; 0 where there is none yet."""
        path = self.path / STATS
        return path.stat().st_size if path.exists() else 0

    def waiting(self, document: Mapping[str, Any]) -> tuple[Line | None, int]:
        """The line of statistics that waits for its metrics, and the size of stats.jsonl before it.

        document: that of a state. The line is None where none waits or it was written since; then
        the size includes it.
        """
        line, size = document.get("pending"), int(document["stats_size"])
        path = self.path / STATS
        if line is None or not path.exists():
            return line, size
        with path.open("rb") as file:
            file.seek(size)
            written = file.readline()
        if written.endswith(b"\n") and stats.parse(written).get(TICK) == line[TICK]["mean"]:
            return None, size + len(written)
        return line, size

    def rewind_stats(self, size: int) -> None:
        """Drop the lines that a continued run will write again, and half a line at the end."""
        path = self.path / STATS
        if path.exists():
            os.truncate(path, path.read_bytes().rfind(b"\n", 0, size) + 1)

    def thin(self, keep: int, suffix: str = OURS) -> list[Path]:
        """Remove all but the newest `keep` of the run's snapshots; returns those removed.

        suffix: of the format that it writes. Raises UserError where one of them cannot be, after
        the others are.
        """
        ours = [s.path for s in locate.snapshots(self.path) if s.path.suffix == suffix]
        removed = ours[: max(len(ours) - keep, 0)]
        stays: UserError | None = None
        for path in removed:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:  # on Windows somebody who looks at it is enough
                stays = UserError(f"Cannot remove {path}: {reason(error)}.")
        if stays is not None:
            raise stays
        return removed

    def _append(self, name: str, text: str) -> None:
        # A full disk can take half a line: what does not fit whole is taken back.
        path = self.path / name
        try:
            with path.open("ab") as file:
                size = file.seek(0, os.SEEK_END)
                try:
                    file.write(text.encode())
                    file.flush()
                except OSError:
                    os.truncate(path, size)
                    raise
        except OSError as error:
            raise cannot_write(path, error) from error
