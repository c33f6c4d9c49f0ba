"""Files that may be opened: pipes, sockets and devices can hold up whoever reads them for ever."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from common.errors import UserError

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def require_regular(path: str | Path) -> None:
    """Refuse what is there but neither a file nor a folder. Raises UserError naming its kind.

    What is not there, or cannot be looked at, passes: whoever opens it says so better.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    for is_kind, name in _KINDS:
        if is_kind(mode):
            raise UserError(f"{path} is {name}, not a file.", "Choose a file or a folder.")
