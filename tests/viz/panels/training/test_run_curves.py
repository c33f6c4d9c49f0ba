"""From the numbers of a run to lines: averages, thinning, ranges, marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.runs.state import RunState
from tests.common.runs.run_folders import START, state
from viz.panels.training import curves, quantities
from viz.panels.training.axis import SharedAxis
from viz.panels.training.curves import along, limits, place, round_steps, smooth, thin_out
from viz.panels.training.lines import Lines
from viz.panels.training.quantities import Curve, Plot

values = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")), st.just(float("inf")))


@given(st.lists(values, max_size=60), st.sampled_from([0.0, 0.3, 0.9, 0.99]))
def test_the_average_is_that_of_its_definition(series: list[float], weight: float) -> None:
    total = norm = 0.0
    expected = []
    for value in series:
        if np.isfinite(value):
            total, norm = weight * total + value, weight * norm + 1
        expected.append(total / norm if np.isfinite(value) else np.nan)
    assert smooth(np.array(series), weight) == pytest.approx(
        expected, rel=1e-9, abs=1e-6, nan_ok=True
    )


def test_long_series_are_averaged_over_as_much_of_the_plot_as_short_ones() -> None:
    step = np.repeat([0.0, 1.0], 150)
    long = np.repeat([0.0, 1.0], 15_000)
    short_share = (smooth(step, 0.9) < 0.9)[150:].mean()
    long_share = (smooth(long, 0.9) < 0.9)[15_000:].mean()
    assert long_share == pytest.approx(short_share, abs=0.02)
    assert np.isfinite(smooth(long, 0.999)).all()


@given(st.integers(1, 3000), st.integers(4, 60), st.floats(-50, 50), st.floats(1, 150))
def test_thinning_loses_no_peak(count: int, columns: int, low: float, width: float) -> None:
    rng = np.random.RandomState(count)
    x, y = np.sort(rng.rand(count) * 100), rng.randn(count)
    thin_x, thin_y = thin_out(x, y, low, low + width, columns)
    assert (np.diff(thin_x) >= 0).all()
    assert len(thin_x) <= 4 * (columns + 2)
    inside = (x >= low) & (x <= low + width)
    if inside.any():
        assert thin_y.max() >= y[inside].max()
        assert thin_y.min() <= y[inside].min()
    assert np.isin(thin_y, y).all()


def test_hours_pass_whatever_the_clock_does() -> None:
    run = state(np.arange(6.0), seconds=1800, p=np.zeros(6))
    assert along(run, "hours").tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
    assert place(run, [2.5, 99], "hours").tolist() == [1.25, 2.5]
    times = START + 3600 * np.array([0, 1, np.nan, -24, 3, 4])
    jumped = type(run)(run.path, {**run.series, "timestamp": times})
    hours = along(jumped, "hours")
    assert (np.diff(hours) >= 0).all()
    assert hours[-1] == 4


def test_ranges_leave_outliers_of_the_raw_curve_out() -> None:
    raw = np.r_[np.linspace(1, 2, 100), 500.0]
    low, high = limits(np.linspace(1, 2, 100), raw, log=False)
    assert 0.5 < low < 1
    assert 2 < high < 3
    low, high = limits(np.array([5.0]), np.array([5.0]), log=False)
    assert low < 5 < high
    assert limits(np.zeros(0), np.zeros(0), log=False) == (0, 1)
    assert curves.is_logarithmic(np.geomspace(0.001, 1, 50))
    assert not curves.is_logarithmic(np.linspace(0, 1000, 50))


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(3, 9))
def test_marks_are_few_and_within_the_axis(low: float, width: float, most: int) -> None:
    steps = round_steps(low, low + width, most, log=False)
    assert 2 <= len(steps) <= most
    assert all(low - 1e-6 * width <= s <= low + width * (1 + 1e-6) for s in steps)


def test_marks_of_logarithmic_axes_are_decades_where_there_are_some() -> None:
    assert round_steps(0.0007, 40, 5, log=True) == [0.001, 0.01, 0.1, 1, 10]
    assert round_steps(0.0007, 40, 3, log=True) == [0.001, 0.1, 10]
    assert round_steps(40, 205, 4, log=True) == [50, 100, 150, 200]


def test_a_caption_tells_the_value_of_the_line_in_its_colour() -> None:
    kimg = np.arange(100.0)
    loss = np.where(kimg % 2 == 0, 1.0, 3.0)
    state = RunState("run", series={"Progress/kimg": kimg, "Loss/G/loss": loss})
    curve = Curve("G", ("Loss/G/loss",))
    plot, axis, lines = Plot("Loss", (curve,)), SharedAxis(), Lines()
    axis.begin(state, "kimg", np.zeros(0))
    drawn = lines.of(state, plot, axis, 0.9, 400)[0]
    told = lines.value(state, plot, curve, axis, 0.9)
    assert told == drawn.smooth[-1]
    assert told == pytest.approx(2.0, abs=0.2), "not the 3 of the last tick"
    assert lines.value(state, plot, curve, axis, 0.0) == 3.0
    axis.cursor = 50.2
    assert lines.value(state, plot, curve, axis, 0.0) == 1.0


def test_the_growth_of_networks_is_drawn_as_it_was_however_others_are_smoothed() -> None:
    kimg = np.arange(100.0)
    resolution = np.where(kimg < 50, 8.0, 16.0)
    state = RunState("run", series={"Progress/kimg": kimg, "Progress/resolution": resolution})
    (plot,) = quantities.plots(state)
    axis, lines = SharedAxis(), Lines()
    axis.begin(state, "kimg", np.zeros(0))
    (drawn,) = lines.of(state, plot, axis, 0.9, 400)
    assert set(drawn.smooth) == {8.0, 16.0}
    assert lines.value(state, plot, plot.curves[0], axis, 0.9) == 16.0
