"""Every named action: one entry makes its menu item, its shortcuts and its place in the palette.

Shortcuts are written as users read them (`Ctrl+Shift+Z`); Ctrl is Cmd on a Mac.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from imgui_bundle import imgui

from viz.desk.actions import Actions
from viz.desk.context import Context
from viz.session.cell import SessionCell

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
    "Enter": imgui.Key.enter,
    "Plus": imgui.Key.equal,
    "Minus": imgui.Key.minus,
    "KeypadPlus": imgui.Key.keypad_add,
    "KeypadMinus": imgui.Key.keypad_subtract,
    "Tab": imgui.Key.tab,
    **{str(n): getattr(imgui.Key, f"_{n}") for n in range(10)},
    **{f"F{n}": getattr(imgui.Key, f"f{n}") for n in range(1, 13)},
    **{letter.upper(): getattr(imgui.Key, letter) for letter in "abcdefghijklmnopqrstuvwxyz"},
}


class Desk(Protocol):
    """What commands, menus and the palette have before them."""

    @property
    def cell(self) -> SessionCell:
        """The session, to be read and changed."""

    @property
    def context(self) -> Context:
        """The facts of this frame."""

    @property
    def actions(self) -> Actions:
        """What can be asked of the application."""

    @property
    def commands(self) -> tuple[Command, ...]:
        """Every command there is."""


def _always(desk: Desk) -> bool:
    return True


def _unsaid(desk: Desk) -> str:
    return ""


@dataclass(frozen=True)
class Command:
    """A named action.

    name: what panels and tests call it.
    title: what people read.
    menu: the menu that it is in, empty for the palette only.
    run: does it.
    keys: its shortcuts.
    about: says more in a tooltip; a function where that depends on how things are.
    enabled: whether it can be run now.
    refused: why it cannot, said to whoever presses its keys then; empty where that is plain to see.
    checked: whether its menu item has a tick, None where it never has.
    repeats: holding the key repeats it.
    new_group: there is a line above it in the menu.
    anywhere: its shortcuts work while text is typed or a popup is open, too.
    """

    name: str
    title: str
    menu: str
    run: Callable[[Desk], None]
    keys: tuple[str, ...] = ()
    about: str | Callable[[Desk], str] = ""
    enabled: Callable[[Desk], bool] = _always
    refused: Callable[[Desk], str] = _unsaid
    checked: Callable[[Desk], bool] | None = None
    repeats: bool = False
    new_group: bool = False
    anywhere: bool = False

    def explain(self, desk: Desk) -> str:
        """Return what `about` says now."""
        return self.about if isinstance(self.about, str) else self.about(desk)


def shown(command: Command) -> tuple[str, ...]:
    """The shortcuts that people are told; those that only spell another key are left out."""
    told = (k for k in command.keys if "Keypad" not in k and "Shift+Plus" not in k)
    return tuple(k.replace("Plus", "=").replace("Minus", "-") for k in told)


def chord(text: str) -> int:
    """A shortcut such as `Ctrl+Shift+Z` as ImGui's number. Raises KeyError for an unknown key."""
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

    def run(self, desk: Desk) -> None:
        """Run what was pressed; called once per frame.

        While text is typed or a popup is open, only what works `anywhere` is run.

        A modifier that was let go in the frame in which the key arrives still counts: at a low
        frame rate both come together.
        """
        now = int(imgui.get_io().key_mods)
        mods, self._mods = now | self._mods, now
        popup = imgui.PopupFlags_.any_popup_id | imgui.PopupFlags_.any_popup_level
        busy = imgui.get_io().want_text_input or imgui.is_popup_open("", popup)
        mask = int(imgui.Key.mod_mask_)
        for code, command in self._table:
            pressed = code & mask == mods and imgui.is_key_pressed(
                imgui.Key(code & ~mask), command.repeats
            )
            if not pressed or (busy and not command.anywhere):
                continue
            if command.enabled(desk):
                command.run(desk)
            elif why := command.refused(desk):
                desk.actions.notify(why)
