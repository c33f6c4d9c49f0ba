"""Where compared pictures lie, and how they are drawn there."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.picture import overlay
from viz.picture.gestures import BUTTONS
from viz.picture.viewport import Viewport
from viz.session import comparing
from viz.session.session import Session
from viz.ui import theme
from viz.ui.text import shorten
from viz.ui.widgets import em

STALE = 0.35
"""Share of the ground over a picture of another network than the one that is on its way."""

WHEN_GONE = "It is tried again when the file changes."


@dataclass
class Cell:
    """A place for pictures, in screen pixels. size: of the picture that the zoom counts from."""

    corner: ImVec2
    area: ImVec2
    size: tuple[int, int]
    hovered: bool = False
    held: bool = False

    def place(self, name: str) -> None:
        """The item that takes the mouse."""
        imgui.set_cursor_screen_pos(self.corner)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button(name, self.area, BUTTONS)
        imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
        self.hovered, self.held = imgui.is_item_hovered(), imgui.is_item_active()

    @property
    def at(self) -> tuple[float, float]:
        """The mouse, from the corner."""
        mouse = imgui.get_mouse_pos()
        return mouse.x - self.corner.x, mouse.y - self.corner.y

    @property
    def far(self) -> ImVec2:
        return ImVec2(self.corner.x + self.area.x, self.corner.y + self.area.y)

    def viewport(self, session: Session) -> Viewport:
        """Of the picture that the zoom counts from: where all pictures lie."""
        return Viewport(session.view, *self.size, (self.area.x, self.area.y), em(0.5))

    def own(self, session: Session, size: tuple[int, int]) -> Viewport:
        """Of a picture of another size, drawn just as large."""
        factor = min(self.size[0] / size[0], self.size[1] / size[1])
        view = structs.replace(session.view, zoom=session.view.zoom * factor)
        return Viewport(view, *size, (self.area.x, self.area.y), em(0.5))

    def draw(
        self,
        session: Session,
        context: Context,
        shown: Shown,
        key: str,
        clip: tuple[ImVec2, ImVec2] | None = None,
    ) -> None:
        """The picture, or what there is instead, within `clip` (all of the cell)."""
        low, high = clip or (self.corner, self.far)
        canvas = imgui.get_window_draw_list()
        canvas.push_clip_rect(low, high, True)
        frame = shown.frame
        if frame is not None:
            view = self.own(session, (frame.width, frame.height))
            a, b = self.rect(view)
            context.draw_image(frame, a, b, smooth=session.view.smooth, key=key)
            overlay.draw_pixel_grid(view, self.corner)
            pixel = view.pixel(*self.at) if self.hovered else None
            overlay.draw_atlas(frame, view, self.corner, pixel)
            if frame.request.snapshot != shown.request.snapshot or shown.failure is not None:
                ground = theme.color(theme.current().back, 1 - STALE)
                canvas.add_rect_filled(a, b, imgui.get_color_u32(ground))
        canvas.pop_clip_rect()
        if shown.failure is not None:
            remedy = shown.failure.remedy or WHEN_GONE
            _message(low, high, shown.failure.message, remedy, failed=True)
        elif frame is None or frame.request.snapshot != shown.request.snapshot:
            _message(low, high, f"Opening {shown.label.title}", "", failed=False)

    def rect(self, view: Viewport) -> tuple[ImVec2, ImVec2]:
        """Where a picture lies on the screen."""
        low = ImVec2(self.corner.x + view.origin[0], self.corner.y + view.origin[1])
        return low, ImVec2(low.x + view.width * view.zoom, low.y + view.height * view.zoom)


def point_under_mouse(cells: list[Cell], session: Session) -> tuple[float, float] | None:
    """Where the mouse is in the pictures, 0…1 in x and y."""
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
) -> None:
    """The colour of a picture at a point (0…1), and the point itself where the mouse is not.

    top: from the upper edge of the cell; None: at its lower edge.
    """
    frame = shown.frame
    if frame is None or shown.failure is not None:
        return
    view = cell.own(session, (frame.width, frame.height))
    if mark:
        x, y = view.to_panel(point[0] * frame.width, point[1] * frame.height)
        center = ImVec2(cell.corner.x + x, cell.corner.y + y)
        canvas = imgui.get_window_draw_list()
        for radius, ink in ((em(0.42), ImVec4(0, 0, 0, 0.7)), (em(0.36), ImVec4(1, 1, 1, 0.95))):
            canvas.add_circle(center, radius, imgui.get_color_u32(ink), 0, em(0.07))
    area = cell.area if top is None else ImVec2(cell.area.x, top + imgui.get_frame_height())
    if area.y <= cell.area.y:
        overlay.draw_readout(frame, pixel_at(frame, point), cell.corner, area)


def pixel_at(frame: Frame, point: tuple[float, float]) -> tuple[int, int]:
    """The pixel at a point (0…1)."""
    return int(point[0] * frame.width), int(point[1] * frame.height)


def pill_label(text: str, at: ImVec2, room: float, *, right: bool = False) -> None:
    """A name over a picture; `right`: `at` is its upper right corner."""
    text = shorten(text, room)
    size = imgui.calc_text_size(text)
    height = imgui.get_frame_height()
    low = ImVec2(at.x - size.x - em(1.1), at.y) if right else at
    overlay.pill(low, ImVec2(low.x + size.x + em(1.1), low.y + height))
    ink = imgui.get_color_u32(imgui.Col_.text)
    place = ImVec2(low.x + em(0.55), low.y + (height - size.y) / 2)
    imgui.get_window_draw_list().add_text(place, ink, text)


def _message(low: ImVec2, high: ImVec2, text: str, remedy: str, *, failed: bool) -> None:
    """In the middle, instead of a picture."""
    room = high.x - low.x - em(3.5)
    if room < em(4):
        return
    whole = f"{text}\n{remedy}".strip() if failed else text
    room = min(room, em(28))
    size = imgui.calc_text_size(whole, wrap_width=room)
    icon = fa.ICON_FA_TRIANGLE_EXCLAMATION if failed else fa.ICON_FA_HOURGLASS_HALF
    canvas = imgui.get_window_draw_list()
    x = (low.x + high.x - size.x - em(1.6)) / 2
    y = max(low.y + em(0.6), (low.y + high.y - size.y) / 2)
    color = theme.color(theme.current().error if failed else theme.current().muted)
    canvas.push_clip_rect(low, high, True)
    canvas.add_text(ImVec2(x, y), imgui.get_color_u32(color), icon)
    ink = imgui.get_color_u32(imgui.Col_.text if failed else imgui.Col_.text_disabled)
    font, height = imgui.get_font(), imgui.get_font_size()
    canvas.add_text(font, height, ImVec2(x + em(1.6), y), ink, whole, wrap_width=room)
    canvas.pop_clip_rect()


def whole(low: ImVec2, high: ImVec2, size: tuple[int, int]) -> Cell:
    return Cell(low, ImVec2(high.x - low.x, high.y - low.y), size)


def columns_of(count: int, low: ImVec2, high: ImVec2, lost: float, size: tuple[int, int]) -> int:
    """Of the grid in an area. lost: height of headings and numbers in each row."""
    width, height = high.x - low.x, high.y - low.y
    return comparing.columns(count, width, height, size[0] / size[1], lost)


def grid_cells(
    count: int, low: ImVec2, high: ImVec2, head: float, size: tuple[int, int], foot: float = 0.0
) -> list[Cell]:
    """A grid of pictures with room for a line above and for `foot` below each."""
    gap = max(1, round(em(0.2)))
    columns = columns_of(count, low, high, head + foot, size)
    rows = -(-count // columns)
    # Whole pixels and all alike, so that pictures are sampled alike.
    width = max(1, int(high.x - low.x - gap * (columns - 1)) // columns)
    height = max(1, int(high.y - low.y - gap * (rows - 1)) // rows)
    area = ImVec2(width, max(1, height - head - foot))
    places = (divmod(i, columns) for i in range(count))
    return [
        Cell(_at(low, column * (width + gap), row * (height + gap) + head), area, size)
        for row, column in places
    ]


def _at(corner: ImVec2, x: float, y: float) -> ImVec2:
    return ImVec2(round(corner.x + x), round(corner.y + y))
