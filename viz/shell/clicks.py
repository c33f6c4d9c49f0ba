"""Clicks that arrive together with the movement to where they are."""

from __future__ import annotations

from imgui_bundle import imgui

# isort: split
# After imgui_bundle: it brings its own GLFW, and a second copy would know nothing of its windows.
import glfw

_MODS = (
    (imgui.Key.mod_ctrl, glfw.MOD_CONTROL),
    (imgui.Key.mod_shift, glfw.MOD_SHIFT),
    (imgui.Key.mod_alt, glfw.MOD_ALT),
    (imgui.Key.mod_super, glfw.MOD_SUPER),
)
"""The modifiers as ImGui calls them, with their bits in what GLFW says."""


def take_clicks(window: object) -> None:
    """Let no click in a window be lost that is as quick as the movement to it.

    window: GLFW's; its mouse buttons come by `hand_over` from now on.
    """

    def clicked(window: object, button: int, action: int, mods: int) -> None:
        hand_over(button, down=action == glfw.PRESS, mods=mods)

    glfw.set_mouse_button_callback(window, clicked)  # type: ignore[arg-type] # the stubs are wrong


def hand_over(button: int, *, down: bool, mods: int = 0) -> None:
    """Tell ImGui of a mouse button, so that a press counts where the mouse is by then.

    Where something may lie above (a tab, a row of a list, the picture), ImGui takes a press only if
    the mouse was over it a frame before. A pen, a remote desktop, or a hand between two slow frames
    moves and presses at once. For a touch screen ImGui waits that frame, so presses are named so.

    button: 0 left, 1 right, 2 middle; what ImGui has no number for is left out.
    down: it was pressed; otherwise it was let go.
    mods: the modifiers held, as GLFW's bits.
    """
    if not 0 <= button < imgui.MouseButton_.count:
        return
    io = imgui.get_io()
    for key, bit in _MODS:
        io.add_key_event(key, bool(mods & bit))
    if down:
        io.add_mouse_source_event(imgui.MouseSource.touch_screen)
    io.add_mouse_button_event(button, down)
    io.add_mouse_source_event(imgui.MouseSource.mouse)
