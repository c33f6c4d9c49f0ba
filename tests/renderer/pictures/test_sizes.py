"""Pictures in a size that was asked for: exactly that size, and sampled as the window does it."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.messages.jobs import Sheet
from renderer.messages.request import RenderRequest
from renderer.pictures.compose import compose
from renderer.pictures.sizes import sheet_size, sized
from renderer.transport.shared_memory import Pixels


def noise(height: int, width: int) -> Pixels:
    made = np.random.RandomState(0).randint(0, 256, (height, width, 4)).astype(np.uint8)
    made[..., 3] = 255
    return made


def sheet(count: int, **more: object) -> Sheet:
    return Sheet((RenderRequest(),) * count, **more)


@pytest.mark.parametrize("side", [7, 64, 100, 512, 1080])
@pytest.mark.parametrize(
    ("layout", "count", "columns"),
    [("grid", 1, None), ("grid", 2, 2), ("grid", 5, 3), ("grid", 3, 1), ("wipe", 2, None)],
)
@pytest.mark.parametrize("smooth", [False, True])
def test_the_shorter_side_is_what_was_asked_for(side, layout, count, columns, smooth) -> None:
    wanted = sheet(count, layout=layout, columns=columns, side=side, smooth=smooth)
    made = compose([noise(64, 64)] * count, wanted)
    assert made.shape[:2] == sheet_size(wanted, 64, 64)
    assert min(made.shape[:2]) == side


def test_another_shape_keeps_it() -> None:
    assert sized(noise(32, 64), 512, smooth=False).shape == (512, 1024, 4)
    assert sized(noise(64, 32), 512, smooth=True).shape == (1024, 512, 4)


def test_squares_stay_squares_at_every_factor() -> None:
    picture = np.zeros((8, 8, 4), np.uint8)
    picture[:, 4:] = 255
    picture[..., 3] = 255
    made = sized(picture, 100, smooth=False)  # 12.5 times
    assert len(np.unique(made[..., 0])) <= 3, "at most one pixel between two colours is mixed"
    assert (sized(picture, 16, smooth=False) == picture.repeat(2, 0).repeat(2, 1)).all()


def test_smooth_pixels_are_blended_linearly_as_the_window_samples_them() -> None:
    picture = np.zeros((2, 2, 4), np.uint8)
    picture[:, 1] = 240
    picture[..., 3] = 255
    row = sized(picture, 8, smooth=True)[3, :, 0]
    # OpenGL 4.6, 8.14.2: between the middles of two texels, and clamped at the edges.
    at = np.clip((np.arange(8) + 0.5) / 4 - 0.5, 0, 1)
    assert np.abs(row.astype(float) - 240 * at).max() <= 1


def test_what_is_not_resized_is_not_touched() -> None:
    picture = noise(64, 64)
    for smooth in (False, True):
        assert (compose([picture], sheet(1, smooth=smooth)) == picture).all()
        assert (sized(picture, 64, smooth=smooth) == picture).all()
