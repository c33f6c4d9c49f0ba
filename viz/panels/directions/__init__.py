"""The panel *Directions*."""

from viz.panels.directions.panel import PANEL

__all__ = ["PANEL"]
