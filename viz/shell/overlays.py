"""What lies above the panels: the palette, the help page, error messages, the picture alone."""

from __future__ import annotations

from imgui_bundle import imgui

from viz.desk.commands import Desk
from viz.shell.help import Help
from viz.shell.messages import Messages
from viz.shell.palette import Palette


class Overlays:
    """Draws them, and closes them all at once.

    picture_only: the picture covers the whole window.
    """

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self.palette = Palette()
        self.help = Help()
        self.picture_only = False

    def draw(self, desk: Desk) -> None:
        """Draw those that are open, after all panels."""
        self.palette.draw(desk)
        self.help.draw(desk)
        self._messages.draw_toasts()

    def close(self) -> None:
        """Close whatever lies above the panels, as Escape does."""
        imgui.internal.close_popups_except_modals()
        self.palette.close()
        self.help.close()
        self._messages.dismiss()
        self.picture_only = False
