"""What lies over the picture: messages, toolbar, badges, pixel grid and readout."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.picture.viewport import Viewport
from viz.session import inspection
from viz.session.edits import scale_of
from viz.session.session import Session
from viz.ui import theme
from viz.ui.widgets import em, tooltip

GRID_FROM = 16.0
"""Screen pixels per picture pixel from which on single pixels are outlined."""

FADE_AFTER, FADE_SECONDS, FAINT = 1.5, 0.4, 0.35


class _Fade:
    """The toolbar's opacity: full while the mouse moves over the picture, faint at rest."""

    def __init__(self) -> None:
        self._idle = math.inf

    def step(self, awake: bool, dt: float) -> float:
        self._idle = 0.0 if awake else self._idle + dt
        share = min(max((self._idle - FADE_AFTER) / FADE_SECONDS, 0.0), 1.0)
        return 1.0 - (1.0 - FAINT) * share


_fade = _Fade()


def draw(
    session: Session,
    context: Context,
    frame: Frame,
    view: Viewport,
    pixel: tuple[int, int] | None,
    corner: ImVec2,
    area: ImVec2,
) -> Session:
    """Badges, toolbar and readout over a picture."""
    session = draw_badges(session, context, corner)
    _draw_failure(context, corner, area)
    session = draw_toolbar(session, context, frame, view, corner, area)
    if pixel is not None:
        draw_readout(frame, pixel, corner, area)
    return session


def draw_pixel_grid(view: Viewport, corner: ImVec2) -> None:
    """Outlines of single pixels where they are large enough to be looked at one by one."""
    if view.view.fit or view.zoom < GRID_FROM * em() / 15:
        return
    canvas = imgui.get_window_draw_list()
    ink = imgui.get_color_u32(ImVec4(0.5, 0.5, 0.5, 0.35))
    (x0, y0), (x1, y1) = view.to_picture(0, 0), view.to_picture(*view.area)
    x0, y0 = max(0, math.floor(x0)), max(0, math.floor(y0))
    x1, y1 = min(view.width, math.ceil(x1)), min(view.height, math.ceil(y1))
    (left, top), (right, bottom) = view.to_panel(x0, y0), view.to_panel(x1, y1)
    for x in range(x0, x1 + 1):
        at = round(corner.x + view.to_panel(x, 0)[0])
        canvas.add_line(ImVec2(at, corner.y + top), ImVec2(at, corner.y + bottom), ink)
    for y in range(y0, y1 + 1):
        at = round(corner.y + view.to_panel(0, y)[1])
        canvas.add_line(ImVec2(corner.x + left, at), ImVec2(corner.x + right, at), ink)


def draw_atlas(frame: Frame, view: Viewport, corner: ImVec2, pixel: tuple[int, int] | None) -> None:
    """Frames around changed channels of an atlas, and around the one under the cursor."""
    atlas, shown = frame.info.atlas, frame.request.view
    if atlas is None or shown is None or shown.mode != "atlas":
        return
    canvas = imgui.get_window_draw_list()

    def outline(channel: int, color: ImVec4, thickness: float) -> None:
        x, y = inspection.cell_of(atlas, channel)
        low, high = view.to_panel(x, y), view.to_panel(x + atlas.cell, y + atlas.cell)
        canvas.add_rect(
            ImVec2(corner.x + low[0], corner.y + low[1]),
            ImVec2(corner.x + high[0], corner.y + high[1]),
            imgui.get_color_u32(color),
            0.0,
            thickness,
        )

    for edit in frame.request.edits:
        if edit.layer == shown.layer and edit.channel < atlas.channels:
            silent = ImVec4(0.92, 0.34, 0.34, 1)
            outline(
                edit.channel, silent if edit.scale == 0 else ImVec4(0.95, 0.7, 0.25, 1), em(0.12)
            )
    channel = inspection.channel_at(atlas, *pixel) if pixel else None
    if channel is None:
        return
    outline(channel, imgui.get_style_color_vec4(imgui.Col_.check_mark), em(0.16))
    scale = scale_of(frame.request.edits, shown.layer, channel)
    changed = f" · × {scale:g}" if scale != 1 else ""
    if not imgui.is_any_item_active():
        imgui.set_tooltip(f"Channel {channel}{changed}\nClick: look at it. Right-click: change it.")


def pill(low: ImVec2, high: ImVec2, alpha: float = 1.0) -> None:
    ground = imgui.get_style_color_vec4(imgui.Col_.window_bg)
    color = imgui.get_color_u32(ImVec4(ground.x, ground.y, ground.z, 0.86 * alpha))
    canvas = imgui.get_window_draw_list()
    canvas.add_rect_filled(low, high, color, em(0.4))
    canvas.add_rect(low, high, imgui.get_color_u32(imgui.Col_.border, alpha), em(0.4))


def draw_badges(session: Session, context: Context, corner: ImVec2) -> Session:
    """What is looked at where it is not the plain picture, and the way back."""
    view, edits = session.render.view, session.render.edits
    top = corner.y + em(0.6)
    if view is not None:
        text = inspection.view_title(view, context.model)
        if view.mode == "channel":
            scale = scale_of(edits, view.layer, view.channel)
            text += f" · × {scale:g}" if scale != 1 else ""
        if _badge("back", text, "Back to the picture", ImVec2(corner.x + em(0.6), top)):
            session = session.with_render(view=None)
        top += imgui.get_frame_height() + em(0.5)
    if edits:
        count = len(edits)
        text = f"{count} channel{'s' if count > 1 else ''} changed"
        if _badge("unedit", text, "Undo all channel changes", ImVec2(corner.x + em(0.6), top)):
            session = session.with_render(edits=())
    return session


def _badge(name: str, text: str, tip: str, at: ImVec2) -> bool:
    size = imgui.calc_text_size(text)
    height = imgui.get_frame_height()
    pill(at, ImVec2(at.x + size.x + em(1.0) + height, at.y + height))
    ink = imgui.get_color_u32(imgui.Col_.text)
    imgui.get_window_draw_list().add_text(
        ImVec2(at.x + em(0.5), at.y + (height - size.y) / 2), ink, text
    )
    imgui.set_cursor_screen_pos(ImVec2(at.x + size.x + em(0.9), at.y))
    imgui.push_style_color(imgui.Col_.button, ImVec4(0, 0, 0, 0))
    pressed: bool = imgui.button(f"{fa.ICON_FA_XMARK}###{name}", ImVec2(height, height))
    imgui.pop_style_color()
    tooltip(tip)
    return pressed


def draw_toolbar(
    session: Session,
    context: Context,
    frame: Frame,
    view: Viewport,
    corner: ImVec2,
    area: ImVec2,
) -> Session:
    delta = imgui.get_io().mouse_delta
    moving = imgui.is_window_hovered() and bool(delta.x or delta.y)
    height, gap = imgui.get_frame_height(), em(0.2)
    zoom_text = f"{view.zoom * 100:.0f} %" if view.zoom < 10 else f"{view.zoom:.0f} ×"
    widths = [em(2.2), em(2.2), em(1.7), em(3.6), em(1.7), em(2.0)]
    total = sum(widths) + gap * (len(widths) - 1) + 2 * em(0.3)
    low = ImVec2(corner.x + area.x - total - em(0.6), corner.y + area.y - height - em(1.2))
    high = ImVec2(low.x + total, low.y + height + em(0.6))
    inside = imgui.is_mouse_hovering_rect(low, high)
    alpha = _fade.step(moving or inside, context.dt)
    pill(low, high, alpha)
    middle = (view.area[0] / 2, view.area[1] / 2)
    imgui.push_style_var(imgui.StyleVar_.alpha, imgui.get_style().alpha * alpha)
    imgui.push_style_color(imgui.Col_.button, ImVec4(0, 0, 0, 0))
    imgui.set_cursor_screen_pos(ImVec2(low.x + em(0.3), low.y + em(0.3)))
    result = session.view

    def tool(text: str, index: int, tip: str, active: bool = False) -> bool:
        if index:
            imgui.same_line(0, gap)
        if active:
            color = imgui.get_style_color_vec4(imgui.Col_.button_active)
            imgui.push_style_color(imgui.Col_.button, color)
        pressed: bool = imgui.button(text, ImVec2(widths[index], height))
        if active:
            imgui.pop_style_color()
        tooltip(tip)
        return pressed

    if tool("Fit###fit", 0, "The whole picture (double-click on it).", session.view.fit):
        result = structs.replace(result, fit=True)
    if tool("1:1###one", 1, "One picture pixel per screen pixel."):
        result = view.at_zoom(1.0, *middle)
    if tool("−###out", 2, "Smaller (wheel: at the cursor)."):
        result = view.stepped(-2, *middle)
    imgui.push_style_color(imgui.Col_.button_hovered, ImVec4(0, 0, 0, 0))
    tool(
        f"{zoom_text}###zoom",
        3,
        f"{frame.width} × {frame.height} pixels, drawn at {view.zoom:.2f} ×.",
    )
    imgui.pop_style_color()
    if tool("+###in", 4, "Larger (wheel: at the cursor)."):
        result = view.stepped(2, *middle)
    icon = fa.ICON_FA_DROPLET if session.view.smooth else fa.ICON_FA_TABLE_CELLS
    if tool(
        f"{icon}###smooth",
        5,
        "Enlarged pixels: smooth now; click for sharp edges."
        if session.view.smooth
        else "Enlarged pixels: sharp edges now; click for smooth.",
    ):
        result = structs.replace(result, smooth=not result.smooth)
    imgui.pop_style_color()
    imgui.pop_style_var()
    return structs.replace(session, view=result) if result != session.view else session


def readout(frame: Frame, pixel: tuple[int, int]) -> str:
    """Position, RGB and hexadecimal colour of a pixel; in an atlas its channel too."""
    x, y = pixel
    r, g, b = (int(v) for v in frame.pixels[y, x, :3])
    text = f"{x}, {y}   {r} {g} {b}   #{r:02x}{g:02x}{b:02x}"
    atlas, shown = frame.info.atlas, frame.request.view
    if atlas is not None and shown is not None and shown.mode == "atlas":
        channel = inspection.channel_at(atlas, x, y)
        if channel is not None:
            text = f"channel {channel}   {x % atlas.cell}, {y % atlas.cell}   {r} {g} {b}"
    return text


def draw_readout(frame: Frame, pixel: tuple[int, int], corner: ImVec2, area: ImVec2) -> None:
    text = readout(frame, pixel)
    height = imgui.get_frame_height()
    size = imgui.calc_text_size(text)
    low = ImVec2(corner.x + em(0.6), corner.y + area.y - height - em(0.9))
    pill(low, ImVec2(low.x + size.x + height + em(0.9), low.y + height))
    canvas = imgui.get_window_draw_list()
    r, g, b = (int(v) / 255 for v in frame.pixels[pixel[1], pixel[0], :3])
    inset = em(0.25)
    swatch = ImVec2(low.x + inset, low.y + inset)
    edge = ImVec2(low.x + height - inset, low.y + height - inset)
    canvas.add_rect_filled(swatch, edge, imgui.get_color_u32(ImVec4(r, g, b, 1)), em(0.2))
    at = ImVec2(low.x + height + em(0.2), low.y + (height - size.y) / 2)
    canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text), text)


def _draw_failure(context: Context, corner: ImVec2, area: ImVec2) -> None:
    """Why the picture is not that of the newest request."""
    failure = context.failures.get("main")
    if failure is None:
        return
    icon = fa.ICON_FA_TRIANGLE_EXCLAMATION
    text = f"{failure.message}\n{failure.remedy}".strip()
    wrap = area.x - em(6)
    size = imgui.calc_text_size(text, wrap_width=wrap)
    low = ImVec2(corner.x + (area.x - size.x) / 2 - em(1.6), corner.y + em(3))
    pill(low, ImVec2(low.x + size.x + em(3.2), low.y + size.y + em(1)))
    imgui.set_cursor_screen_pos(ImVec2(low.x + em(0.7), low.y + em(0.5)))
    imgui.text_colored(theme.color(theme.current().error), icon)
    imgui.set_cursor_screen_pos(ImVec2(low.x + em(2.2), low.y + em(0.5)))
    imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + size.x + 1)
    imgui.text_unformatted(text)
    imgui.pop_text_wrap_pos()


def draw_message(session: Session, context: Context, corner: ImVec2, area: ImVec2) -> None:
    """Instead of a picture: what is happening, or what to do."""
    title, text, actions = _state(session, context)
    width = min(area.x - em(2), em(28))
    left = corner.x + (area.x - width) / 2
    imgui.set_cursor_screen_pos(ImVec2(left, corner.y + max(em(1), area.y * 0.4 - em(3))))
    imgui.begin_group()
    imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + width)
    imgui.push_font(None, imgui.get_style().font_size_base * 1.4)
    imgui.text_unformatted(title)
    imgui.pop_font()
    imgui.push_style_color(imgui.Col_.text, imgui.get_style_color_vec4(imgui.Col_.text_disabled))
    imgui.text_unformatted(text)
    imgui.pop_style_color()
    imgui.pop_text_wrap_pos()
    for job in context.jobs:
        imgui.dummy(ImVec2(0, em(0.2)))
        fraction = job.fraction if job.fraction >= 0 else -imgui.get_time()
        imgui.progress_bar(fraction, ImVec2(width, em(0.5)), "")
        imgui.text_disabled(job.text or job.label)
    imgui.dummy(ImVec2(0, em(0.3)))
    for name in actions:
        if imgui.button(name):
            _act(name, session, context)
        imgui.same_line()
    imgui.end_group()


def _state(session: Session, context: Context) -> tuple[str, str, tuple[str, ...]]:
    engine, failure = context.engine, context.failures.get("main")
    if engine.state == "failed":
        return "The renderer stopped", engine.text, ("Restart",)
    if context.load_failure is not None:
        path, why = context.load_failure
        return "This file did not open", f"{path}\n{why.message}\n{why.remedy}", ("Retry", "Open…")
    if failure is not None:
        return "No picture", f"{failure.message}\n{failure.remedy}", ("Retry", "Open…")
    if engine.state in ("starting", "restarting"):
        return "Starting the renderer", engine.text or "This takes a few seconds.", ()
    if context.jobs:
        return "Opening", "The first picture comes as soon as the network is read.", ()
    if not session.render.snapshot:
        return "No network", "Drop a snapshot on the window, or open one.", ("Open…",)
    return "Rendering", "The first picture is on its way.", ()


def _act(name: str, session: Session, context: Context) -> None:
    if name == "Restart":
        context.actions.restart_renderer()
    elif name == "Open…":
        context.actions.browse("snapshot")
    elif context.load_failure is not None:
        context.actions.open_snapshot(context.load_failure[0])
    else:
        context.actions.open_snapshot(session.render.snapshot)
