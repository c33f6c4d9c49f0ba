"""The toolbar over a picture."""

from __future__ import annotations

import pytest

from viz.panels.picture import PANEL
from viz.picture.toolbar import FADE_AFTER, FADE_SECONDS, FAINT, Toolbar


def _toolbar_of_a_new_window() -> Toolbar:
    toolbar = PANEL.begin().__self__._toolbar
    assert isinstance(toolbar, Toolbar)
    return toolbar


def test_the_toolbar_fades_in_each_window_by_itself() -> None:
    touched, resting = _toolbar_of_a_new_window(), _toolbar_of_a_new_window()
    assert touched._fade(awake=True, dt=0.02) == 1.0
    assert resting._fade(awake=False, dt=0.02) == FAINT
    assert touched._fade(awake=False, dt=FADE_AFTER) == 1.0, "another window has rested"


def test_the_toolbar_fades_when_the_mouse_rests() -> None:
    toolbar = _toolbar_of_a_new_window()
    toolbar._fade(awake=True, dt=0.02)
    assert toolbar._fade(awake=False, dt=FADE_AFTER) == 1.0
    half = toolbar._fade(awake=False, dt=FADE_SECONDS / 2)
    assert half == pytest.approx((1.0 + FAINT) / 2)
    assert toolbar._fade(awake=False, dt=FADE_SECONDS) == pytest.approx(FAINT)
    assert toolbar._fade(awake=True, dt=0.02) == 1.0
