"""The strip of buttons over the picture while its points are dragged."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common.units import counted
from viz.desk.context import Context
from viz.desk.dragging import Tool
from viz.picture.pill import draw_pill, ink, on_pill
from viz.session import dragging
from viz.session.session import Session
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

BRUSHES = (0.01, 0.4)
"""The smallest and the largest radius of the brush, as shares of the picture's side."""
WIDE = 27.0
"""The width of the strip, in em."""
ENDS = {
    "arrived": "arrived",
    "stuck": "comes no nearer",
    "oscillating": "only goes to and fro",
    "": "",
}
"""How a drag has ended, in words."""


def draw_strip(session: Session, context: Context, corner: ImVec2, area: ImVec2) -> Session:
    """Draw it above the toolbar; return the session as its buttons leave it.

    corner: the upper left corner of the picture's area, as a screen position.
    area: its width and height in pixels.
    """
    line, gap, pad = imgui.get_frame_height(), em(0.3), em(0.4)
    width = min(em(WIDE), max(area.x - em(1.2), em(8)))
    tall = 2 * line + gap + 2 * pad
    low = ImVec2(corner.x + (area.x - width) / 2, corner.y + max(area.y - tall - line - em(2.0), 0))
    high = ImVec2(low.x + width, low.y + tall)
    draw_pill(low, high)
    # Between its buttons a press is not one on the picture.
    imgui.set_cursor_screen_pos(low)
    imgui.set_next_item_allow_overlap()
    imgui.invisible_button("##strip", ImVec2(width, tall))
    inner = width - 2 * pad
    imgui.set_cursor_screen_pos(ImVec2(low.x + pad, low.y + pad))
    with on_pill():
        session = _tools(session, context, inner)
        at = ImVec2(low.x + pad, low.y + pad + line + gap)
        imgui.set_cursor_screen_pos(at)
        if context.dragging.tool == "points":
            text = shorten(_words(session, context), inner - em(0.6))
            place = ImVec2(at.x + em(0.3), at.y + (line - imgui.get_font_size()) / 2)
            imgui.get_window_draw_list().add_text(place, ink(), text)
        else:
            session = _brush(session, context, inner)
    return session


def _button(text: str, width: float, tip: str, *, on: bool = False, enabled: bool = True) -> bool:
    if on:
        imgui.push_style_color(
            imgui.Col_.button, imgui.get_style_color_vec4(imgui.Col_.button_active)
        )
    imgui.begin_disabled(not enabled)
    pressed: bool = imgui.button(text, ImVec2(width, 0))
    imgui.end_disabled()
    if on:
        imgui.pop_style_color()
    tooltip(tip)
    return pressed


def _tools(session: Session, context: Context, width: float) -> Session:
    """The first line: what the mouse does, and the drag itself."""
    facts, actions = context.dragging, context.actions.dragging
    gap, side = em(0.2), imgui.get_frame_height()
    parts = 5
    room = (width - side - parts * gap) / parts
    tool: Tool = facts.tool
    tip = "Press on what shall move and draw to where it shall go. Right-click or Delete: away."
    if _button(f"{fa.ICON_FA_LOCATION_DOT}  Points###Points", room, tip, on=tool == "points"):
        actions.choose("points")
    imgui.same_line(0, gap)
    tip = "Paint the part of the picture that may move; the rest is held where it is."
    if _button(f"{fa.ICON_FA_PAINTBRUSH}  Region###Region", room, tip, on=tool != "points"):
        actions.choose("paint")
    imgui.same_line(0, gap)
    if facts.running:
        tip = "Stop here: what it has come to becomes the latent (one step of undo)."
        if _button(f"{fa.ICON_FA_STOP}  Stop###Stop", room, tip):
            actions.stop()
    else:
        tip = "The latent follows until every point is where it shall be (Shift+G)."
        can = bool(session.drag.points)
        if _button(f"{fa.ICON_FA_PLAY}  Start###Start", room, tip, enabled=can):
            actions.start()
    imgui.same_line(0, gap)
    can = bool(session.drag.points) and not facts.running
    if _button(f"{fa.ICON_FA_FORWARD_STEP}  Step###Step", room, "One step only.", enabled=can):
        actions.start(1)
    imgui.same_line(0, gap)
    tip = "Back to the picture and the points that the drag began with (one step of undo)."
    can = facts.can_reset
    if _button(f"{fa.ICON_FA_ARROW_ROTATE_LEFT}  Reset###Reset", room, tip, enabled=can):
        actions.reset()
    imgui.same_line(0, gap)
    if _button(f"{fa.ICON_FA_XMARK}###Leave", side, "Put the tool away (Escape)."):
        actions.choose("")
    return session


def _brush(session: Session, context: Context, width: float) -> Session:
    """The second line with the brush in the hand."""
    facts, actions = context.dragging, context.actions.dragging
    gap, parts = em(0.2), 5
    room = (width - (parts - 1) * gap) / parts
    if _button(
        "Paint###Paint", room, "Paint what may move (Shift: erase).", on=facts.tool == "paint"
    ):
        actions.choose("paint")
    imgui.same_line(0, gap)
    if _button(
        "Erase###Erase", room, "Take from what may move (Shift: paint).", on=facts.tool == "erase"
    ):
        actions.choose("erase")
    imgui.same_line(0, gap)
    imgui.set_next_item_width(room)
    colors = ((imgui.Col_.frame_bg, 0.10), (imgui.Col_.frame_bg_hovered, 0.18))
    for which, light in (*colors, (imgui.Col_.frame_bg_active, 0.22)):
        imgui.push_style_color(which, ImVec4(1, 1, 1, light))
    changed, percent = imgui.slider_float(
        "###Size", 200 * facts.brush, 200 * BRUSHES[0], 200 * BRUSHES[1], "%.0f %%"
    )
    imgui.pop_style_color(3)
    tooltip("How wide the brush is, as a share of the picture.")
    if changed:
        actions.size(min(max(percent / 200, BRUSHES[0]), BRUSHES[1]))
    imgui.same_line(0, gap)
    some = session.drag.mask != b""
    if _button("Invert###Invert", room, "What was held may move, and the other way.", enabled=some):
        session = session.with_drag(mask=dragging.inverted(session.drag).mask)
    imgui.same_line(0, gap)
    if _button("Clear###Clear", room, "All of the picture may move.", enabled=some):
        session = session.with_drag(mask=b"")
    return session


def _words(session: Session, context: Context) -> str:
    """What the second line says while points are placed."""
    facts, count = context.dragging, len(session.drag.points)
    if facts.failure is not None:
        return f"{facts.failure.message} {facts.failure.remedy}".strip()
    if not count:
        return "Press on what shall move, and draw to where it shall go."
    if facts.step is None:
        return f"{counted(count, 'point')}. Start, or place another."
    steps = counted(facts.step.done, "step")
    end = "" if facts.running else ENDS[facts.step.ending]
    return f"{steps}, {facts.step.distance:.1f} pixels to go{end and f': {end}'}"
