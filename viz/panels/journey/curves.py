"""Single numbers over the time of a journey, as points that can be dragged."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from imgui_bundle import ImVec2, imgui, implot
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.bending import FACTS, Bend, Operation
from renderer.messages.journey import Curve, Journey, Kind, Knob, Point
from renderer.messages.request import Direction
from renderer.pictures.journey import editing
from renderer.pictures.journey.curves import read, value_at
from renderer.pictures.journey.frame import at
from renderer.pictures.journey.latents import same_direction
from renderer.pictures.journey.order import LEAST
from viz.desk.context import Context
from viz.panels.journey.drives import draw_drive
from viz.panels.timeline.strip_places import Span
from viz.session import going
from viz.session.session import Session
from viz.ui import plots, theme, widgets
from viz.ui.widgets import em

Floats: TypeAlias = npt.NDArray[np.float64]
"""One number for each moment: [moments]."""

SAMPLES = 160
"""At how many moments a curve is drawn."""
PLAIN: tuple[tuple[Kind, str], ...] = (
    ("psi", "Truncation psi"),
    ("noise", "Noise strength"),
    ("class", "Class blend"),
    ("x", "Shift right"),
    ("y", "Shift down"),
    ("rotate", "Rotation"),
    ("zoom", "Zoom"),
)
"""The numbers that every picture has, with their names."""
TIP = (
    "The number whose curve is shown. Without points the keys say what it is; with points the "
    "curve does. Click beside the curve for a point, drag it, right-click takes it away."
)


class CurvePlot:
    """Keeps which number is shown.

    knob: that number.
    """

    def __init__(self) -> None:
        self.knob = Knob(PLAIN[0][0])
        self._drawn: tuple[Journey, Knob, Span] | None = None
        self._times = self._values = np.zeros(0)

    def draw(self, session: Session, context: Context, span: Span) -> Session:
        """Draw the choice and the plot; return the session as it was edited there.

        span: the times at both ends of the plot.
        """
        journey = session.journey
        knobs = knobs_of(session)
        curve = next((c for c in journey.curves if c.knob == self.knob), Curve(self.knob))
        width = em(10)
        imgui.begin_group()
        imgui.set_next_item_width(width)
        index = next((i for i, (knob, _) in enumerate(knobs) if knob == self.knob), 0)
        names = [
            f"{text}{' •' if any(c.knob == knob for c in journey.curves) else ''}"
            for knob, text in knobs
        ]
        changed, index = imgui.combo("##Number", index, names)
        widgets.tooltip(TIP)
        if changed:
            self.knob = knobs[index][0]
        driven = draw_drive(journey, self.knob)
        journey = driven
        if curve.points:
            imgui.same_line()
            smooth = widgets.checkbox("Smooth", curve.smooth, tip="Round, or straight lines.")
            if smooth != curve.smooth:
                journey = editing.with_curve(journey, structs.replace(curve, smooth=smooth))
            imgui.same_line()
            tip = "Take all points away: the keys say again what it is."
            if widgets.button(f"{fa.ICON_FA_XMARK}###Clear", tip=tip):
                journey = editing.with_curve(journey, structs.replace(curve, points=()))
        imgui.end_group()
        imgui.same_line()
        room = imgui.get_content_region_avail()
        edited = self._draw_plot(journey, curve, span, ImVec2(room.x, max(room.y, em(3.5))))
        if edited is session.journey:
            return session
        return going.at_moment(structs.replace(session, journey=edited), session.moment)

    def _draw_plot(self, journey: Journey, curve: Curve, span: Span, size: ImVec2) -> Journey:
        times, values = self._line(journey, curve, span)
        seen = [*values, *(point.value for point in curve.points)]
        low, high = min(seen), max(seen)
        margin = max(0.15 * (high - low), 0.25)
        flags = (
            implot.Flags_.no_menus
            | implot.Flags_.no_box_select
            | implot.Flags_.no_legend
            | implot.Flags_.no_title
        )
        plots.push_style(ImVec2(em(0.3), em(0.3)))
        if implot.begin_plot("##curve", size, flags):
            bare = plots.FIXED | implot.AxisFlags_.no_tick_labels
            implot.setup_axes("", "", bare, plots.FIXED)
            always = implot.Cond_.always
            implot.setup_axis_limits(implot.ImAxis_.x1, span.low, span.high, always)
            held = imgui.is_mouse_down(imgui.MouseButton_.left)
            when = implot.Cond_.once if held else always
            implot.setup_axis_limits(implot.ImAxis_.y1, low - margin, high + margin, when)
            palette = theme.current()
            color = theme.color(palette.accent if curve.points else palette.muted)
            line = implot.Spec(line_color=color, line_weight=em(0.12))
            implot.plot_line("value", times, values, line)
            journey = _draw_points(journey, curve)
            implot.end_plot()
        plots.pop_style()
        return journey

    def _line(self, journey: Journey, curve: Curve, span: Span) -> tuple[Floats, Floats]:
        """Return moments and the values there; they are kept for as long as nothing changes."""
        drawn = self._drawn
        if drawn is None or drawn[0] is not journey or drawn[1:] != (curve.knob, span):
            driven = any(drive.knob == curve.knob for drive in journey.drives)
            # What follows a sound goes up and down with every frame of a film.
            count = SAMPLES * 3 if driven else SAMPLES
            self._times = np.linspace(max(0.0, span.low), min(span.high, journey.duration), count)
            self._values = np.array([_value(journey, curve, float(t)) for t in self._times])
            self._drawn = journey, curve.knob, span
        return self._times, self._values


def knobs_of(session: Session) -> list[tuple[Knob, str]]:
    """Return the numbers that can have a curve, with their names."""
    found = [(Knob(kind), text) for kind, text in PLAIN]
    keys = [key.render for key in session.journey.keys]
    directions: dict[Hashable, Direction] = {}
    bends: dict[tuple[str, Operation], None] = {}
    for request in (session.render, *keys):
        for d in request.directions:
            directions[same_direction(d)] = d
        for b in request.bends:
            bends[b.layer, b.operation] = None
    for d in directions.values():
        knob = Knob("direction", structs.replace(d, amount=0.0, name=""))
        found.append((knob, f"Direction {d.name or 'unnamed'}"))
    found.extend(
        (
            Knob("bend", bend=Bend(layer, operation, FACTS[operation].identity)),
            f"{operation} {layer}",
        )
        for layer, operation in bends
    )
    known = {knob for knob, _ in found}
    found += [(c.knob, c.knob.kind) for c in session.journey.curves if c.knob not in known]
    return found


def _value(journey: Journey, curve: Curve, time: float) -> float:
    """Return what the number is at a time: that of the curve or of the keys, and of the sound."""
    if any(drive.knob == curve.knob for drive in journey.drives):
        return read(at(journey, time), curve.knob)
    value = value_at(curve, time, journey.duration if journey.closed else 0.0)
    return read(at(journey, time), curve.knob) if value is None else value


def _draw_points(journey: Journey, curve: Curve) -> Journey:
    """Draw the points; return the journey as they were dragged, added or taken away."""
    color = theme.color(theme.current().accent)
    points, touched = list(curve.points), False
    for index, point in enumerate(points):
        done = implot.drag_point(
            index, point.time, point.value, color, em(0.35), 0, False, False, False
        )
        moved, time, value, _, hovered, _ = done
        touched = touched or bool(hovered) or moved
        if hovered and imgui.is_mouse_clicked(imgui.MouseButton_.right):
            left = tuple(p for p in points if p is not point)
            return editing.with_curve(journey, structs.replace(curve, points=left))
        if moved:
            earliest = points[index - 1].time + LEAST if index else 0.0
            last = index == len(points) - 1
            latest = journey.duration if last else points[index + 1].time - LEAST
            points[index] = Point(max(earliest, min(time, latest)), value)
            return editing.with_curve(journey, structs.replace(curve, points=tuple(points)))
    if not touched and implot.is_plot_hovered() and imgui.is_mouse_clicked(0):
        mouse = implot.get_plot_mouse_pos()
        time = min(max(mouse.x, 0.0), journey.duration)
        return editing.with_point(journey, curve.knob, Point(time, mouse.y))
    return journey
