"""The probe: what every compared picture has at the point under the mouse."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui

from viz.compare.cells import Cell
from viz.compare.shown import Shown
from viz.gpu.pictures import Frame
from viz.picture.pill import draw_name
from viz.picture.readout import draw_readout
from viz.session.session import Session
from viz.ui.widgets import em


def point_under_mouse(cells: list[Cell], session: Session) -> tuple[float, float] | None:
    """The point of the pictures under the mouse, 0…1 in x and y; None where it is in none."""
    for cell in cells:
        if cell.hovered:
            view = cell.viewport(session)
            x, y = view.to_picture(*cell.at)
            u, v = x / view.width, y / view.height
            return (u, v) if 0 <= u < 1 and 0 <= v < 1 else None
    return None


def draw_probe(
    cell: Cell,
    session: Session,
    shown: Shown,
    point: tuple[float, float],
    *,
    mark: bool,
    top: float | None = None,
    alpha: float = 1.0,
    beside: float = 0.0,
) -> None:
    """Draw the colour that a picture has at a point, where there is room for it.

    point: x and y in the picture, 0…1.
    mark: draw a ring at the point too, as in cells where the mouse is not.
    top: where the colour stands, in pixels from the cell's upper edge; None: at its lower edge.
    alpha: how opaque all of it is, 0…1.
    beside: the width in pixels that the toolbar takes of the cell's lower edge, 0 where none does.
    """
    frame = shown.frame
    if frame is None or shown.failure is not None:
        return
    view = cell.own(session, (frame.width, frame.height))
    if mark:
        x, y = view.to_panel(point[0] * frame.width, point[1] * frame.height)
        center = ImVec2(cell.corner.x + x, cell.corner.y + y)
        canvas = imgui.get_window_draw_list()
        for radius, ink in (
            (em(0.42), ImVec4(0, 0, 0, 0.7 * alpha)),
            (em(0.36), ImVec4(1, 1, 1, 0.95 * alpha)),
        ):
            canvas.add_circle(center, radius, imgui.get_color_u32(ink), 0, em(0.07))
    area = cell.area if top is None else ImVec2(cell.area.x, top + imgui.get_frame_height())
    if area.y <= cell.area.y:
        draw_readout(frame, pixel_at(frame, point), cell.corner, area, alpha, beside)


def pixel_at(frame: Frame, point: tuple[float, float]) -> tuple[int, int]:
    """The pixel (x, y) of a frame at a point whose x and y are 0…1."""
    return int(point[0] * frame.width), int(point[1] * frame.height)


def draw_map_probe(
    reference: Shown, other: Shown, cell: Cell, point: tuple[float, float], alpha: float
) -> None:
    """Draw the two colours that a difference map compares at a point whose x and y are 0…1.

    alpha: how opaque they are, 0…1.
    """
    frames = (reference.frame, other.frame)
    if reference.failure or other.failure or None in frames:
        return
    colors = []
    for frame in frames:
        assert frame is not None
        x, y = pixel_at(frame, point)
        colors.append("#" + "".join(f"{int(v):02x}" for v in frame.pixels[y, x, :3]))
    at = ImVec2(cell.corner.x + em(0.6), cell.corner.y + em(0.6))
    draw_name(f"{colors[0]} → {colors[1]}", at, cell.area.x - em(2), alpha=alpha)
