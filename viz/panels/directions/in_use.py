"""What the picture is moved along and the set that is shown does not list."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.directions import FAR, FAR_STYLE, style_title
from renderer.messages.model import ModelInfo
from renderer.messages.request import StyleShift
from viz.desk.context import Context
from viz.session.changes import directions
from viz.session.changes.directions import Used
from viz.session.session import Session
from viz.ui import sliders, widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

NAME_EM = 6.5
"""The width of the name, in em."""


def draw_in_use(session: Session, context: Context, model: ModelInfo) -> Session:
    """Draw a row for each direction and style channel of the picture that is not of the set shown;
    return the session as it was moved there. Nothing is drawn where there is none."""
    shown = context.directions.shown
    components = () if shown is None else shown.found.components
    used = directions.unlisted(session.render, components)
    if used and widgets.section("In use"):
        for place, each in enumerate(used):
            imgui.push_id(f"used{place}")
            session = _draw(session, each, model)
            imgui.pop_id()
        imgui.spacing()
    return session


def _draw(session: Session, used: Used, model: ModelInfo) -> Session:
    """Draw one of them; return the session with another amount of it, or without it."""
    side, gap, left = imgui.get_frame_height(), em(0.15), imgui.get_cursor_pos_x()
    name, what = _words(used, model)
    imgui.align_text_to_frame_padding()
    if directions.has_effect(used, model):
        imgui.text_unformatted(shorten(name, em(NAME_EM)))
    else:
        muted(shorten(name, em(NAME_EM)))
    widgets.tooltip(f"{name}. {what}")
    imgui.same_line(left + em(NAME_EM + 0.3))
    imgui.set_next_item_width(imgui.get_content_region_avail().x - side - gap)
    far = FAR_STYLE if isinstance(used, StyleShift) else FAR
    form = "%+.2fσ" if used.amount else "0"
    amount: float | None = sliders.slider_float("##amount", used.amount, -far, far, form)
    tip = f"{what} How far, in standard deviations. Ctrl+click to type."
    amount = widgets.finish(amount, 0.0, tip)
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_XMARK}###away", tip="Take it away from the picture.", width=side
    ):
        amount = None
    if amount == used.amount:
        return session
    return structs.replace(session, render=directions.with_used(session.render, used, amount))


def _words(used: Used, model: ModelInfo) -> tuple[str, str]:
    """Return its name, and what it moves."""
    if isinstance(used, StyleShift):
        title = style_title(used.layer, used.channel)
        name, what = used.name or title, f"Style {used.channel} of {used.layer} is changed."
    else:
        last = model.num_ws - 1 if used.last is None else used.last
        only = ", orthogonal to the others" if used.orthogonal else ""
        name = used.name or "Without a name"
        what = f"Rows {used.first} to {last} of w are moved along it{only}."
    if not directions.has_effect(used, model):
        what = "Without effect: this network has nothing that it moves."
    return name, what
