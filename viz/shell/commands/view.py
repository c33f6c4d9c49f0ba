"""The commands of the menu View: the theme, the size of text and controls, and the layout."""

from __future__ import annotations

from collections.abc import Callable

from viz.desk.commands import Command, Desk
from viz.desk.settings import Side
from viz.shell.sides.strip import KEYS


def _theme(desk: Desk) -> None:
    desk.actions.change_settings(theme="light" if desk.context.settings.theme == "dark" else "dark")


def _scale(by: float) -> Callable[[Desk], None]:
    def run(desk: Desk) -> None:
        scale = 1.0 if by == 0 else min(2.5, max(0.6, round(desk.context.settings.scale + by, 2)))
        desk.actions.change_settings(scale=scale)

    return run


def _side(side: Side, title: str, *, new_group: bool = False) -> Command:
    return Command(
        f"view.{side}",
        title,
        "View",
        lambda desk: desk.actions.toggle_side(side),
        (KEYS[side],),
        about="Collapses these panels to a strip at the edge, or opens them.",
        checked=lambda desk: desk.actions.is_side_open(side),
        new_group=new_group,
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "view.theme",
        "Light theme",
        "View",
        _theme,
        ("Ctrl+Shift+T",),
        checked=lambda desk: desk.context.settings.theme == "light",
    ),
    Command(
        "view.larger",
        "Larger text and controls",
        "View",
        _scale(0.1),
        ("Ctrl+Plus", "Ctrl+Shift+Plus", "Ctrl+KeypadPlus"),
        repeats=True,
    ),
    Command(
        "view.smaller",
        "Smaller text and controls",
        "View",
        _scale(-0.1),
        ("Ctrl+Minus", "Ctrl+KeypadMinus"),
        repeats=True,
    ),
    Command("view.normal", "Normal size", "View", _scale(0), ("Ctrl+0",)),
    _side("left", "Left column", new_group=True),
    _side("right", "Right column"),
    _side("bottom", "Panels below the picture"),
    Command(
        "view.picture_only",
        "Picture only",
        "View",
        lambda desk: desk.actions.toggle_picture_only(),
        ("Shift+F11",),
        checked=lambda desk: desk.context.picture_only,
    ),
    Command(
        "view.full_screen",
        "Full screen",
        "View",
        lambda desk: desk.actions.toggle_full_screen(),
        ("F11",),
        about="The picture alone on the other display; where there is one display, the picture "
        "over all of it. Escape leaves it.",
        checked=lambda desk: desk.context.output.on,
    ),
    Command(
        "view.output_window",
        "Output in a window",
        "",
        lambda desk: desk.actions.output.show(""),
        about="A window with nothing but the picture, to be moved and captured by others.",
    ),
    Command("view.reset_layout", "Reset layout", "View", lambda desk: desk.actions.reset_layout()),
)
