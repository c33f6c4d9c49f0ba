"""The strip of buttons over the picture while its points are dragged."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common.dragging import ENDINGS
from common.units import counted
from viz.desk.context import Context
from viz.picture.pill import draw_pill, on_pill
from viz.session.changes import dragging
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
    painting = context.dragging.tool in ("paint", "erase")
    said = _words(session, context)
    if painting and not _has_news(context):
        said = ""  # what is to be done with points does not help with the brush
    words = imgui.calc_text_size(said, wrap_width=inner - em(0.6)).y if said else 0.0
    tall = line + 2 * pad
    tall += (gap + line if painting else 0.0) + (gap + max(line, words) if said else 0.0)
    low = ImVec2(corner.x + (area.x - width) / 2, corner.y + max(area.y - tall - line - em(2.0), 0))
    high = ImVec2(low.x + width, low.y + tall)
    draw_pill(low, high)
    # Between its buttons a press is not one on the picture.
    imgui.set_cursor_screen_pos(low)
    imgui.set_next_item_allow_overlap()
    imgui.invisible_button("##strip", ImVec2(width, tall))
    above = ImVec2((low.x + high.x) / 2, low.y - gap)
    at = ImVec2(low.x + pad, low.y + pad)
    imgui.set_cursor_screen_pos(at)
    with on_pill():
        session = _tools(session, context, inner, above)
        if painting:
            at = ImVec2(at.x, at.y + line + gap)
            imgui.set_cursor_screen_pos(at)
            session = _brush(session, context, inner, above)
        if said:
            top = at.y + line + gap + (max(line, words) - words) / 2
            imgui.set_cursor_screen_pos(ImVec2(at.x + em(0.3), top))
            imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + inner - em(0.6))
            imgui.text_unformatted(said)
            imgui.pop_text_wrap_pos()
    return session


def _tools(session: Session, context: Context, width: float, above: ImVec2) -> Session:
    """The first line: what the mouse does, and the drag itself."""
    facts, actions = context.dragging, context.actions.dragging
    gap, side = em(0.2), imgui.get_frame_height()
    parts = 5
    room = (width - side - parts * gap) / parts
    points = facts.tool == "points"
    press = _Buttons(("Region", "Points", "Start", "Step", "Reset"), room, above)
    tip = (
        "Points: press on what shall move and draw to where it shall go. Right-click or Delete: "
        "away."
    )
    if press(fa.ICON_FA_LOCATION_DOT, "Points", tip, on=points):
        actions.choose("points")
    imgui.same_line(0, gap)
    tip = "Region: paint the part of the picture that may move; the rest is held where it is."
    if press(fa.ICON_FA_PAINTBRUSH, "Region", tip, on=not points):
        actions.choose("paint")
    imgui.same_line(0, gap)
    can = bool(session.drag.points) and _fit(session, context)
    if facts.running:
        tip = "Stop here: what it has come to becomes the latent (one step of undo)."
        if press(fa.ICON_FA_STOP, "Stop", tip):
            actions.stop()
    else:
        tip = "Start: the latent follows until every point is where it shall be (Shift+G)."
        if press(fa.ICON_FA_PLAY, "Start", tip, enabled=can):
            actions.start()
    imgui.same_line(0, gap)
    can = can and not facts.running
    if press(fa.ICON_FA_FORWARD_STEP, "Step", "One step only.", enabled=can):
        actions.start(1)
    imgui.same_line(0, gap)
    tip = "Reset: back to the picture and the points that the drag began with (one step of undo)."
    if press(fa.ICON_FA_ARROW_ROTATE_LEFT, "Reset", tip, enabled=facts.can_reset):
        actions.reset()
    imgui.same_line(0, gap)
    tip = "Put the tool away (Escape)."
    if button(f"{fa.ICON_FA_XMARK}###Leave", tip=tip, width=side, above=above):
        actions.choose("")
    return session


def _brush(session: Session, context: Context, width: float, above: ImVec2) -> Session:
    """The second line with the brush in the hand."""
    facts, actions = context.dragging, context.actions.dragging
    gap, parts = em(0.2), 5
    room = (width - (parts - 1) * gap) / parts
    press = _Buttons(("Paint", "Erase", "Invert", "Clear"), room, above)
    tip = "Paint what may move (Shift: erase)."
    if press(fa.ICON_FA_PAINTBRUSH, "Paint", tip, on=facts.tool == "paint"):
        actions.choose("paint")
    imgui.same_line(0, gap)
    tip = "Erase: take from what may move (Shift: paint)."
    if press(fa.ICON_FA_ERASER, "Erase", tip, on=facts.tool == "erase"):
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
    tooltip("How wide the brush is, as a share of the picture.", above)
    if changed:
        actions.size(min(max(percent / 200, BRUSHES[0]), BRUSHES[1]))
    imgui.same_line(0, gap)
    some = session.drag.mask != b""
    tip = "Invert: what was held may move, and the other way."
    if press(fa.ICON_FA_CIRCLE_HALF_STROKE, "Invert", tip, enabled=some):
        session = session.with_drag(mask=dragging.inverted(session.drag).mask)
    imgui.same_line(0, gap)
    tip = "Clear: all of the picture may move."
    if press(fa.ICON_FA_TRASH, "Clear", tip, enabled=some):
        session = session.with_drag(mask=b"")
    return session


class _Buttons:
    """The buttons of a line: of equal width, with as much written on them as fits on all."""

    def __init__(self, words: tuple[str, ...], room: float, above: ImVec2) -> None:
        """words: of all its buttons. room: the width of each, in pixels.

        above: where what they do is explained, clear of the strip.
        """
        self._room, self._above = room, above
        inside = room - 2 * imgui.get_style().frame_padding.x

        def fits(form: str) -> bool:
            texts = (form.format(icon=fa.ICON_FA_PAINTBRUSH, word=word) for word in words)
            return max(imgui.calc_text_size(text).x for text in texts) <= inside

        self._form = next((form for form in FORMS if fits(form)), FORMS[-1])

    def __call__(
        self, icon: str, word: str, tip: str, *, enabled: bool = True, on: bool = False
    ) -> bool:
        """Draw a button; return whether it was pressed."""
        text = f"{self._form.format(icon=icon, word=word)}###{word}"
        above = self._above
        return button(text, tip=tip, enabled=enabled, width=self._room, on=on, above=above)


def _has_news(context: Context) -> bool:
    """Whether there is something to tell of a drag, and not only what could be done."""
    facts = context.dragging
    return facts.running or facts.step is not None or facts.failure is not None


def _fit(session: Session, context: Context) -> bool:
    """Whether all points lie in the pictures of the network that is shown."""
    return context.model is None or dragging.fits(session.drag, context.model.img_shape)


def _words(session: Session, context: Context) -> str:
    """What the strip says of the points and of the drag."""
    facts, count = context.dragging, len(session.drag.points)
    if facts.failure is not None:
        return f"{facts.failure.message} {facts.failure.remedy}".strip()
    if not count:
        return "Press on what shall move, and draw to where it shall go."
    if not _fit(session, context):
        return "A point lies outside this picture, which is smaller than the one it was placed in."
    if facts.step is None and facts.running:
        return f"It begins with {counted(count, 'point')} …"
    if facts.step is None:
        return f"{counted(count, 'point')}. Start, or place another."
    steps = counted(facts.step.done, "step")
    end = "" if facts.running else ENDINGS[facts.step.ending]
    return f"{steps}, {facts.step.distance:.1f} pixels to go{end and f': {end}'}"
