"""The jobs under way in the line at the bottom: whatever room there is, each can be cancelled."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from viz.desk.commands import Desk
from viz.desk.facts import Job
from viz.ui import theme
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

GAP = 1.2
"""The room between two of them, in em."""
LABEL, BAR, BETWEEN = 16.0, 7.0, 0.5
"""The most room for what a job is, the room for how far it is, and that between both, in em."""


def width(jobs: Sequence[Job]) -> float:
    """Return the room in pixels that the jobs want to have side by side."""
    return sum(_width(job) + em(GAP) for job in jobs)


def draw_jobs(desk: Desk, room: float) -> None:
    """Draw the jobs under way beside what was drawn before.

    room: for them, in pixels. Where it is less than they want, a button opens a list of them.
    """
    jobs = desk.context.jobs
    if width(jobs) <= room:
        for job in jobs:
            imgui.same_line(0, em(GAP))
            _draw(desk, job)
    elif jobs:
        imgui.same_line(0, em(GAP))
        _draw_button(desk, room - em(GAP))


def _width(job: Job) -> float:
    return (
        imgui.calc_text_size(_label(job)).x
        + (imgui.calc_text_size(_left(job)).x + em(BETWEEN) if job.eta is not None else 0.0)
        + em(BAR + 2 * BETWEEN)
        + imgui.calc_text_size(fa.ICON_FA_XMARK).x
        + 2 * imgui.get_style().frame_padding.x
    )


def _label(job: Job) -> str:
    return shorten(job.label, em(LABEL))


def _left(job: Job) -> str:
    return "" if job.eta is None else f"{units.rough_duration(job.eta)} left"


def _draw(desk: Desk, job: Job) -> None:
    """Draw what a job is, how far it is, how long it still takes, and what ends it."""
    imgui.push_id(job.id)
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(_label(job))
    told = f"{job.label}\n{job.text}".strip()
    tooltip(told)
    imgui.same_line(0, em(BETWEEN))
    height = em(0.45)
    top = imgui.get_cursor_pos_y()
    imgui.set_cursor_pos_y(top + (imgui.get_frame_height() - height) / 2)
    # ImGui draws work of unknown length for negative fractions.
    fraction = job.fraction if job.fraction >= 0 else -0.6 * imgui.get_time()
    imgui.progress_bar(fraction, ImVec2(em(BAR), height), "")
    tooltip(told)
    imgui.same_line(0, em(BETWEEN))
    imgui.set_cursor_pos_y(top)
    if job.eta is not None:
        imgui.align_text_to_frame_padding()
        imgui.text_disabled(_left(job))
        imgui.same_line(0, em(BETWEEN))
    imgui.push_style_color(imgui.Col_.button, theme.color(0, 0))
    if imgui.button(f"{fa.ICON_FA_XMARK}###cancel"):
        desk.actions.cancel_job(job.id)
    imgui.pop_style_color()
    tooltip("Cancel")
    imgui.pop_id()


def _draw_button(desk: Desk, room: float) -> None:
    """Draw a button that says what is under way, and the list that it opens."""
    jobs = desk.context.jobs
    first = jobs[0]
    many = units.counted(len(jobs), "job") if len(jobs) > 1 else first.label
    done = f"{first.fraction:.0%}  " if len(jobs) == 1 and first.fraction >= 0 else ""
    text = shorten(f"{done}{many}", room - em(1.5) - 2 * imgui.get_style().frame_padding.x)
    if imgui.button(f"{fa.ICON_FA_CHEVRON_UP} {text}###jobs"):
        imgui.open_popup("jobs")
    tooltip("What is under way, and what ends it.")
    if imgui.begin_popup("jobs"):
        for job in jobs:
            _draw(desk, job)
        imgui.end_popup()
