"""The panel *Discriminator*."""

from viz.panels.discriminator.panel import PANEL

__all__ = ["PANEL"]
