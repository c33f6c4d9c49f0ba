"""The left end of the status bar: how the renderer is, and what can be done where it is not."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk import reaching
from viz.desk.context import Context
from viz.ui import theme
from viz.ui.text import muted, shorten
from viz.ui.widgets import em, tooltip

ROOM_EM = 30
"""The most that the words take, in em."""
REASON_EM = 12
"""The least room for saying what is wrong, in em."""
OTHERS_EM = 36
"""The room that is left for the rest of the line, in em."""


def draw_renderer(context: Context) -> None:
    """Draw a dot in the colour of its state, words, and buttons where something can be done."""
    engine, palette = context.engine, theme.current()
    shade = {"ready": palette.good, "failed": palette.error}.get(engine.state, palette.warning)
    size = em(0.5)
    at = imgui.get_cursor_screen_pos()
    middle = ImVec2(at.x + size / 2, at.y + imgui.get_frame_height() / 2)
    imgui.get_window_draw_list().add_circle_filled(
        middle, size / 2, imgui.color_convert_float4_to_u32(theme.color(shade))
    )
    imgui.dummy(ImVec2(size, imgui.get_frame_height()))
    imgui.same_line()
    imgui.align_text_to_frame_padding()
    room = min(em(ROOM_EM), 0.5 * imgui.get_window_width())
    imgui.text_unformatted(shorten(_words(context), room))
    tooltip(_told(context))
    if engine.line is not None:
        for offer in reaching.offers(engine):
            imgui.same_line()
            if imgui.small_button(f"{offer}###{offer} renderer"):
                reaching.do(offer, context.actions)
            tooltip(reaching.TIPS[offer])
        _draw_reason(context)
    elif engine.state == "failed":
        imgui.same_line()
        if imgui.small_button("Restart"):
            context.actions.restart_renderer()


def _draw_reason(context: Context) -> None:
    """Draw what is wrong, where there is room for it; the tooltip has all of it."""
    reason, end = reaching.reason(context.engine), imgui.get_item_rect_max().x
    room = imgui.get_window_pos().x + imgui.get_window_width() - end - em(OTHERS_EM)
    if reason and room > em(REASON_EM):
        imgui.same_line(0, em(0.7))
        imgui.align_text_to_frame_padding()
        muted(shorten(reason, min(room, em(ROOM_EM)), at="end"))
        tooltip(_told(context))


def _words(context: Context) -> str:
    engine, place = context.engine, context.elsewhere
    # How it is matters more than where; a name is short enough by itself as a rule.
    shown = shorten(place, min(em(14), 0.2 * imgui.get_window_width())) if place else ""
    if engine.hello is None or engine.state != "ready":
        return reaching.brief(engine, shown) or engine.state
    where = f"{shown}: " if place else ""
    return f"{where}{engine.hello.device} · {engine.hello.precision}"


def _told(context: Context) -> str:
    engine, hello = context.engine, context.engine.hello
    if engine.line is not None:
        return reaching.story(engine)
    where = f" on {context.elsewhere}, whose files are opened" if context.elsewhere else ""
    if hello is not None and hello.host and hello.host not in context.elsewhere:
        where += f"; the machine calls itself {hello.host}"
    return f"Renderer{where}: {engine.state}. {engine.text}"
