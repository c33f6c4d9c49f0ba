"""The left end of the status bar: how the renderer is, and what can be done where it is not."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui

from viz.desk import reaching
from viz.desk.context import Context
from viz.ui import theme
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

ROOM_EM = 30
"""The most that the words take, in em."""


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
    elif engine.state == "failed":
        imgui.same_line()
        if imgui.small_button("Restart"):
            context.actions.restart_renderer()


def _words(context: Context) -> str:
    engine, place = context.engine, context.elsewhere
    if engine.hello is None or engine.state != "ready":
        return reaching.brief(engine) or engine.state
    where = f"{shorten(place, em(14))}: " if place else ""
    return f"{where}{engine.hello.device} · {engine.hello.precision}"


def _told(context: Context) -> str:
    engine, hello = context.engine, context.engine.hello
    if engine.line is not None:
        return reaching.story(engine)
    where = f" on {context.elsewhere}, whose files are opened" if context.elsewhere else ""
    if hello is not None and hello.host and hello.host not in context.elsewhere:
        where += f"; the machine calls itself {hello.host}"
    return f"Renderer{where}: {engine.state}. {engine.text}"
