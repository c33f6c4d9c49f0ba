"""The channel atlas: every channel of a layer as one grid to look over, click and edit."""

from __future__ import annotations

import math

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.frame import AtlasLayout
from renderer.messages.model import LayerInfo
from renderer.messages.request import LayerView
from viz.desk.context import Context
from viz.desk.parts.clusters import Groups
from viz.gpu.pictures import Frame
from viz.panels.layers.view import with_channel
from viz.session.changes import edits, mixing
from viz.session.session import Session
from viz.ui import theme, widgets
from viz.ui.text import muted
from viz.ui.widgets import em

STREAM = "atlas"
"""The stream of the renderer that the atlas comes from."""
MARK, VIEWED, HOVERED = 0xF5B942, 0x4CA8FF, 0xFFFFFF
"""The outlines of channels that are edited, looked at, and under the mouse, as 0xRRGGBB.

They are drawn over pictures, and so are the same in both themes.
"""


class AtlasSection:
    """Remembers which channel the open popup is about."""

    def __init__(self) -> None:
        self._channel = 0

    def draw(
        self, session: Session, context: Context, view: LayerView, layer: LayerInfo
    ) -> Session:
        """Ask for the atlas while it is seen; return the session with what a click on it did."""
        width = imgui.get_content_region_avail().x
        columns = math.ceil(math.sqrt(layer.channels))
        frame = _frame(context, layer)
        layout = frame.info.atlas if frame else None
        rows = layout.rows if layout else math.ceil(layer.channels / columns)
        height = width * rows / (layout.columns if layout else columns)
        if imgui.is_rect_visible(ImVec2(width, height)):
            cell = _cell_size(width * imgui.get_io().display_framebuffer_scale.x / columns)
            wanted = structs.replace(view, mode="atlas", channel=0, spectrum=None, cell=cell)
            context.ask(STREAM, structs.replace(session.render, view=wanted))
        if frame is None or layout is None:
            return _draw_placeholder(session, context, ImVec2(width, height))
        low = imgui.get_cursor_screen_pos()
        high = ImVec2(low.x + width, low.y + height)
        imgui.invisible_button("##atlas", ImVec2(width, height), _BOTH)
        context.draw_image(frame, low, high, smooth=False, key=STREAM)
        _draw_groups(context.groups.of(layer.name), layout, low, width)
        _draw_marks(session, layer, view, layout, low, width)
        hovered = _cell_at(layout, low, width) if imgui.is_item_hovered() else None
        if hovered is not None:
            _outline(layout, low, width, hovered, theme.color(HOVERED), em(0.12))
            _draw_tooltip(session, context, frame, layout, layer, hovered)
            if imgui.is_item_clicked(imgui.MouseButton_.left):
                shown = structs.replace(view, mode="channel")
                session = session.with_render(view=with_channel(shown, hovered, layer))
            elif imgui.is_item_clicked(imgui.MouseButton_.right):
                self._channel = hovered
                imgui.open_popup("channel")
        if imgui.is_popup_open("channel") and self._channel < layer.channels:
            _outline(layout, low, width, self._channel, theme.color(HOVERED), em(0.12))
        return self._draw_popup(session, layer)

    def _draw_popup(self, session: Session, layer: LayerInfo) -> Session:
        if not imgui.begin_popup("channel"):
            return session
        channel = min(self._channel, layer.channels - 1)
        muted(f"{layer.name}, channel {channel}")
        imgui.dummy(ImVec2(em(19), 0))
        session = scale_slider(session, layer.name, channel, "Scale")
        if widgets.button(f"{fa.ICON_FA_VOLUME_XMARK}  Silence###Silence", tip="Multiply by 0."):
            session = _set(session, layer.name, channel, 0.0)
        imgui.same_line()
        if widgets.button("Reset", tip="As the network computes it."):
            session = _set(session, layer.name, channel, 1.0)
        imgui.same_line()
        if widgets.button("Solo", tip="Silence all other channels of this layer."):
            kept = edits.solo(session.render.edits, layer.name, channel, layer.channels)
            session = session.with_render(edits=kept)
        imgui.end_popup()
        return session


def _draw_placeholder(session: Session, context: Context, size: ImVec2) -> Session:
    """Take the room that the atlas will take, so that nothing moves when it comes."""
    low = imgui.get_cursor_pos()
    failure = context.failures.get(STREAM)
    widgets.hint(failure.message if failure else "Drawing every channel …")
    imgui.set_cursor_pos(low)
    imgui.dummy(size)
    return session


_BOTH = imgui.ButtonFlags_.mouse_button_left | imgui.ButtonFlags_.mouse_button_right


def scale_slider(session: Session, layer: str, channel: int, name: str) -> Session:
    """Draw a slider for what a channel is multiplied by; a right-click resets it."""
    before = edits.scale_of(session.render.edits, layer, channel)
    tip = "The channel is multiplied by this: 0 silences it, −1 inverts it. Right-click resets."
    control = f"edit/{layer}/{channel}"
    scale = widgets.slider(
        name, before, -2.0, 4.0, default=1.0, tip=tip, fmt="× %.2f", control=control
    )
    return _set(session, layer, channel, scale) if scale != before else session


def _set(session: Session, layer: str, channel: int, scale: float) -> Session:
    kept = edits.with_scale(session.render.edits, layer, channel, scale)
    return session.with_render(edits=kept)


def _frame(context: Context, layer: LayerInfo) -> Frame | None:
    frame = context.frames.get(STREAM)
    if frame is None or frame.request.view is None or frame.info.atlas is None:
        return None
    matches = frame.request.view.layer == layer.name
    return frame if matches and frame.info.atlas.channels == layer.channels else None


def _cell_size(pixels: float) -> int:
    # Powers of two: dragging the panel's edge must not ask for a new atlas at every pixel.
    return min(max(1 << math.ceil(math.log2(max(pixels, 1.0))), 32), 128)


def _cell_at(layout: AtlasLayout, low: ImVec2, width: float) -> int | None:
    mouse, side = imgui.get_mouse_pos(), width / layout.columns
    column, row = int((mouse.x - low.x) // side), int((mouse.y - low.y) // side)
    channel = row * layout.columns + column
    return channel if 0 <= column < layout.columns and 0 <= channel < layout.channels else None


def _corner(layout: AtlasLayout, low: ImVec2, width: float, channel: int) -> ImVec2:
    side = width / layout.columns
    row, column = divmod(channel, layout.columns)
    return ImVec2(low.x + column * side, low.y + row * side)


def _outline(
    layout: AtlasLayout, low: ImVec2, width: float, channel: int, color: imgui.ImVec4, line: float
) -> None:
    a, side = _corner(layout, low, width, channel), width / layout.columns
    b = ImVec2(a.x + side, a.y + side)
    imgui.get_window_draw_list().add_rect(a, b, imgui.get_color_u32(color), 0.0, line)


def _draw_marks(
    session: Session,
    layer: LayerInfo,
    view: LayerView,
    layout: AtlasLayout,
    low: ImVec2,
    width: float,
) -> None:
    draw_list = imgui.get_window_draw_list()
    side, line = width / layout.columns, em(0.1)
    mark = imgui.get_color_u32(theme.color(MARK))
    only = edits.soloed(session.render.edits, layer.name, layer.channels)
    if only is not None:
        # Five hundred crossed out cells would say less than the one that is not.
        _outline(layout, low, width, only, theme.color(MARK), 2 * line)
    for edit in session.render.edits if only is None else ():
        if edit.layer != layer.name or edit.channel >= layout.channels:
            continue
        a = _corner(layout, low, width, edit.channel)
        b = ImVec2(a.x + side, a.y + side)
        draw_list.add_rect(a, b, mark, 0.0, line)
        if edit.scale == 0.0:
            draw_list.add_line(a, b, mark, line)
    if view.mode == "channel" and view.channel < layout.channels:
        _outline(layout, low, width, view.channel, theme.color(VIEWED), em(0.16))


def _draw_groups(groups: Groups | None, layout: AtlasLayout, low: ImVec2, width: float) -> None:
    """Draw a bar at the foot of each channel in the colour of its group."""
    side, draw_list = width / layout.columns, imgui.get_window_draw_list()
    height = max(0.08 * side, em(0.12))
    for index, group in enumerate(groups or ()):
        color = imgui.get_color_u32(imgui.ImVec4(*mixing.color(index), 1.0))
        for channel in group:
            a = _corner(layout, low, width, channel)
            foot = ImVec2(a.x + em(0.08), a.y + side - height)
            draw_list.add_rect_filled(foot, ImVec2(a.x + side - em(0.08), a.y + side), color)


def _draw_tooltip(
    session: Session,
    context: Context,
    frame: Frame,
    layout: AtlasLayout,
    layer: LayerInfo,
    channel: int,
) -> None:
    """Draw a channel enlarged, by drawing the whole atlas through a hole of one cell."""
    imgui.begin_tooltip()
    side = em(9)
    low = imgui.get_cursor_screen_pos()
    imgui.dummy(ImVec2(side, side))
    row, column = divmod(channel, layout.columns)
    start = ImVec2(low.x - column * side, low.y - row * side)
    end = ImVec2(start.x + layout.columns * side, start.y + layout.rows * side)
    imgui.push_clip_rect(low, ImVec2(low.x + side, low.y + side), True)
    context.draw_image(frame, start, end, smooth=False, key=f"{STREAM} cell")
    imgui.pop_clip_rect()
    scale = edits.scale_of(session.render.edits, layer.name, channel)
    edited = {0.0: "  silenced", 1.0: ""}.get(scale, f"  × {scale:.2f}")
    imgui.text_unformatted(f"Channel {channel}{edited}")
    muted("Click: view it")
    muted("Right-click: scale or silence it")
    imgui.end_tooltip()
