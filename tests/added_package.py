"""Modules that a test adds to a package for as long as it runs, as a contributor would for ever."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


@contextmanager
def added_to(package: ModuleType, folder: Path) -> Iterator[None]:
    """The modules and packages in `folder` are also in `package` inside this block."""
    prefix, before = f"{package.__name__}.", set(sys.modules)
    package.__path__.append(str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        package.__path__.remove(str(folder))
        for name in set(sys.modules) - before:
            if name.startswith(prefix) and str(folder) in str(sys.modules[name].__file__):
                del sys.modules[name]
                vars(package).pop(name.removeprefix(prefix), None)
