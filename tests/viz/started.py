"""The program as a user starts it: a process of its own, without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT


def start(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `visualizer.py` in a folder that is also the user's; environment: further variables."""
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env.update(environment, GANSCOPE_HOME=str(folder / "home"), PYTHONIOENCODING="utf-8")
    return subprocess.run(
        [sys.executable, str(ROOT / "visualizer.py"), *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
