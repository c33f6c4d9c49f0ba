"""Fit, zoom, pan and the pixel under the cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.picture.viewport import Viewport
from viz.session.ranges import ZOOM
from viz.session.session import View


def viewport(view: View, area: tuple[float, float] = (800.0, 600.0)) -> Viewport:
    return Viewport(view, 64, 32, area)


def test_fit_shows_the_whole_picture_in_the_middle() -> None:
    fitted = viewport(View(fit=True))
    assert fitted.zoom == 12.5
    assert fitted.to_panel(0, 0) == (0.0, 100.0)
    assert fitted.to_panel(64, 32) == (800.0, 500.0)


@given(
    zoom=st.floats(1.0, 40.0),
    center=st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)),
    factor=st.floats(1.0, 3.0),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_zooming_in_keeps_the_point_under_the_cursor(
    zoom: float, center: tuple[float, float], factor: float, at: tuple[float, float]
) -> None:
    before = viewport(View(False, zoom, center))
    # A point of the picture: beyond it the centre is kept inside.
    low, high = before.to_panel(0, 0), before.to_panel(64, 32)
    x, y = (a + (b - a) * t for a, b, t in zip(low, high, at, strict=True))
    after = viewport(before.at_zoom(before.zoom * factor, x, y))
    moved = after.to_panel(*before.to_picture(x, y))
    # The origin lies on whole screen pixels: half of one on each side of the change.
    assert moved == pytest.approx((x, y), abs=0.5 * factor + 0.51)


def test_zooming_from_fit_starts_at_the_fitted_size() -> None:
    after = viewport(View(fit=True)).stepped(1, 400, 300)
    assert not after.fit
    assert after.zoom == pytest.approx(12.5 * 2**0.25)


def test_the_wheel_stops_once_at_one_to_one() -> None:
    near = viewport(View(False, 0.95))
    assert near.stepped(1, 0, 0).zoom == 1.0
    assert viewport(View(False, 1.0)).stepped(1, 0, 0).zoom > 1.1
    assert viewport(View(False, 1.1)).stepped(-1, 0, 0).zoom == 1.0


def test_zoom_has_limits() -> None:
    assert viewport(View(False, 200.0)).stepped(40, 0, 0).zoom == ZOOM.high
    assert viewport(View(False, 0.1)).stepped(-40, 0, 0).zoom == ZOOM.low


def test_panning_moves_the_picture_with_the_mouse_but_never_away() -> None:
    before = viewport(View(False, 20.0))
    after = viewport(before.panned(30.0, -20.0))
    assert after.origin == (before.origin[0] + 30, before.origin[1] - 20)
    lost = viewport(before.panned(1e6, 1e6))
    assert lost.view.center == (0.0, 0.0)
    assert lost.to_panel(0, 0) == (400.0, 300.0)


def test_pixels_are_hit_up_to_their_edges() -> None:
    exact = viewport(View(False, 10.0))
    left, top = exact.origin
    assert exact.pixel(left, top) == (0, 0)
    assert exact.pixel(left + 9.9, top + 10) == (0, 1)
    assert exact.pixel(left + 639.9, top + 319.9) == (63, 31)
    assert exact.pixel(left - 0.1, top) is None
    assert exact.pixel(left + 640, top) is None
