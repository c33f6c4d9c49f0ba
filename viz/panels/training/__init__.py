"""The panel *Training*."""

from viz.panels.training.panel import PANEL

__all__ = ["PANEL"]
