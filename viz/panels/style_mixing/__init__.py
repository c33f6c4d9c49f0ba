"""The panel *Style mixing*."""

from viz.panels.style_mixing.panel import PANEL

__all__ = ["PANEL"]
