"""How far a projection is, and what can be done with it, at the same places in every state."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common.projection import Phase
from common.units import counted, rough_duration
from renderer.messages.failure import Failure
from viz.desk import far_away
from viz.desk.context import Context
from viz.desk.parts.projection import Projection
from viz.ui import widgets
from viz.ui.text import failure_box, muted, shorten

PHASES: dict[Phase, str] = {
    "start": "comparing seeds,",
    "search": "step",
    "tune": "tuning, step",
    "done": "step",
}
"""What the bar says of each phase."""
START, PAUSE, GO_ON = (
    f"{fa.ICON_FA_PLAY}  Start",
    f"{fa.ICON_FA_PAUSE}  Pause",
    f"{fa.ICON_FA_PLAY}  Go on",
)
"""The texts of the first button."""
ELSEWHERE = "Save elsewhere…"


def draw_buttons(item: Projection, context: Context) -> None:
    """Draw the line of buttons; those for what cannot be done now are dimmed."""
    actions = context.actions.projection
    padding = 2 * imgui.get_style().frame_padding.x
    width = padding + max(imgui.calc_text_size(text).x for text in (START, PAUSE, GO_ON))
    if item.stage in ("running", "queued"):
        if widgets.button(f"{PAUSE}###Pause", width=width, tip="Stop for now, and keep it."):
            actions.pause(item.id)
    else:
        tips = {
            "chosen": "Look for this picture in the network that is shown.",
            "stopped": "Go on from where it stopped.",
        }
        text = GO_ON if item.stage == "stopped" else START
        never = far_away.no_projection(context)
        tip = never or tips.get(item.stage, "It is found. Anew looks for it otherwise.")
        enabled = item.stage in tips and not never
        if widgets.button(f"{text}###Start", width=width, tip=tip, enabled=enabled):
            actions.start(item.id)
    imgui.same_line()
    tip = "Make it the latent of the window, with the picture beside it (one step of undo)."
    if widgets.button(f"{fa.ICON_FA_CHECK}  Use###Use", tip=tip, enabled=item.w != ""):
        actions.take(item.id)
    imgui.same_line()
    tip = "Choose the square and the options anew. What was found stays in the list."
    stays = item.stage in ("stopped", "done")
    if widgets.button(f"{fa.ICON_FA_ARROW_ROTATE_LEFT}  Anew###Anew", tip=tip, enabled=stays):
        actions.again(item.id)
    imgui.same_line()
    side = imgui.get_frame_height()
    room = imgui.get_content_region_avail().x - side
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(room, 0.0))
    tip = "Take it out of the list. Its files stay."
    if widgets.button(f"{fa.ICON_FA_XMARK}###Remove", width=side, tip=tip):
        actions.remove(item.id)


def draw_state(item: Projection, context: Context) -> None:
    """Draw the line that says how far it is, as high as the bar in every state."""
    if item.stage == "running":
        job = next((job for job in context.jobs if job.id == item.job), None)
        fraction = max(job.fraction, 0.0) if job is not None else 0.0
        left = f", {rough_duration(job.eta)} left" if job is not None and job.eta else ""
        text = f"{PHASES[item.phase]} {item.done} of {item.total}{left}"
        imgui.progress_bar(fraction, ImVec2(-1, 0), text if item.total else "Beginning")
        return
    steps = counted(len(item.distances), "step")
    words = {
        "chosen": f"To be looked for in {context.model.name}." if context.model else "",
        "queued": "Waits for its turn.",
        "stopped": f"Stopped after {steps}.",
        "done": f"Found in {steps}.",
    }
    imgui.align_text_to_frame_padding()
    muted(shorten(words[item.stage], imgui.get_content_region_avail().x))


def draw_trouble(item: Projection, context: Context) -> None:
    """Draw why it broke off, or why what has been found is only in memory, and what can be done."""
    failure = item.failure
    if failure is None and item.unkept:
        failure = Failure(f"What has been found is only in memory. {item.unkept}")
    if failure is None:
        return
    tip = "Go on in a folder on another disk, with all that has been found."
    elsewhere = item.unkept != "" and item.stage in ("chosen", "stopped")
    if failure_box("failure", failure, [(ELSEWHERE, tip)] if elsewhere else []):
        context.actions.browse("projection")
