"""Control: which knobs and messages move what, and where they come from."""

from viz.panels.control.panel import PANEL

__all__ = ["PANEL"]
