"""The tool in the hand: the mouse places points on the picture, or paints what may move."""

from __future__ import annotations

import math
from typing import NamedTuple

from imgui_bundle import ImVec2, imgui
from msgspec import structs

from common.dragging import DragPoint
from viz.desk.context import Context
from viz.picture.dragging import marks
from viz.picture.gestures import LEFT, RIGHT
from viz.picture.viewport import Viewport
from viz.session.changes import dragging
from viz.session.changes.dragging import Place
from viz.session.session import Session
from viz.ui.keys import take_key
from viz.ui.mouse import dragged
from viz.ui.widgets import em

REACH = 0.9
"""How far from the mouse a point can be taken hold of, in em."""
LEAST = 0.35
"""How far a target has to be drawn from its handle to be one, in em."""


def usable(session: Session) -> bool:
    """Whether the plain picture is shown, alone: nothing else has points to drag."""
    render = session.render
    plain = render.view is None and render.augment is None and render.target is None
    return plain and not session.compare.on


class Held(NamedTuple):
    """What the mouse holds of a point.

    point: it, as it was left last.
    is_target: the target is held; otherwise the handle.
    is_new: it was placed by this press.
    offset: from the mouse to what is held, in pixels of the picture.
    """

    point: DragPoint
    is_target: bool
    is_new: bool
    offset: Place = (0.0, 0.0)


class DragTool:
    """Keeps what the mouse holds.

    chosen: the id of the point that was touched last, which a key deletes.
    """

    def __init__(self) -> None:
        self.chosen: int | None = None
        self._held: Held | None = None
        self._stroke: Place | None = None

    def holds_mouse(self, session: Session, context: Context) -> bool:
        """Whether a left drag on the picture belongs to the tool."""
        if not context.dragging.tool or not usable(session):
            self._held = self._stroke = None
            return False
        return not imgui.get_io().key_ctrl and (
            imgui.is_mouse_down(LEFT) or imgui.is_mouse_released(LEFT)
        )

    def handle(
        self,
        session: Session,
        context: Context,
        view: Viewport,
        at: tuple[float, float],
        held: bool,
        hovered: bool,
    ) -> Session:
        """Follow the mouse and the keys.

        view: how the picture lies. at: the mouse, in pixels from the corner of the picture's area.
        held: a button went down on the picture and is down still. hovered: it is over the area.
        """
        place = view.to_picture(*at)
        if context.dragging.tool == "points":
            session = self._points(session, context, view, place, held, hovered)
        else:
            session = self._paint(session, context, view, place, held)
        if _pressed(imgui.Key.escape):
            context.actions.dragging.choose("")
        return session

    def draw(
        self,
        session: Session,
        context: Context,
        view: Viewport,
        at: tuple[float, float],
        corner: ImVec2,
        hovered: bool,
    ) -> None:
        """Draw what lies over the picture, clipped to its area."""
        painting = context.dragging.tool in ("paint", "erase")
        veil = marks.VEIL if painting else marks.THIN
        if context.dragging.running and self._stroke is None:
            veil = 0.0
        marks.draw_mask(session.drag.mask, view, corner, veil=veil)
        marks.draw_points(
            session.drag.points, _handles(session, context), self.chosen, view, corner
        )
        if hovered and painting:
            radius = context.dragging.brush * max(view.width, view.height)
            marks.draw_brush(view.to_picture(*at), radius, view, corner)

    # -- points -------------------------------------------------------------------------------

    def _points(
        self,
        session: Session,
        context: Context,
        view: Viewport,
        place: Place,
        held: bool,
        hovered: bool,
    ) -> Session:
        drag, handles = session.drag, _handles(session, context)
        reach = em(REACH) / view.zoom
        found = dragging.nearest(drag, handles, place, reach) if hovered else None
        if self._held is not None and not held:
            if imgui.is_mouse_released(LEFT):
                session = self._moved(session, view, place)
                drag = session.drag
            point, was_new = self._held.point, self._held.is_new
            self._held = None
            short = math.dist(point.handle, point.target) * view.zoom < em(LEAST)
            if was_new and short:
                return structs.replace(session, drag=dragging.without_point(drag, point.id))
        pressed = held and self._held is None and imgui.is_mouse_clicked(LEFT)
        if pressed and not imgui.get_io().key_ctrl:
            self._held = self._taken(found, handles, view, place)
            return session
        if self._held is not None:
            return self._moved(session, view, place)
        deletes = imgui.is_mouse_released(RIGHT) and not dragged(RIGHT)
        if deletes and found is not None:
            return structs.replace(session, drag=dragging.without_point(drag, found[0].id))
        chosen = found[0].id if found is not None else self.chosen
        if chosen in handles and _pressed(imgui.Key.delete, imgui.Key.backspace):
            self.chosen = None
            return structs.replace(session, drag=dragging.without_point(drag, chosen))
        return session

    def _taken(
        self,
        found: tuple[DragPoint, bool] | None,
        handles: dict[int, Place],
        view: Viewport,
        place: Place,
    ) -> Held | None:
        """What a press takes hold of: a target or a handle that is there, or a new point."""
        if found is not None:
            point, is_target = found
            self.chosen = point.id
            point = structs.replace(point, handle=handles[point.id])
            x, y = point.target if is_target else point.handle
            return Held(point, is_target, False, (x - place[0], y - place[1]))
        if not (0 <= place[0] < view.width and 0 <= place[1] < view.height):
            return None
        point = dragging.placed(place, place)
        self.chosen = point.id
        return Held(point, True, True)

    def _moved(self, session: Session, view: Viewport, mouse: Place) -> Session:
        """What is held goes with the mouse, inside the picture."""
        assert self._held is not None
        point, is_target, _, offset = self._held
        x, y = mouse[0] + offset[0], mouse[1] + offset[1]
        place = min(max(x, 0.0), float(view.width)), min(max(y, 0.0), float(view.height))
        drag = session.drag
        if math.dist(place, point.target if is_target else point.handle) < 1e-6:
            return session
        if is_target:
            before = next((each for each in drag.points if each.id == point.id), point)
            moved = structs.replace(before, target=place)
        else:  # placed anew, which its id says
            moved = dragging.placed(place, point.target)
            drag = dragging.without_point(drag, point.id)
        self._held, self.chosen = self._held._replace(point=moved), moved.id
        return structs.replace(session, drag=dragging.with_point(drag, moved))

    # -- the brush ----------------------------------------------------------------------------

    def _paint(
        self, session: Session, context: Context, view: Viewport, place: Place, held: bool
    ) -> Session:
        going = held and imgui.is_mouse_down(LEFT)
        ends = self._stroke is not None and imgui.is_mouse_released(LEFT)
        if not (going or ends) or imgui.get_io().key_ctrl:
            self._stroke = None
            return session
        before, self._stroke = self._stroke or place, place if going else None
        if before == place and not imgui.is_mouse_clicked(LEFT):
            return session
        tool = context.dragging
        erase = (tool.tool == "erase") != imgui.get_io().key_shift
        size = view.width, view.height
        changed = dragging.painted(
            session.drag, before, place, tool.brush * max(size), size, erase=erase
        )
        return session if changed == session.drag else structs.replace(session, drag=changed)


def _handles(session: Session, context: Context) -> dict[int, Place]:
    """Where the handles are now, by id."""
    known = context.dragging.handles
    return {point.id: known.get(point.id, point.handle) for point in session.drag.points}


def _pressed(*keys: imgui.Key) -> bool:
    """Whether one of these was pressed for the tool: nobody types, and no popup is open."""
    flags = imgui.PopupFlags_.any_popup_id | imgui.PopupFlags_.any_popup_level
    if imgui.get_io().want_text_input or imgui.is_popup_open("", flags):
        return False
    return any(take_key(key, repeat=False) for key in keys)
