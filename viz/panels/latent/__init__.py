"""The panel *Latent*."""

from viz.panels.latent.panel import PANEL

__all__ = ["PANEL"]
