"""One line at the bottom: the engine, the network, what is under way, speed, the last message."""

from __future__ import annotations

import math

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui

from common import units
from common.units import side_squared
from renderer.messages.frame import Draft
from viz.desk.commands import Desk
from viz.shell.above.messages import Messages
from viz.shell.job_line import GAP, draw_jobs, width
from viz.shell.renderer_light import draw_renderer
from viz.ui import theme
from viz.ui.layout import align_right
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

RECORDING = 6.0
"""The room for the button that ends a recording, in em."""
SPEED = 15.0
"""The room for how fast pictures come, in em."""
READABLE = 8.0
"""The least room for a message while no renderer is there, in em."""


class StatusBar:
    """Draws the line at the bottom.

    While a renderer far away is not reached, the rest gives way to how it is and what can be done:
    there is no speed, a snapshot is a name, and a message is words.

    messages: what was said; the newest is shown, and after a click all of them.
    """

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def draw(self, desk: Desk) -> None:
        """Draw the line, inside the bar's window."""
        imgui.align_text_to_frame_padding()
        draw_renderer(desk.context)
        self._network(desk)
        self._recording(desk)
        imgui.same_line(0, 0)
        draw_jobs(desk, imgui.get_content_region_avail().x)
        self._message(desk)
        self._speed(desk)

    def _network(self, desk: Desk) -> None:
        model = desk.context.model
        if model is None:
            return
        facts = [f"{model.name}  {side_squared(model.img_shape)}"]
        if model.kimg is not None:
            facts.append(units.kimg(model.kimg))
        if model.augment_p is not None:
            facts.append(f"p {model.augment_p:.3f}")
        imgui.same_line(0, em(GAP))
        taken = width(desk.context.jobs) + (em(RECORDING) if desk.context.recording else 0.0)
        away = desk.context.engine.line is not None
        room = imgui.get_content_region_avail().x - taken if taken or away else math.inf
        if room > em(4):
            text = facts[0] if away else " · ".join(facts)
            fits = imgui.calc_text_size(text).x <= room
            imgui.text_unformatted(text if fits else shorten(text, room, at="end"))
            tooltip(model.path)

    def _recording(self, desk: Desk) -> None:
        recording = desk.context.recording
        if recording is None:
            return
        imgui.same_line(0, em(GAP))
        imgui.push_style_color(imgui.Col_.text, theme.color(theme.current().error))
        if imgui.button(f"{fa.ICON_FA_CIRCLE}  {recording.frames}###recording"):
            desk.actions.toggle_recording()
        imgui.pop_style_color()
        many = units.counted(recording.frames, "picture")
        tooltip(f"Recording into {recording.folder}: {many} so far. Click to stop.")

    def _message(self, desk: Desk) -> None:
        if not self._messages.items:
            return
        imgui.same_line(0, em(GAP))
        palette, message = theme.current(), self._messages.last
        away = desk.context.engine.line is not None
        file = message.file if message is not None and not away else ""
        taken = 0.0 if away else em(SPEED)
        room = imgui.get_content_region_avail().x - taken - (em(9) if file else 0.0)
        if room < em(READABLE if away else 2) and (desk.context.jobs or away):
            return
        shade = palette.error if message is not None and message.error else palette.muted
        text = fa.ICON_FA_COMMENT_DOTS if message is None else message.text
        imgui.push_style_color(imgui.Col_.text, theme.color(shade))
        imgui.text_unformatted(shorten(text, room, at="end"))
        imgui.pop_style_color()
        told = "" if message is None else f"{message.text}\n\n"
        tooltip(f"{told}Click for earlier messages.")
        if imgui.is_item_clicked():
            imgui.open_popup("messages")
        if imgui.begin_popup("messages"):
            self._messages.draw_list()
            imgui.end_popup()
        if file:
            imgui.same_line(0, em(0.5))
            if imgui.button(f"{fa.ICON_FA_FOLDER_OPEN}  Show in folder###reveal"):
                desk.actions.reveal(file)
            tooltip(file)

    def _speed(self, desk: Desk) -> None:
        meters = desk.context.meters
        if not meters.latency_ms or desk.context.engine.line is not None:
            return
        render = meters.render_ms[-1] if meters.render_ms else 0.0
        text = f"{render:.0f} ms · {meters.latency_ms[-1]:.0f} ms latency"
        told = "Time to render the newest picture, and from the change that asked for it."
        frame = desk.context.frame
        if frame is not None and frame.info.draft is not None:
            draft = frame.info.draft
            text = f"preview · {text}"
            told = f"{_why(draft)}\n\n{told}"
        wide = imgui.calc_text_size(text).x
        imgui.same_line()
        if imgui.get_content_region_avail().x < wide and desk.context.jobs:
            return
        align_right(wide)
        imgui.text_disabled(text)
        tooltip(told)


def _why(draft: Draft) -> str:
    """Why a picture is only a draft."""
    reason = f"takes long, so it is shown at {draft.resolution} pixels a side in {draft.precision}"
    if draft.jpeg:
        reason = f"crosses a line, so it comes as a JPEG of quality {draft.jpeg}"
    return (
        f"The picture {reason} while it moves. The exact one follows, and only that is saved, "
        "compared and exported."
    )
