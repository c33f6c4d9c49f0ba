"""The scenes: each is a file with a function `play(stand)`, which opens windows and breaks things.

A scene is found by itself, and run under the name of its file.
"""

from __future__ import annotations

import importlib
import pkgutil

from tests.faults.stand import Stand


def names() -> list[str]:
    """Return the names of all scenes."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def play(name: str, stand: Stand) -> None:
    """Play a scene from beginning to end."""
    importlib.import_module(f"{__name__}.{name}").play(stand)
