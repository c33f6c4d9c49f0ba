"""How far a drag of the mouse has come, up to where the button was released.

A slow window hears of the last moves and of the release in one frame. ImGui calls nothing held in
it, but its mouse position is where the button was released, and a drag that ends before has lost
its last part.
"""

from __future__ import annotations

import math

from imgui_bundle import imgui


def item_held(button: imgui.MouseButton_ = imgui.MouseButton_.left) -> bool:
    """Whether the mouse holds the item before by a button, or has released it in this frame."""
    if imgui.is_item_deactivated():
        return imgui.is_mouse_released(button)
    return imgui.is_item_active() and imgui.is_mouse_down(button)


def dragged(button: imgui.MouseButton_, threshold: float = -1.0) -> bool:
    """Whether a press of a button has moved, and lasts or has ended in this frame.

    threshold: how many pixels count as a move; negative for ImGui's own number.
    """
    if not imgui.is_mouse_released(button):
        return imgui.is_mouse_dragging(button, threshold)
    before = imgui.get_mouse_drag_delta(button, threshold)  # nothing where it moved only now
    limit = imgui.get_io().mouse_drag_threshold if threshold < 0 else threshold
    x, y = moved(button)
    return bool(before.x or before.y) or ((x, y) != (0, 0) and math.hypot(x, y) >= limit)


def moved(button: imgui.MouseButton_) -> tuple[float, float]:
    """How far the mouse is from where the button was pressed, x and y in pixels."""
    delta = imgui.get_mouse_drag_delta(button, 0.0)
    return delta.x, delta.y
