"""Where compared pictures lie, and how they are drawn there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.picture.busy import draw_busy, draw_stale
from viz.picture.gestures import BUTTONS
from viz.picture.outlines import draw_atlas, draw_pixel_grid
from viz.picture.viewport import Viewport
from viz.session import comparing
from viz.session.session import Session
from viz.ui import theme
from viz.ui.widgets import em

WHEN_GONE = "It is tried again when the file changes."
"""Said where the file of a picture is gone: what happens next."""


@dataclass
class Cell:
    """A place for a picture, or for several over each other.

    corner: its upper left corner, as a screen position.
    area: its width and height in screen pixels.
    size: width and height of the picture that the zoom counts from, in its own pixels.
    hovered: the mouse is over it.
    held: a button went down on it, and is down still or was until this frame.
    """

    corner: ImVec2
    area: ImVec2
    size: tuple[int, int]
    hovered: bool = False
    held: bool = False

    def place(self, name: str) -> None:
        """Lay the item here that takes the mouse, and note what the mouse does to it.

        name: the ImGui id of the item.
        """
        imgui.set_cursor_screen_pos(self.corner)
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button(name, self.area, BUTTONS)
        imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
        self.hovered = imgui.is_item_hovered()
        self.held = imgui.is_item_active() or imgui.is_item_deactivated()

    @property
    def at(self) -> tuple[float, float]:
        """Where the mouse is, in pixels from the corner."""
        mouse = imgui.get_mouse_pos()
        return mouse.x - self.corner.x, mouse.y - self.corner.y

    @property
    def far(self) -> ImVec2:
        """Its lower right corner, as a screen position."""
        return ImVec2(self.corner.x + self.area.x, self.corner.y + self.area.y)

    def viewport(self, session: Session) -> Viewport:
        """Return how the picture lies that the zoom counts from, and so how all lie."""
        return Viewport(session.view, *self.size, (self.area.x, self.area.y), em(0.5))

    def own(self, session: Session, size: tuple[int, int]) -> Viewport:
        """Return how a picture of another size (width, height) lies, drawn just as large."""
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
        """Draw the picture, or say why there is none.

        key: a name for this place, unique in a frame.
        clip: two screen positions between which it is drawn; None: in all of the cell.
        """
        low, high = clip or (self.corner, self.far)
        canvas = imgui.get_window_draw_list()
        canvas.push_clip_rect(low, high, True)
        frame = shown.frame
        if frame is not None:
            view = self.own(session, (frame.width, frame.height))
            a, b = self.rect(view)
            context.draw_image(frame, a, b, smooth=session.view.smooth, key=key)
            draw_pixel_grid(view, self.corner)
            pixel = view.pixel(*self.at) if self.hovered else None
            draw_atlas(frame, view, self.corner, pixel)
            if frame.request.snapshot != shown.request.snapshot or shown.failure is not None:
                draw_stale(a, b)
        canvas.pop_clip_rect()
        if shown.failure is not None:
            remedy = shown.failure.remedy or WHEN_GONE
            _message(low, high, shown.failure.message, remedy, failed=True)
        elif frame is None or frame.request.snapshot != shown.request.snapshot:
            _message(low, high, f"loading {shown.label.title} …", "", failed=False)
        wait = shown.wait
        if wait is not None and shown.failure is None:
            draw_busy(replace(wait, loading=""), low, high)

    def rect(self, view: Viewport) -> tuple[ImVec2, ImVec2]:
        """Return the two corners between which a picture lies, as screen positions."""
        low = ImVec2(self.corner.x + view.origin[0], self.corner.y + view.origin[1])
        return low, ImVec2(low.x + view.width * view.zoom, low.y + view.height * view.zoom)


def _message(low: ImVec2, high: ImVec2, text: str, remedy: str, *, failed: bool) -> None:
    """Write a text in the middle of the cell, instead of a picture."""
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
    """Make the one cell between two screen positions.

    size: width and height of the picture, in its own pixels.
    """
    return Cell(low, ImVec2(high.x - low.x, high.y - low.y), size)


def columns_of(count: int, low: ImVec2, high: ImVec2, lost: float, size: tuple[int, int]) -> int:
    """Return how many columns the grid has between two screen positions.

    count: of pictures.
    lost: height of the headings and numbers of each row, in pixels.
    size: width and height of a picture, in its own pixels.
    """
    width, height = high.x - low.x, high.y - low.y
    return comparing.columns(count, width, height, size[0] / size[1], lost)


def grid_cells(
    count: int, low: ImVec2, high: ImVec2, head: float, size: tuple[int, int], foot: float = 0.0
) -> list[Cell]:
    """Make the cells of a grid between two screen positions.

    count: of pictures.
    head: height that is left free above each, in pixels.
    size: width and height of a picture, in its own pixels.
    foot: height that is left free below each, in pixels.
    """
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
