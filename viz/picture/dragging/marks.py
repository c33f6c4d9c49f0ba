"""What lies over the picture while its points are dragged: handles, targets, and what is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from imgui_bundle import ImVec2, ImVec4, imgui

from common.dragging import DragPoint
from renderer.messages.drag_job import MASK_SIDE
from viz.picture.viewport import Viewport
from viz.session.changes.dragging import Place, mask_of
from viz.ui.widgets import em

HANDLE: Final = (0.93, 0.25, 0.27)
"""R, G and B of handles, 0…1. Marks are the same in both themes: what lies under them is a picture,
and a dark ring in a light one is seen on each."""
TARGET: Final = (0.20, 0.55, 0.98)
"""The same of targets."""
VEIL: Final = 0.55
"""How dark the veil is over what must not move, 0…1, while it is painted;"""
THIN: Final = 0.18
"""and otherwise, when the whole picture is to be seen. While it is dragged there is none."""
DARK, LIGHT = ImVec4(0.05, 0.05, 0.06, 0.9), ImVec4(1, 1, 1, 0.95)


class Spans(NamedTuple):
    """A mask in pieces, in cells of it.

    held: rows of what must not move: y, first x, and the x behind the last.
    edges: where it meets what may: x and y of both ends.
    """

    held: tuple[tuple[int, int, int], ...]
    edges: tuple[tuple[int, int, int, int], ...]


@lru_cache(maxsize=2)
def spans(data: bytes) -> Spans:
    """Return the pieces of a mask, as few as it can be drawn of."""
    mask = mask_of(data)
    held = tuple((y, a, b) for y in range(MASK_SIDE) for a, b in _runs(~mask[y]))
    across = mask[1:] != mask[:-1]
    down = (mask[:, 1:] != mask[:, :-1]).T
    edges = [(a, y + 1, b, y + 1) for y in range(MASK_SIDE - 1) for a, b in _runs(across[y])]
    edges += [(x + 1, a, x + 1, b) for x in range(MASK_SIDE - 1) for a, b in _runs(down[x])]
    return Spans(held, tuple(edges))


def _runs(row: np.ndarray) -> Iterable[tuple[int, int]]:
    """The beginnings and ends of what is true in a row."""
    turns = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)


def draw_mask(data: bytes, view: Viewport, corner: ImVec2, *, veil: float) -> None:
    """Darken what must not move, with a line around what may.

    veil: how dark, 0…1.
    """
    if not data:
        return
    canvas, pieces = imgui.get_window_draw_list(), spans(data)
    wide, high = view.width / MASK_SIDE, view.height / MASK_SIDE

    def at(x: float, y: float) -> ImVec2:
        px, py = view.to_panel(x * wide, y * high)
        return ImVec2(round(corner.x + px), round(corner.y + py))

    shade = imgui.get_color_u32(ImVec4(0.03, 0.03, 0.05, veil))
    for y, first, end in pieces.held if veil else ():
        canvas.add_rect_filled(at(first, y), at(end, y + 1), shade)
    for color, thick in ((DARK, em(0.2)), (LIGHT, em(0.09))):
        ink = imgui.get_color_u32(color)
        for x0, y0, x1, y1 in pieces.edges:
            canvas.add_line(at(x0, y0), at(x1, y1), ink, thick)


def draw_points(
    points: Iterable[DragPoint],
    handles: Mapping[int, Place],
    chosen: int | None,
    view: Viewport,
    corner: ImVec2,
) -> None:
    """Draw each point with a line to where it shall go.

    handles: where they are now, by id. chosen: the id of the one that a key would delete.
    view: how the picture lies. corner: the upper left corner of its area, on the screen.
    """
    for point in points:
        start, end = (_on_screen(view, corner, p) for p in (handles[point.id], point.target))
        _line(start, end)
    for point in points:
        big = 1.25 if point.id == chosen else 1.0
        _dot(_on_screen(view, corner, point.target), TARGET, em(0.3) * big, hollow=True)
        _dot(_on_screen(view, corner, handles[point.id]), HANDLE, em(0.34) * big)


def draw_brush(at: Place, radius: float, view: Viewport, corner: ImVec2) -> None:
    """Draw the outline of the brush. at, radius: in pixels of the picture."""
    canvas, middle = imgui.get_window_draw_list(), _on_screen(view, corner, at)
    reach = max(radius * view.zoom, 2.0)
    canvas.add_circle(middle, reach, imgui.get_color_u32(DARK), 0, em(0.2))
    canvas.add_circle(middle, reach, imgui.get_color_u32(LIGHT), 0, em(0.09))


def _on_screen(view: Viewport, corner: ImVec2, place: Place) -> ImVec2:
    x, y = view.to_panel(*place)
    return ImVec2(corner.x + x, corner.y + y)


def _line(start: ImVec2, end: ImVec2) -> None:
    canvas = imgui.get_window_draw_list()
    canvas.add_line(start, end, imgui.get_color_u32(DARK), em(0.26))
    canvas.add_line(start, end, imgui.get_color_u32(LIGHT), em(0.12))


def _dot(
    at: ImVec2, color: tuple[float, float, float], radius: float, *, hollow: bool = False
) -> None:
    canvas, ring = imgui.get_window_draw_list(), em(0.11)
    canvas.add_circle_filled(at, radius + 2 * ring, imgui.get_color_u32(DARK))
    canvas.add_circle_filled(at, radius + ring, imgui.get_color_u32(LIGHT))
    canvas.add_circle_filled(at, radius, imgui.get_color_u32(ImVec4(*color, 1)))
    if hollow:
        canvas.add_circle_filled(at, radius * 0.45, imgui.get_color_u32(LIGHT))
