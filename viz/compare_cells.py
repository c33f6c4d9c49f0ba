"""The parts of a comparison on the screen: what each picture is, its frame, its heading."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.protocol import Failure
from renderer.request import RenderRequest
from viz import comparing, picture_overlay, theme
from viz.compare_labels import Label, labels
from viz.context import Context, Frame
from viz.facts import shorten
from viz.hand import BUTTONS
from viz.session import PARTS, Part, Session
from viz.viewport import Viewport
from viz.widgets import em

STALE = 0.35
"""Share of the ground over a picture of another network than the one that is on its way."""


@dataclass(frozen=True)
class Shown:
    """One compared picture. frame: the newest there is, not always of `request` yet."""

    number: int
    label: Label
    request: RenderRequest
    frame: Frame | None
    failure: Failure | None
    linked: tuple[Part, ...]

    @property
    def whole(self) -> bool:
        """Everything is linked."""
        return len(self.linked) == len(comparing.FIELDS)


def gather(session: Session, context: Context) -> list[Shown]:
    """Ask for every picture, and what there is of each."""
    frame = context.frame
    follow = None
    # While the picture is dragged the others take what it shows, so that all show the same.
    if frame is not None and frame.request.snapshot == session.render.snapshot:
        follow = frame.request if "main" not in context.failures else None
    requests = comparing.requests(session, context.models, follow)
    streams = ["main", *(comparing.stream(pane) for pane in session.compare.panes)]
    linked = [PARTS, *(pane.linked for pane in session.compare.panes)]
    for stream, request in zip(streams[1:], requests[1:], strict=True):
        context.ask(stream, request)
    there = {f.request: f for name in streams if (f := context.frames.get(name)) is not None}
    named = labels(session, context.models)
    return [
        Shown(
            number,
            _without_layer(named[number], session.render, request, context)
            if "view" in linked[number]
            else named[number],
            request,
            there.get(request) or context.frames.get(stream),
            context.failures.get(stream),
            linked[number],
        )
        for number, (stream, request) in enumerate(zip(streams, requests, strict=True))
    ]


def _without_layer(
    label: Label, main: RenderRequest, request: RenderRequest, context: Context
) -> Label:
    """Told where a network cannot show the layer that is looked at."""
    if main.view is None or request.view is not None or request.snapshot not in context.models:
        return label
    missing = f"no {main.view.layer}"
    return Label(label.title, f"{label.detail} · {missing}" if label.detail else missing)


def coherent(first: Shown, second: Shown) -> bool:
    """Both frames show what is linked at the same values, and the networks that are wanted."""
    if first.frame is None or second.frame is None or first.failure or second.failure:
        return False
    a, b = first.frame.request, second.frame.request
    if (a.snapshot, b.snapshot) != (first.request.snapshot, second.request.snapshot):
        return False
    both = {*first.linked} & {*second.linked}
    return all(_same(part, a, b) for part in both)


def _same(part: Part, a: RenderRequest, b: RenderRequest) -> bool:
    match part:
        case "latent":
            return a.source == b.source
        case "truncation":
            return (a.truncation.psi, a.truncation.curve) == (b.truncation.psi, b.truncation.curve)
        case "mixing":
            return a.mix == b.mix
        case "noise":
            return structs.replace(a.noise, layers=()) == structs.replace(b.noise, layers=())
        case "edits" | "view":
            return True  # what a network lacks is left out, so these may differ


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
            picture_overlay.draw_pixel_grid(view, self.corner)
            pixel = view.pixel(*self.at) if self.hovered else None
            picture_overlay.draw_atlas(frame, view, self.corner, pixel)
            if frame.request.snapshot != shown.request.snapshot or shown.failure is not None:
                ground = theme.color(theme.current().back, 1 - STALE)
                canvas.add_rect_filled(a, b, imgui.get_color_u32(ground))
        canvas.pop_clip_rect()
        if shown.failure is not None:
            _message(low, high, shown.failure.message, shown.failure.remedy, failed=True)
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
    cell: Cell, session: Session, shown: Shown, point: tuple[float, float], *, mark: bool
) -> None:
    """The colour of a picture at a point (0…1), and the point itself where the mouse is not."""
    frame = shown.frame
    if frame is None or shown.failure is not None:
        return
    view = cell.own(session, (frame.width, frame.height))
    pixel = (int(point[0] * frame.width), int(point[1] * frame.height))
    if mark:
        x, y = view.to_panel(point[0] * frame.width, point[1] * frame.height)
        center = ImVec2(cell.corner.x + x, cell.corner.y + y)
        canvas = imgui.get_window_draw_list()
        for radius, ink in ((em(0.42), ImVec4(0, 0, 0, 0.7)), (em(0.36), ImVec4(1, 1, 1, 0.95))):
            canvas.add_circle(center, radius, imgui.get_color_u32(ink), 0, em(0.07))
    picture_overlay.draw_readout(frame, pixel, cell.corner, cell.area)


def pill_label(text: str, at: ImVec2, room: float, *, right: bool = False) -> None:
    """A name over a picture; `right`: `at` is its upper right corner."""
    text = shorten(text, room)
    size = imgui.calc_text_size(text)
    height = imgui.get_frame_height()
    low = ImVec2(at.x - size.x - em(1.1), at.y) if right else at
    picture_overlay.pill(low, ImVec2(low.x + size.x + em(1.1), low.y + height))
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


def size_of(all_shown: list[Shown]) -> tuple[int, int]:
    """The size that the zoom counts from: that of the session's picture."""
    frames = [shown.frame for shown in all_shown if shown.frame is not None]
    return (frames[0].width, frames[0].height) if frames else (1, 1)
