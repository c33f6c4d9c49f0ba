"""Measuring a snapshot beside the window: `visualizer.py metrics` in a process of its own.

The window has no torch. The process writes its value into the run's `metric-*.jsonl`, where the
Training panel finds it as it finds those of a training.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import psutil

from common.errors import UserError
from viz.desk.errands import Errand

PROGRAM = Path(__file__).parents[2] / "visualizer.py"
"""The command line: beside the package `viz`, in the repository as where it is installed."""
PROGRESS = "progress "
"""How lines begin that say how far it is: `progress 0.35 fakes`."""
KEPT = 12
"""Lines that are kept for telling why it failed."""


def measure(snapshot: str, metric: str, errand: Errand) -> str:
    """Measure a snapshot; return the values in words.

    Raises UserError with the process's own words where it fails, and Cancelled.
    """
    arguments = ["metrics", "--network", snapshot, "--metrics", metric, "--progress"]
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
        errors="replace",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    with process:
        _stay_behind(process.pid)
        errand.on_cancel(process.kill)
        said = _listen(process, errand)
        results = process.stdout.read() if process.stdout is not None else ""
    errand.check()
    if process.returncode:
        reason = _reason(said) or f"The process ended with {process.returncode}."
        raise UserError(reason, _remedy(reason, snapshot, metric))
    return _values(results)


def _stay_behind(pid: int) -> None:
    """Let pictures go first: they are waited for, and this is not."""
    with contextlib.suppress(psutil.Error, OSError):
        lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)
        psutil.Process(pid).nice(lower)


def _listen(process: subprocess.Popen[str], errand: Errand) -> Sequence[str]:
    """Hear how far it is until it ends; return the last lines that say something else."""
    said: deque[str] = deque(maxlen=KEPT)
    for line in process.stderr or ():
        if line.startswith(PROGRESS):
            fraction, _, text = line.removeprefix(PROGRESS).strip().partition(" ")
            with contextlib.suppress(ValueError):
                errand.tell(float(fraction), text)
        elif line.strip():
            said.append(line.strip())
    return tuple(said)


def _reason(said: Sequence[str]) -> str:
    """Why it failed: its error, which may have several lines, or else the last line."""
    last = next((i for i in reversed(range(len(said))) if said[i].startswith("Error: ")), -1)
    return " ".join(said[last:]).removeprefix("Error: ")


def _remedy(reason: str, snapshot: str, metric: str) -> str:
    """How to give what the menu does not ask for."""
    if "--" not in reason:
        return ""
    command = f"visualizer.py metrics --network {snapshot} --metrics {metric}"
    return f"The command in a terminal is: {command}"


def _values(lines: str) -> str:
    """The values in lines of JSON, in words: `fd2k_lite 31.2`."""
    found: dict[str, float] = {}
    for line in lines.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            found |= json.loads(line)["results"]
    return ", ".join(f"{n} {v:.4g}" for n, v in found.items() if not n.endswith("_floor"))
