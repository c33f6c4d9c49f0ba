"""The panel *Timeline*."""

from viz.panels.timeline.panel import PANEL

__all__ = ["PANEL"]
