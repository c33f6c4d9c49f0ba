"""The help page (F1): how to begin, and every shortcut, out of the table of commands."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk.commands import Desk, shown
from viz.ui import theme
from viz.ui.widgets import em

HOW_TO = (
    ("Open", "drop a snapshot, a run directory or a captured PNG on the window."),
    ("Explore", "drag on the picture to move through the plane of seeds; the wheel zooms."),
    ("Move", "Ctrl+Shift+drag shifts what is in the picture, where it is a StyleGAN3 or -XL."),
    ("Shape", "truncation trades variety for quality; mixing takes layers from other latents."),
    ("Look inside", "choose a layer to see its channels; scale or silence them."),
    ("Compare", "Y shows several snapshots at one latent; Shift+Y keeps what is now beside it."),
    (
        "Reset",
        "right-click puts a control's default back; Ctrl+click types a number into a slider.",
    ),
    ("Control", "right-click a control's name to have a knob or OSC move it: Control by…"),
    ("Perform", "F11 shows the picture alone on the other display; Escape leaves it."),
    ("Keep", "captured pictures carry their session: drop one here to have it all back."),
)
"""What people do with the program, with how they do it."""

COLUMNS = (("File", "Timeline"), ("Picture", "Help"), ("Edit", "View", "Compare"))
"""The menus whose shortcuts are listed, in three columns."""


class Help:
    """Draws the help page over the whole window.

    visible: whether it is shown.
    """

    def __init__(self) -> None:
        self.visible = False

    def toggle(self) -> None:
        """Show it, or hide it."""
        self.visible = not self.visible

    def close(self) -> None:
        """Hide it."""
        self.visible = False

    def draw(self, desk: Desk) -> None:
        """Draw it, if it is shown."""
        if not self.visible:
            return
        view = imgui.get_main_viewport()
        center = ImVec2(view.pos.x + view.size.x / 2, view.pos.y + view.size.y / 2)
        size = ImVec2(min(em(74), view.size.x * 0.95), min(em(51), view.size.y * 0.92))
        imgui.set_next_window_pos(center, imgui.Cond_.appearing, ImVec2(0.5, 0.5))
        imgui.set_next_window_size(size, imgui.Cond_.appearing)
        flags = (
            imgui.WindowFlags_.no_docking
            | imgui.WindowFlags_.no_collapse
            | imgui.WindowFlags_.no_saved_settings
        )
        _, opened = imgui.begin("Help", True, flags)
        self.visible = bool(opened)
        for title, text in HOW_TO:
            _row(title, text, em(7))
        if imgui.begin_table("shortcuts", len(COLUMNS), imgui.TableFlags_.sizing_stretch_same):
            for column in COLUMNS:
                imgui.table_next_column()
                for menu in column:
                    _shortcuts(menu, desk)
            imgui.end_table()
        imgui.end()


def _shortcuts(menu: str, desk: Desk) -> None:
    imgui.separator_text(menu)
    for command in desk.commands:
        if command.menu == menu and command.keys:
            _row(" or ".join(shown(command)), command.title, em(11))


def _row(left: str, right: str, width: float) -> None:
    start = imgui.get_cursor_pos_x()
    imgui.push_style_color(imgui.Col_.text, theme.color(theme.current().accent))
    imgui.text_unformatted(left)
    imgui.pop_style_color()
    imgui.same_line()
    imgui.set_cursor_pos_x(start + width)
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted(right)
    imgui.pop_text_wrap_pos()
