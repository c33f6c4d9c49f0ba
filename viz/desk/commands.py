"""Every named action: one entry makes its menu item, its shortcuts and its place in the palette.

Shortcuts are written as users read them (`Ctrl+Shift+Z`); Ctrl is Cmd on a Mac.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgui_bundle import imgui

if TYPE_CHECKING:
    from viz.shell.app import App

_MODS = {
    "Ctrl": imgui.Key.mod_ctrl,
    "Shift": imgui.Key.mod_shift,
    "Alt": imgui.Key.mod_alt,
}
_KEYS = {
    "Space": imgui.Key.space,
    "Left": imgui.Key.left_arrow,
    "Right": imgui.Key.right_arrow,
    "Up": imgui.Key.up_arrow,
    "Down": imgui.Key.down_arrow,
    "Home": imgui.Key.home,
    "End": imgui.Key.end,
    "[": imgui.Key.left_bracket,
    "]": imgui.Key.right_bracket,
    ",": imgui.Key.comma,
    ".": imgui.Key.period,
    "Escape": imgui.Key.escape,
    "Plus": imgui.Key.equal,
    "Minus": imgui.Key.minus,
    "KeypadPlus": imgui.Key.keypad_add,
    "KeypadMinus": imgui.Key.keypad_subtract,
    "Tab": imgui.Key.tab,
    **{str(n): getattr(imgui.Key, f"_{n}") for n in range(10)},
    **{f"F{n}": getattr(imgui.Key, f"f{n}") for n in range(1, 13)},
    **{letter.upper(): getattr(imgui.Key, letter) for letter in "abcdefghijklmnopqrstuvwxyz"},
}


def _always(app: App) -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """name: what panels and tests call it. menu: empty = only in the palette.

    repeats: holding the key repeats it. new_group: a line above it in the menu.
    """

    name: str
    title: str
    menu: str
    run: Callable[[App], None]
    keys: tuple[str, ...] = ()
    about: str = ""
    enabled: Callable[[App], bool] = _always
    checked: Callable[[App], bool] | None = None
    repeats: bool = False
    new_group: bool = False


def shown(command: Command) -> tuple[str, ...]:
    """The shortcuts worth telling people; those that only spell another key are left out."""
    told = (k for k in command.keys if "Keypad" not in k and "Shift+Plus" not in k)
    return tuple(k.replace("Plus", "=").replace("Minus", "-") for k in told)


def chord(text: str) -> int:
    """`Ctrl+Shift+Z` as ImGui's number. Raises KeyError on a key that has no name here."""
    *mods, key = text.split("+")
    code = int(_KEYS[key])
    for mod in mods:
        code |= int(_MODS[mod])
    return code


class Shortcuts:
    """Runs commands by their keys."""

    def __init__(self, commands: tuple[Command, ...]) -> None:
        self._table = [(chord(key), command) for command in commands for key in command.keys]
        self._mods = 0

    def run(self, app: App) -> None:
        """Once per frame: run what was pressed. Nothing while text is typed or a popup is open.

        A modifier that was let go in the frame in which the key arrives still counts: at a low
        frame rate both come together.
        """
        now = int(imgui.get_io().key_mods)
        mods, self._mods = now | self._mods, now
        popup = imgui.PopupFlags_.any_popup_id | imgui.PopupFlags_.any_popup_level
        if imgui.get_io().want_text_input or imgui.is_popup_open("", popup):
            return
        mask = int(imgui.Key.mod_mask_)
        for code, command in self._table:
            pressed = code & mask == mods and imgui.is_key_pressed(
                imgui.Key(code & ~mask), command.repeats
            )
            if pressed and command.enabled(app):
                command.run(app)
