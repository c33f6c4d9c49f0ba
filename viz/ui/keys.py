"""Keys that belong to what has the focus: who takes one first has it for the rest of the frame."""

from __future__ import annotations

from imgui_bundle import imgui

_OWNER = 1
"""No item has this id: whoever asks for the key later finds it locked."""
_TAKEN = imgui.internal.InputFlagsPrivate_.lock_this_frame


def take_key(key: imgui.Key, *, repeat: bool = True) -> bool:
    """Whether a key is pressed alone; it is then no shortcut, nor for anybody else, in this frame.

    Ask only while what the key is for has the focus.
    repeat: holding the key counts as pressing it again and again.
    """
    if imgui.get_io().key_mods or not imgui.is_key_pressed(key, repeat):
        return False
    imgui.internal.set_key_owner(key, _OWNER, int(_TAKEN))
    return True
