"""Numbers on how pictures differ count what is transparent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from renderer.pictures.compose import comparable, difference_numbers
from renderer.pictures.projected import psnr


def picture(colour: int, alpha: int) -> np.ndarray:
    made = np.full((4, 6, 4), colour, np.uint8)
    made[..., 3] = alpha
    return made


def test_alpha_alone_makes_a_difference() -> None:
    solid, thin = picture(0, 255), picture(0, 155)
    numbers = difference_numbers(solid, thin)
    assert numbers.mean_absolute == pytest.approx(100 / 4)
    assert numbers.maximum == 100
    assert psnr(solid, thin) == pytest.approx(10 * math.log10(255**2 / (100**2 / 4)))


def test_colours_that_nobody_sees_make_none() -> None:
    assert difference_numbers(picture(10, 0), picture(200, 0)).maximum == 0
    assert psnr(picture(10, 0), picture(200, 0)) is None


def test_opaque_pictures_are_compared_by_their_colours() -> None:
    first, second = picture(10, 255), picture(14, 255)
    assert difference_numbers(first, second).mean_absolute == 4
    assert psnr(first, second) == psnr(first[..., :3], second[..., :3])
    for pixels in comparable(first, second):
        assert pixels.shape == (4, 6, 3)
