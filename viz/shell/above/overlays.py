"""What lies above the panels: the palette, help, exports, error messages, the picture alone."""

from __future__ import annotations

from imgui_bundle import imgui

from viz.desk.carried import Carried
from viz.desk.commands import Desk
from viz.export.dialog import ExportDialog
from viz.panels.journey.dropped import draw_label
from viz.shell.above.help import Help
from viz.shell.above.learning import Learning
from viz.shell.above.messages import Messages
from viz.shell.above.palette import Palette


class Overlays:
    """Draws them, and closes them all at once.

    picture_only: the picture covers the whole window.
    carried: what is being dragged from panel to panel.
    """

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self.palette = Palette()
        self.help = Help()
        self.export = ExportDialog()
        self.learning = Learning()
        self.picture_only = False
        self.carried = Carried()

    def draw(self, desk: Desk) -> None:
        """Draw those that are open, after all panels."""
        self.palette.draw(desk)
        self.help.draw(desk)
        self.export.draw(desk.context)
        self.learning.draw(desk)
        self._messages.draw_toasts()
        draw_label(self.carried)

    def close(self) -> bool:
        """Close what lies topmost above the panels, as Escape does; return whether there was any.

        A text that is being typed is left as it was before, and nothing else.
        """
        popup = imgui.PopupFlags_.any_popup_id | imgui.PopupFlags_.any_popup_level
        if imgui.is_popup_open("", popup):
            imgui.internal.close_popups_except_modals()
        elif self.palette.visible:
            self.palette.close()
        elif imgui.get_io().want_text_input:
            pass
        elif self.help.visible:
            self.help.close()
        elif self._messages.toasts:
            self._messages.dismiss()
        elif self.picture_only:
            self.picture_only = False
        else:
            return False
        return True
