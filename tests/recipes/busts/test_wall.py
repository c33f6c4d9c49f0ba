"""The wall: its pool of light, its second colour, and the shadow of what stands before it."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np
import pytest

from recipes.busts.drawing import draw
from recipes.busts.wall import shadow, wall
from tests.recipes.busts.busts_fake import BallCaster

LIGHT = replace(draw(0, 0).light, azimuth=0.0, elevation=0.5)
BACKDROP = replace(draw(0, 0).backdrop, hue=0.0, second_hue=0.5, saturation=0.6, shadow=1.0)
LEFT, RIGHT = np.array([[-0.8, -0.3]]), np.array([[0.8, -0.3]])


@pytest.mark.parametrize(("azimuth", "dark", "bright"), [(0.8, LEFT, RIGHT), (-0.8, RIGHT, LEFT)])
def test_the_shadow_falls_away_from_the_light(azimuth, dark, bright):
    light = replace(LIGHT, azimuth=azimuth)
    shaded = shadow(BallCaster(), light)
    assert shaded.min() >= 0
    assert 0.9 < shaded.max() <= 1
    open_ = np.zeros_like(shaded)
    kept = [
        (wall(place, BACKDROP, light, shaded) / wall(place, BACKDROP, light, open_)).mean()
        for place in (dark, bright)
    ]
    assert kept[0] < 0.6
    assert kept[1] > 0.9


def test_a_frontal_light_casts_evenly():
    shaded = shadow(BallCaster(), LIGHT)
    assert np.allclose(shaded, shaded[:, ::-1], atol=0.02)


def test_one_colour_in_the_pool_of_light_and_another_at_the_edge():
    none = np.zeros((4, 4))
    middle, corner = (
        wall(np.array([place]), BACKDROP, LIGHT, none)[0] for place in ([0, 0.3], [1.0, -1.0])
    )
    assert middle.sum() > 2 * corner.sum()
    assert colorsys.rgb_to_hsv(*middle)[0] == pytest.approx(0.0, abs=0.02)
    assert corner[1] > corner[0]  # towards cyan
