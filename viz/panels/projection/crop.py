"""The square of a picture that is looked for: moved and scaled with the mouse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from imgui_bundle import ImVec2, imgui

from viz.ui import theme
from viz.ui.mouse import item_held
from viz.ui.widgets import em, tooltip

SMALLEST = 8.0
"""The side of the smallest square, in pixels of the picture."""
GRIP = 0.7
"""How near the mouse has to be to a corner to take hold of it, in em."""
TIP = (
    "The square that is looked for. Drag it to move it, a corner to scale it, or turn the mouse "
    "wheel; a right-click takes the largest one in the middle."
)

Chosen: TypeAlias = tuple[int, int, int]
"""x, y and size of a square, in whole pixels of the picture."""
Corner: TypeAlias = Literal["top left", "top right", "bottom left", "bottom right"]
Size: TypeAlias = tuple[int, int]
"""Width and height of the picture, in its pixels."""


class Crop(NamedTuple):
    """A square under the mouse, in pixels of the picture.

    x: of its left side.
    y: of its upper side.
    size: its side.
    """

    x: float
    y: float
    size: float

    def whole(self) -> Chosen:
        """Return it in whole pixels."""
        return int(self.x), int(self.y), max(int(self.size), 1)


def centred(size: Size) -> Crop:
    """Return the largest square in the middle of a picture."""
    side = float(min(size))
    return Crop((size[0] - side) / 2, (size[1] - side) / 2, side)


def moved(crop: Crop, dx: float, dy: float, size: Size) -> Crop:
    """Return the square moved by so many pixels, still inside of the picture."""
    return within(Crop(crop.x + dx, crop.y + dy, crop.size), size)


def within(crop: Crop, size: Size) -> Crop:
    """Return the square made as small, and moved as far, as the picture needs."""
    side = min(max(crop.size, min(SMALLEST, *size)), float(min(size)))
    x = min(max(crop.x, 0.0), size[0] - side)
    y = min(max(crop.y, 0.0), size[1] - side)
    return Crop(x, y, side)


def scaled(crop: Crop, factor: float, size: Size) -> Crop:
    """Return the square scaled about its middle."""
    side = min(max(crop.size * factor, min(SMALLEST, *size)), float(min(size)))
    shift = (crop.size - side) / 2
    return within(Crop(crop.x + shift, crop.y + shift, side), size)


def pulled(crop: Crop, corner: Corner, x: float, y: float, size: Size) -> Crop:
    """Return the square with a corner pulled to a point; the corner across stays where it is.

    x, y: in pixels of the picture.
    """
    right, bottom = crop.x + crop.size, crop.y + crop.size
    across = right if "left" in corner else crop.x, bottom if "top" in corner else crop.y
    wanted = max(abs(x - across[0]), abs(y - across[1]))
    room_x = across[0] if "left" in corner else size[0] - across[0]
    room_y = across[1] if "top" in corner else size[1] - across[1]
    side = min(max(wanted, min(SMALLEST, *size)), room_x, room_y)
    return Crop(
        across[0] - side if "left" in corner else across[0],
        across[1] - side if "top" in corner else across[1],
        side,
    )


@dataclass(frozen=True)
class _Hold:
    """What the mouse took hold of.

    corner: None for the square itself.
    crop: the square when it did.
    x, y: where it did, in pixels of the picture.
    """

    corner: Corner | None
    crop: Crop
    x: float
    y: float


class CropSquare:
    """Draws the square over a picture and keeps what the mouse holds."""

    def __init__(self) -> None:
        self._hold: _Hold | None = None

    def draw(
        self, chosen: Chosen | None, size: Size, low: ImVec2, high: ImVec2, *, enabled: bool
    ) -> Chosen | None:
        """Draw over a picture that lies between two screen positions; return the new square.

        chosen: None for the largest square in the middle.
        size: of the picture, in its pixels.
        enabled: it can be changed.
        """
        square = within(Crop(*chosen), size) if chosen is not None else centred(size)
        scale = max((high.x - low.x) / size[0], 1e-6)
        imgui.set_cursor_screen_pos(low)
        imgui.invisible_button("##crop", ImVec2(max(high.x - low.x, 1), max(high.y - low.y, 1)))
        if enabled:
            changed = self._edited(square, size, low, scale)
            if changed != square:
                chosen = None if changed == centred(size) else changed.whole()
                square = changed
        _paint(square, low, high, scale, enabled=enabled)
        return chosen

    def _edited(self, square: Crop, size: Size, low: ImVec2, scale: float) -> Crop:
        """Return the square as the mouse has left it."""
        mouse = imgui.get_mouse_pos()
        x, y = (mouse.x - low.x) / scale, (mouse.y - low.y) / scale
        near = _corner_at(square, x, y, em(GRIP) / scale)
        hovered = imgui.is_item_hovered()
        if imgui.is_item_activated():
            self._hold = _Hold(near, square, x, y)
        if hovered:
            _show_cursor(near)
        if item_held() and self._hold is not None:
            return self._dragged(self._hold, x, y, size)
        tooltip(TIP)
        if hovered and imgui.is_mouse_clicked(imgui.MouseButton_.right):
            return centred(size)
        if hovered and imgui.get_io().mouse_wheel:
            imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
            return scaled(square, math.pow(1.1, -imgui.get_io().mouse_wheel), size)
        return square

    @staticmethod
    def _dragged(hold: _Hold, x: float, y: float, size: Size) -> Crop:
        if hold.corner is None:
            return moved(hold.crop, x - hold.x, y - hold.y, size)
        return pulled(hold.crop, hold.corner, x, y, size)


def _corners(crop: Crop) -> dict[Corner, tuple[float, float]]:
    right, bottom = crop.x + crop.size, crop.y + crop.size
    return {
        "top left": (crop.x, crop.y),
        "top right": (right, crop.y),
        "bottom left": (crop.x, bottom),
        "bottom right": (right, bottom),
    }


def _corner_at(crop: Crop, x: float, y: float, reach: float) -> Corner | None:
    for corner, (cx, cy) in _corners(crop).items():
        if max(abs(x - cx), abs(y - cy)) <= min(reach, crop.size / 3):
            return corner
    return None


def _show_cursor(corner: Corner | None) -> None:
    if corner is None:
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
    elif corner in ("top left", "bottom right"):
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_nwse)
    else:
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_nesw)


def _paint(crop: Crop, low: ImVec2, high: ImVec2, scale: float, *, enabled: bool) -> None:
    """Shade what is left out, and frame the square with a grip at each corner."""
    draw_list, palette = imgui.get_window_draw_list(), theme.current()
    a = ImVec2(low.x + crop.x * scale, low.y + crop.y * scale)
    b = ImVec2(a.x + crop.size * scale, a.y + crop.size * scale)
    shade = imgui.get_color_u32(theme.color(0x000000, 0.55))
    for first, last in (
        (low, ImVec2(high.x, a.y)),
        (ImVec2(low.x, b.y), high),
        (ImVec2(low.x, a.y), ImVec2(a.x, b.y)),
        (ImVec2(b.x, a.y), ImVec2(high.x, b.y)),
    ):
        if last.x > first.x and last.y > first.y:
            draw_list.add_rect_filled(first, last, shade)
    frame = imgui.get_color_u32(theme.color(0xFFFFFF if not enabled else palette.accent))
    draw_list.add_rect(a, b, frame, 0.0, em(0.1))
    if not enabled:
        return
    grip = em(0.28)
    for x, y in _corners(crop).values():
        at = ImVec2(low.x + x * scale, low.y + y * scale)
        draw_list.add_rect_filled(
            ImVec2(at.x - grip, at.y - grip), ImVec2(at.x + grip, at.y + grip), frame, em(0.08)
        )
