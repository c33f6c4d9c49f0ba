"""The system's file manager, shown at a file."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from common.errors import UserError

START_TIME = 2.0
"""Seconds within which a file manager that cannot be started says so."""


def reveal(path: Path) -> None:
    """Show a file or folder in the system's file manager. A disk or a slow start may stall this.

    A folder is opened, a file is shown in its own. Raises OSError where there is no file manager,
    UserError where the file is gone or the manager could not be started.
    """
    if not path.exists():
        raise UserError(f"{path} is not there any more.")
    process = subprocess.Popen(
        command(path, is_folder=path.is_dir()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # it stays when the window is closed
    )
    try:
        code = process.wait(START_TIME)
    except subprocess.TimeoutExpired:
        # It is the file manager itself, which somebody has to reap when it is closed.
        threading.Thread(target=process.wait, name="file manager", daemon=True).start()
        return
    # Explorer returns 1 also where all is well.
    if code and sys.platform != "win32":
        raise UserError(f"The file manager ended with exit code {code}.", f"See {path}.")


def command(path: Path, *, is_folder: bool, platform: str = sys.platform) -> str | list[str]:
    """Return what starts the file manager of a platform (as `sys.platform` names it)."""
    if platform == "win32":
        # As one string: explorer has rules of its own for what is quoted.
        return f'explorer "{path}"' if is_folder else f'explorer /select,"{path}"'
    if platform == "darwin":
        return ["open", str(path)] if is_folder else ["open", "-R", str(path)]
    return ["xdg-open", str(path if is_folder else path.parent)]
