"""Where what can be computed again is kept for the next time."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder(name: str) -> Path:
    """A folder of this name in the user's cache, or in GANSCOPE_HOME; it need not be there yet."""
    home = os.environ.get("GANSCOPE_HOME")
    if home:
        return Path(home) / "cache" / name
    return Path(platformdirs.user_cache_dir("ganscope", False)) / name
