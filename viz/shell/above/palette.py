"""The command palette: type a few letters of anything the program can do, press Enter."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk.commands import Command, Desk, shown
from viz.ui.keys import take_key
from viz.ui.layout import align_right
from viz.ui.widgets import em

SHOWN = 12


def score(query: str, title: str) -> float | None:
    """Return how well the letters of `query` occur in order in `title`, None where they do not.

    Whole substrings count most, then letters at the starts of words, then letters close together.
    """
    query, text = query.lower(), title.lower()
    if not query:
        return 0.0
    at = text.find(query)
    if at >= 0:
        return 100.0 - at + (20.0 if at == 0 or text[at - 1] == " " else 0.0)
    total, position = 0.0, 0
    for letter in query.replace(" ", ""):
        found = text.find(letter, position)
        if found < 0:
            return None
        word_start = found == 0 or text[found - 1] == " "
        total += (3.0 if word_start else 1.0) - 0.1 * (found - position)
        position = found + 1
    return total


def matches(query: str, commands: tuple[Command, ...]) -> list[Command]:
    """Return the commands that match, the best first."""
    scored = [(score(query, c.title), i, c) for i, c in enumerate(commands)]
    kept = [(-s, i, c) for s, i, c in scored if s is not None]
    return [c for _, _, c in sorted(kept, key=lambda item: item[:2])]


class Palette:
    """Draws a list at the top of the window; Up and Down choose, Enter runs, Escape closes.

    visible: whether it is shown.
    """

    def __init__(self) -> None:
        self.visible = False
        self._query = ""
        self._chosen = 0
        self._appearing = False

    def open(self) -> None:
        """Show it with an empty line to type in."""
        self.visible, self._query, self._chosen, self._appearing = True, "", 0, True

    def close(self) -> None:
        """Hide it."""
        self.visible = False

    def draw(self, desk: Desk) -> None:
        """Draw it if it is open, and run what is chosen."""
        if not self.visible:
            return
        view = imgui.get_main_viewport()
        top = ImVec2(view.pos.x + view.size.x / 2, view.pos.y + em(3))
        imgui.set_next_window_pos(top, imgui.Cond_.always, ImVec2(0.5, 0))
        imgui.set_next_window_size(ImVec2(min(em(34), view.size.x * 0.9), 0))
        if self._appearing:
            imgui.set_next_window_focus()
        flags = (
            imgui.WindowFlags_.no_decoration
            | imgui.WindowFlags_.no_docking
            | imgui.WindowFlags_.no_saved_settings
            | imgui.WindowFlags_.no_move
        )
        imgui.push_style_color(
            imgui.Col_.window_bg, imgui.get_style_color_vec4(imgui.Col_.popup_bg)
        )
        imgui.begin("Command palette", None, flags)
        imgui.pop_style_color()
        run = self._draw_inside(desk)
        focused = imgui.is_window_focused(imgui.FocusedFlags_.root_and_child_windows)
        imgui.end()
        if run is not None:
            self.close()
            run.run(desk)
        elif not focused and not self._appearing:
            self.close()
        self._appearing = False

    def _draw_inside(self, desk: Desk) -> Command | None:
        if self._appearing:
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(-1)
        entered, query = imgui.input_text_with_hint(
            "##query",
            "Type a command",
            self._query,
            imgui.InputTextFlags_.enter_returns_true,
        )
        if query != self._query:
            self._query, self._chosen = query, 0
        found = [c for c in matches(self._query, desk.commands) if c.enabled(desk)]
        self._move(len(found))
        run = found[self._chosen] if entered and found else None
        first = max(0, min(self._chosen - SHOWN + 1, len(found) - SHOWN))
        for i, command in enumerate(found[first : first + SHOWN], first):
            where = f"{command.menu}: " if command.menu else ""
            clicked, _ = imgui.selectable(
                f"{where}{command.title}##{command.name}", i == self._chosen
            )
            if clicked:
                run = command
            for text in shown(command)[:1]:
                imgui.same_line()
                align_right(imgui.calc_text_size(text).x)
                imgui.text_disabled(text)
        if not found:
            imgui.text_disabled("No command of that name")
        return run

    def _move(self, count: int) -> None:
        for key, step in ((imgui.Key.down_arrow, 1), (imgui.Key.up_arrow, -1)):
            if take_key(key):
                self._chosen += step
        self._chosen = max(0, min(self._chosen, count - 1))
