"""The strip of buttons over the picture while its points are dragged."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common.dragging import ENDINGS
from common.units import counted
from viz.desk.context import Context
from viz.picture.pill import draw_pill, on_pill
from viz.session import dragging
from viz.session.session import Session
from viz.ui.widgets import button, em, tooltip

BRUSHES = (0.01, 0.4)
"""The smallest and the largest radius of the brush, as shares of the picture's side."""
WIDE = 31.0
"""The width of the strip at most, in em."""
FORMS = ("{icon}  {word}", "{word}", "{icon}")
"""What is written on buttons, for less and less room."""


def draw_strip(session: Session, context: Context, corner: ImVec2, area: ImVec2) -> Session:
    """Draw it above the toolbar; return the session as its buttons leave it.

    corner: the upper left corner of the picture's area, as a screen position.
    area: its width and height in pixels.
    """
    line, gap, pad = imgui.get_frame_height(), em(0.3), em(0.4)
    width = min(em(WIDE), max(area.x - em(1.2), em(8)))
    inner = width - 2 * pad
    said = _words(session, context) if context.dragging.tool == "points" else ""
    words = imgui.calc_text_size(said, wrap_width=inner - em(0.6)).y
    tall = line + gap + max(line, words) + 2 * pad
    low = ImVec2(corner.x + (area.x - width) / 2, corner.y + max(area.y - tall - line - em(2.0), 0))
    high = ImVec2(low.x + width, low.y + tall)
    draw_pill(low, high)
    # Between its buttons a press is not one on the picture.
    imgui.set_cursor_screen_pos(low)
    imgui.set_next_item_allow_overlap()
    imgui.invisible_button("##strip", ImVec2(width, tall))
    imgui.set_cursor_screen_pos(ImVec2(low.x + pad, low.y + pad))
    with on_pill():
        session = _tools(session, context, inner)
        at = ImVec2(low.x + pad, low.y + pad + line + gap)
        imgui.set_cursor_screen_pos(at)
        if said:
            middle = at.y + (max(line, words) - words) / 2
            imgui.set_cursor_screen_pos(ImVec2(at.x + em(0.3), middle))
            imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + inner - em(0.6))
            imgui.text_unformatted(said)
            imgui.pop_text_wrap_pos()
        else:
            session = _brush(session, context, inner)
    return session


def _tools(session: Session, context: Context, width: float) -> Session:
    """The first line: what the mouse does, and the drag itself."""
    facts, actions = context.dragging, context.actions.dragging
    gap, side = em(0.2), imgui.get_frame_height()
    parts = 5
    room = (width - side - parts * gap) / parts
    points = facts.tool == "points"
    label = _Labels(("Region", "Points", "Start", "Step", "Reset"), room)
    text = label(fa.ICON_FA_LOCATION_DOT, "Points")
    tip = (
        "Points: press on what shall move and draw to where it shall go. Right-click or Delete: "
        "away."
    )
    if button(text, tip=tip, width=room, on=points):
        actions.choose("points")
    imgui.same_line(0, gap)
    text = label(fa.ICON_FA_PAINTBRUSH, "Region")
    tip = "Region: paint the part of the picture that may move; the rest is held where it is."
    if button(text, tip=tip, width=room, on=not points):
        actions.choose("paint")
    imgui.same_line(0, gap)
    can = bool(session.drag.points) and _fit(session, context)
    if facts.running:
        tip = "Stop here: what it has come to becomes the latent (one step of undo)."
        if button(label(fa.ICON_FA_STOP, "Stop"), tip=tip, width=room):
            actions.stop()
    else:
        tip = "Start: the latent follows until every point is where it shall be (Shift+G)."
        if button(label(fa.ICON_FA_PLAY, "Start"), tip=tip, width=room, enabled=can):
            actions.start()
    imgui.same_line(0, gap)
    text, can = label(fa.ICON_FA_FORWARD_STEP, "Step"), can and not facts.running
    if button(text, tip="One step only.", width=room, enabled=can):
        actions.start(1)
    imgui.same_line(0, gap)
    text = label(fa.ICON_FA_ARROW_ROTATE_LEFT, "Reset")
    tip = "Reset: back to the picture and the points that the drag began with (one step of undo)."
    if button(text, tip=tip, width=room, enabled=facts.can_reset):
        actions.reset()
    imgui.same_line(0, gap)
    if button(f"{fa.ICON_FA_XMARK}###Leave", tip="Put the tool away (Escape).", width=side):
        actions.choose("")
    return session


def _brush(session: Session, context: Context, width: float) -> Session:
    """The second line with the brush in the hand."""
    facts, actions = context.dragging, context.actions.dragging
    gap, parts = em(0.2), 5
    room = (width - (parts - 1) * gap) / parts
    label = _Labels(("Paint", "Erase", "Invert", "Clear"), room)
    tip = "Paint what may move (Shift: erase)."
    if button(label(fa.ICON_FA_PAINTBRUSH, "Paint"), tip=tip, width=room, on=facts.tool == "paint"):
        actions.choose("paint")
    imgui.same_line(0, gap)
    tip = "Erase: take from what may move (Shift: paint)."
    if button(label(fa.ICON_FA_ERASER, "Erase"), tip=tip, width=room, on=facts.tool == "erase"):
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
    tip = "Invert: what was held may move, and the other way."
    if button(label(fa.ICON_FA_CIRCLE_HALF_STROKE, "Invert"), tip=tip, width=room, enabled=some):
        session = session.with_drag(mask=dragging.inverted(session.drag).mask)
    imgui.same_line(0, gap)
    if button(
        label(fa.ICON_FA_TRASH, "Clear"),
        tip="Clear: all of the picture may move.",
        width=room,
        enabled=some,
    ):
        session = session.with_drag(mask=b"")
    return session


class _Labels:
    """What is written on the buttons of a line: as much as fits on all of them."""

    def __init__(self, words: tuple[str, ...], room: float) -> None:
        """words: of all its buttons. room: the width of each, in pixels."""
        room -= 2 * imgui.get_style().frame_padding.x

        def fits(form: str) -> bool:
            texts = (form.format(icon=fa.ICON_FA_PAINTBRUSH, word=word) for word in words)
            return max(imgui.calc_text_size(text).x for text in texts) <= room

        self._form = next((form for form in FORMS if fits(form)), FORMS[-1])

    def __call__(self, icon: str, word: str) -> str:
        """Return the text of a button and its id."""
        return f"{self._form.format(icon=icon, word=word)}###{word}"


def _fit(session: Session, context: Context) -> bool:
    """Whether all points lie in the pictures of the network that is shown."""
    return context.model is None or dragging.fits(session.drag, context.model.img_shape)


def _words(session: Session, context: Context) -> str:
    """What the second line says while points are placed."""
    facts, count = context.dragging, len(session.drag.points)
    if facts.failure is not None:
        return f"{facts.failure.message} {facts.failure.remedy}".strip()
    if not count:
        return "Press on what shall move, and draw to where it shall go."
    if not _fit(session, context):
        return "A point lies outside this picture, which is smaller than the one it was placed in."
    if facts.step is None:
        return f"{counted(count, 'point')}. Start, or place another."
    steps = counted(facts.step.done, "step")
    end = "" if facts.running else ENDINGS[facts.step.ending]
    return f"{steps}, {facts.step.distance:.1f} pixels to go{end and f': {end}'}"
