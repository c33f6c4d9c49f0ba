"""The panel *Journey*."""

from viz.panels.journey.panel import PANEL

__all__ = ["PANEL"]
