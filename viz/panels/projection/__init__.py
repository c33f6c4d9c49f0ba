"""The panel *Projection*."""

from viz.panels.projection.panel import PANEL

__all__ = ["PANEL"]
