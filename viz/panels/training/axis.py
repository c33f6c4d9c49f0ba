"""The axis that the plots of a run share: what part of it is seen, and where the mouse is on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from imgui_bundle import ImVec2, imgui, implot

from common.runs.state import RunState, SnapshotFile
from common.runs.ticks import Floats
from viz.panels.training import curves
from viz.panels.training.curves import Axis

CLICK = 4.0
"""How many pixels the mouse may move during a click; more is a drag."""


class SharedAxis:
    """The x axis of the plots of a run.

    All of it is seen until somebody zooms or drags; a double click brings all of it back.

    kind: what lies along it.
    cursor: where the mouse was on it in the frame before, None where it was elsewhere.
    ticks: where the ticks of the run lie on it, [ticks].
    """

    def __init__(self) -> None:
        self.kind: Axis = "kimg"
        self.cursor: float | None = None
        self.ticks: Floats = np.zeros(0)
        self._low, self._high = implot.BoxedValue(0.0), implot.BoxedValue(1.0)
        self._whole = 0.0, 1.0
        self._zoomed = False
        self._series: Mapping[str, Floats] | None = None
        self._hovered: float | None = None
        self._pressed: ImVec2 | None = None
        self._clicked: tuple[float, float] | None = None
        self._settling = 0  # frames in which ImPlot answers a double click in its own way

    @property
    def low(self) -> float:
        """The left end of the part that is seen."""
        return self._low.value

    @property
    def high(self) -> float:
        """The right end of the part that is seen."""
        return self._high.value

    def begin(self, state: RunState, kind: Axis, marks: Floats) -> None:
        """Prepare the axis; called before the plots of a frame.

        kind: what lies along it.
        marks: places of what should be seen besides the ticks.
        """
        if self._series is not state.series or kind != self.kind:
            self._zoomed = self._zoomed and kind == self.kind
            self.ticks = curves.along(state, kind)
            self._series, self.kind = state.series, kind
        ends = np.concatenate([self.ticks, marks])
        low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
        low = min(low, 0.0)
        room = 0.015 * (high - low) or 0.5
        self._whole = low - room, high + room
        if not self._zoomed:
            self._low.value, self._high.value = self._whole
        self._hovered = None

    def setup(self) -> None:
        """Set up the x axis; called in every plot where its axes are set up."""
        implot.setup_axis_links(implot.ImAxis_.x1, self._low, self._high)
        implot.setup_axis_limits_constraints(implot.ImAxis_.x1, *self._whole)

    def point(self) -> None:
        """Take in what the mouse does; called in the plot under it."""
        self._hovered = implot.get_plot_mouse_pos().x
        left = imgui.MouseButton_.left
        if imgui.is_mouse_double_clicked(left):
            self._settling, self._pressed, self._clicked = 3, None, None
        elif imgui.is_mouse_clicked(left):
            self._pressed = imgui.get_mouse_pos()
        elif imgui.is_mouse_released(left) and self._pressed is not None:
            now = imgui.get_mouse_pos()
            moved = math.hypot(now.x - self._pressed.x, now.y - self._pressed.y)
            if moved <= CLICK:
                self._clicked = imgui.get_time(), self._hovered
            self._pressed = None

    def end(self) -> None:
        """Finish the frame; called after the plots."""
        low, high = self._whole
        changed = abs(self.low - low) + abs(self.high - high) > 1e-6 * (high - low)
        inside = self.high - self.low < (high - low) * (1 - 1e-6)
        self._zoomed = changed and inside and not self._settling
        self._settling = max(self._settling - 1, 0)
        self.cursor = self._hovered

    def clicked(self, marks: Sequence[SnapshotFile], at: Floats) -> SnapshotFile | None:
        """Return the snapshot nearest to a click, once that cannot become a double click any more.

        marks: the snapshots that can be clicked.
        at: where they lie on the axis, [snapshots].
        """
        if self._clicked is None or not marks:
            return None
        when, where = self._clicked
        if imgui.get_time() - when < imgui.get_io().mouse_double_click_time:
            return None
        self._clicked = None
        return marks[int(np.argmin(np.abs(at - where)))]
