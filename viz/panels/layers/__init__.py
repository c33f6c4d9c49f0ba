"""The panel *Layers*."""

from viz.panels.layers.panel import PANEL

__all__ = ["PANEL"]
