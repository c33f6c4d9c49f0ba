"""What the files of a folder offer, found by itself: a new file takes part by being there."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def exported(package: str, name: str) -> list[Any]:
    """What the modules of a package call `name`, by the order of their own names.

    Modules without it are passed over.
    """
    folder = importlib.import_module(package)
    modules = [
        importlib.import_module(f"{package}.{found.name}")
        for found in pkgutil.iter_modules(folder.__path__)
    ]
    return [getattr(module, name) for module in modules if hasattr(module, name)]
