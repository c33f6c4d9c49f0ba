"""Messages in the place of a picture or over it: why there is none, or not the newest."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.request import Arc, Average, Plane, SavedW
from viz.desk import reaching
from viz.desk.context import Context
from viz.desk.facts import Engine
from viz.picture.pill import draw_pill, on_pill
from viz.session.session import Session
from viz.ui import theme, widgets
from viz.ui.widgets import em

Offer: TypeAlias = Literal["Restart", "Retry", "Open…", "Back to the plane"] | reaching.Offer
"""What can be done where there is no picture, as its button calls it."""
BACK: Offer = "Back to the plane"
"""The way out of a stored latent, which another network may be unable to draw."""
BACK_TIP = "Leave the stored latent for seed 0 of the plane, which every network draws."
"""Shown over that button."""


def draw_failure(session: Session, context: Context, corner: ImVec2, area: ImVec2) -> Session:
    """Say over the picture why it is not that of the newest request, where it is not.

    Return the session, which is back on the plane where its stored latent was given up.

    corner: the upper left corner of the picture's area, as a screen position.
    area: its width and height in pixels.
    """
    failure = context.failures.get("main")
    if failure is None:
        return session
    icon = fa.ICON_FA_TRIANGLE_EXCLAMATION
    text = f"{failure.message}\n{failure.remedy}".strip()
    wrap = area.x - em(6)
    size = imgui.calc_text_size(text, wrap_width=wrap)
    low = ImVec2(corner.x + (area.x - size.x) / 2 - em(1.6), corner.y + em(3))
    stored = _is_stored(session)
    row = imgui.get_frame_height() + em(0.4) if stored else 0.0
    draw_pill(low, ImVec2(low.x + size.x + em(3.2), low.y + size.y + em(1) + row))
    imgui.set_cursor_screen_pos(ImVec2(low.x + em(0.7), low.y + em(0.5)))
    imgui.text_colored(theme.color(theme.current().error), icon)
    imgui.set_cursor_screen_pos(ImVec2(low.x + em(2.2), low.y + em(0.5)))
    imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + size.x + 1)
    with on_pill():
        imgui.text_unformatted(text)
    imgui.pop_text_wrap_pos()
    if not stored:
        return session
    imgui.set_cursor_screen_pos(ImVec2(low.x + em(2.2), low.y + em(0.9) + size.y))
    if widgets.button(BACK, tip=BACK_TIP):
        return _act(BACK, session, context)
    return session


def draw_instead(session: Session, context: Context, corner: ImVec2, area: ImVec2) -> Session:
    """Say what is happening, or what to do, where there is no picture; return the session.

    corner: the upper left corner of the picture's area, as a screen position.
    area: its width and height in pixels.
    """
    title, text, offered = _state(session, context)
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
    for name in offered:
        if imgui.button(name):
            session = _act(name, session, context)
        imgui.same_line()
    imgui.end_group()
    return session


def _state(session: Session, context: Context) -> tuple[str, str, tuple[Offer, ...]]:
    """Return a title, a text under it, and what can be done."""
    engine, failure = context.engine, context.failures.get("main")
    if engine.line is not None:
        return _heading(engine, engine.line.place), reaching.story(engine), reaching.offers(engine)
    if engine.state == "failed":
        return "The renderer stopped", engine.text, ("Restart",)
    if context.load_failure is not None:
        path, why = context.load_failure
        return "This file did not open", f"{path}\n{why.message}\n{why.remedy}", ("Retry", "Open…")
    if failure is not None:
        ways: tuple[Offer, ...] = ("Retry", "Open…")
        ways = (BACK, *ways) if _is_stored(session) else ways
        return "No picture", f"{failure.message}\n{failure.remedy}", ways
    if engine.state in ("starting", "restarting"):
        text = engine.text if engine.state == "restarting" else ""
        return "Starting the renderer", text or "This takes a few seconds.", ()
    if context.jobs:
        return "Opening", "The first picture comes as soon as the network is read.", ()
    if not session.render.snapshot:
        return "No network", "Drop a snapshot on the window, or open one.", ("Open…",)
    return "Rendering", "The first picture is on its way.", ()


def _heading(engine: Engine, place: str) -> str:
    if engine.state == "failed":
        return f"No renderer at {place}"
    if engine.line is not None and engine.line.again_at is not None:
        return f"The connection to {place} was lost"
    answered = engine.line is not None and engine.line.answered
    return f"Starting the renderer on {place}" if answered else f"Connecting to {place}"


def _is_stored(session: Session) -> bool:
    """Whether the latent is made of files, whose w has the shape of one kind of network."""
    return isinstance(session.render.source, SavedW | Average | Arc)


def _act(name: Offer, session: Session, context: Context) -> Session:
    """Do what a button says; return the session as it leaves it."""
    if name == BACK:
        return session.with_render(source=Plane())
    if name in reaching.TIPS:
        reaching.do(name, context.actions)
    elif name == "Restart":
        context.actions.restart_renderer()
    elif name == "Open…":
        context.actions.browse("snapshot")
    elif context.load_failure is not None:
        context.actions.open_snapshot(context.load_failure[0])
    else:
        context.actions.open_snapshot(session.render.snapshot)
    return session
