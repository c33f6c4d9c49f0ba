"""The panel *Contact sheet*."""

from viz.panels.contact_sheet.panel import PANEL

__all__ = ["PANEL"]
