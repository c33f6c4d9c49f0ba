"""The panels: every file or folder here that exports `PANEL` is one, and is found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from viz.desk.panel import Panel


def discover() -> tuple[Panel, ...]:
    """Find every PANEL in this folder; return them in the order of their docks and tabs."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(sorted((m.PANEL for m in modules), key=lambda panel: (panel.dock, panel.order)))
