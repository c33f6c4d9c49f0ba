"""The panel *Truncation*."""

from viz.panels.truncation.panel import PANEL

__all__ = ["PANEL"]
