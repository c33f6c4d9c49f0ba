"""Where an inlaid eye is dark, where it is white, and where it catches light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recipes.busts import eyes
from recipes.busts.drawing import draw
from recipes.busts.factors import Eyes
from recipes.busts.mesh import unit
from recipes.busts.sculpt import rotation

STRAIGHT = Eyes(inlay=1.0, iris=0.0, gaze_right=0.0, gaze_up=0.0)
STONE = np.array([[0.2, 0.3, 0.4]])


def colour(towards, eye=STRAIGHT, turn=None):
    """The albedo in the direction `towards` from the middle of an eye, and how glassy it is."""
    turn = np.eye(3) if turn is None else turn
    albedo, glass = eyes.colours(unit(np.array([towards], float)), turn, STONE, eye)
    return albedo[0], glass[0]


def test_a_pupil_in_an_iris_in_enamel():
    pupil, _ = colour([0, -1, 0])
    iris, glass = colour([0.4, -1, -0.05])
    white, _ = colour([0.9, -1, -0.1])
    assert pupil.max() < 0.01
    assert 0.01 < iris.max() < 0.3
    assert iris[0] > iris[2]  # brown
    assert white.min() > 0.6
    assert glass == 1


def test_carved_eyes_are_of_the_stone_but_for_iris_and_pupil():
    blank = replace(STRAIGHT, inlay=0.0)
    white, glass = colour([0.9, -1, -0.1], blank)
    assert white == pytest.approx(STONE[0])
    assert glass == 0
    assert colour([0, -1, 0], blank)[0].max() < 0.01


def test_the_pupil_is_where_they_look():
    aside = replace(STRAIGHT, gaze_right=0.6)
    assert colour([0.6, -1, 0], aside)[0].max() < 0.01
    assert colour([0, -1, 0], aside)[0].max() > 0.02
    turn = rotation(0.5, 0, 0)
    assert colour(turn @ [0, -1, 0], turn=turn)[0].max() < 0.01


def test_lids_shade_what_is_below_them():
    assert colour([0.9, -1, 0.5])[0].mean() < 0.8 * colour([0.9, -1, -0.5])[0].mean()


def test_the_iris_goes_from_brown_to_blue():
    brown, _ = colour([0.4, -1, 0])
    blue, _ = colour([0.4, -1, 0], replace(STRAIGHT, iris=0.85))
    assert brown[0] > brown[2]
    assert blue[2] > 2 * blue[0]


@pytest.mark.parametrize("azimuth", [-1.0, 0.0, 1.0])
def test_the_window_in_the_eye_is_on_the_side_of_the_light(azimuth):
    light = replace(draw(0, 0).light, azimuth=azimuth)
    right, up = np.meshgrid(np.linspace(-0.6, 0.6, 41), np.linspace(-0.6, 0.6, 41))
    normals = unit(np.stack([right.ravel(), np.full(right.size, -1.0), up.ravel()], axis=1))
    view = np.array([0, -1.0, 0])
    mirrored = 2 * (normals @ view)[:, None] * normals - view
    bright = eyes.glint(mirrored, light).reshape(right.shape)
    assert bright.max() == 1
    assert 0.01 < (bright > 0.5).mean() < 0.15
    middle = np.average(right, weights=bright)
    assert np.sign(np.round(middle, 2)) == np.sign(azimuth)
    assert np.average(up, weights=bright) > 0.05
