"""A picture on the system's clipboard, by the program that the system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from common.errors import UserError

TIME = 10.0
"""Seconds after which the program is given up."""
_MAC = 'set the clipboard to (read (POSIX file "{path}") as «class PNGf»)'
_WINDOWS = (
    "Add-Type -AssemblyName System.Windows.Forms, System.Drawing; "
    "$picture = [System.Drawing.Image]::FromFile('{path}'); "
    "[System.Windows.Forms.Clipboard]::SetImage($picture); $picture.Dispose()"
)


def copy_png(png: bytes) -> None:
    """Put a picture, as the bytes of a PNG, on the clipboard. It may take a second.

    Raises UserError where the system has no program for it or that fails, OSError where it cannot
    be started.
    """
    with tempfile.TemporaryDirectory(prefix="ganscope-") as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(png)
        with path.open("rb") as picture:
            try:
                done = subprocess.run(
                    command(path),
                    stdin=picture,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # they stay behind and would hold a pipe open
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                    timeout=TIME,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise UserError(f"The clipboard took no picture for {TIME:.0f} s.") from error
    if done.returncode:
        raise UserError(
            f"The clipboard took no picture ({Path(done.args[0]).name} ended with exit code "
            f"{done.returncode}).",
            "Capture it to a file (Ctrl+S).",
        )


def command(
    path: Path,
    *,
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
) -> list[str]:
    """Return what puts a PNG, at a path and on its input, on the clipboard of a platform.

    platform: as `sys.platform` names it. Raises UserError where there is no such program.
    """
    if platform == "win32":
        quoted = str(path).replace("'", "''")
        return ["powershell", "-NoProfile", "-STA", "-Command", _WINDOWS.format(path=quoted)]
    if platform == "darwin":
        return ["osascript", "-e", _MAC.format(path=path)]
    if environment.get("WAYLAND_DISPLAY") and (program := which("wl-copy")):
        return [program, "--type", "image/png"]
    if environment.get("DISPLAY") and (program := which("xclip")):
        return [program, "-selection", "clipboard", "-t", "image/png"]
    raise UserError(
        "There is no program that puts pictures on the clipboard.",
        "Install xclip, or wl-clipboard where the desktop is Wayland; or capture it (Ctrl+S).",
    )
