"""Several pictures as one: positions, colours and numbers in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from common.errors import UserError
from renderer.messages.jobs import Sheet
from renderer.pictures import colormaps
from renderer.pictures.compose import (
    EMPTY,
    compose,
    difference,
    difference_numbers,
    fit,
    same_size,
)
from renderer.pictures.sizes import gap, grid_shape
from renderer.transport.shared_memory import Pixels


def plain(*rgb: int, size: tuple[int, int] = (8, 8)) -> Pixels:
    made = np.full((*size, 4), 255, np.uint8)
    made[..., :3] = rgb
    return made


def noise(seed: int, size: tuple[int, int] = (16, 16)) -> Pixels:
    made = np.random.RandomState(seed).randint(0, 256, (*size, 4), np.uint8)
    made[..., 3] = 255
    return made


RED, GREEN, BLUE = plain(255, 0, 0), plain(0, 255, 0), plain(0, 0, 255)


@pytest.mark.parametrize(
    ("count", "columns", "shape"),
    [(1, None, (1, 1)), (2, None, (1, 2)), (5, None, (2, 3)), (3, 2, (2, 2)), (2, 5, (1, 2))],
)
def test_grids_are_nearly_square_and_have_no_empty_column(count, columns, shape) -> None:
    assert grid_shape(count, columns) == shape


def test_cells_lie_in_reading_order_apart_by_the_gap_and_the_rest_is_empty() -> None:
    pictures = [noise(i, (300, 260)) for i in range(3)]
    made = compose(pictures, Sheet((), columns=2))
    apart = gap(300)
    assert apart == 2
    assert made.shape == (600 + apart, 520 + apart, 4)
    for i, (top, left) in enumerate([(0, 0), (0, 260 + apart), (300 + apart, 0)]):
        assert (made[top : top + 300, left : left + 260] == pictures[i]).all()
    assert (made[300 : 300 + apart] == EMPTY).all()
    assert (made[300:, 260:] == EMPTY).all()


def test_the_window_can_give_read_only_views() -> None:
    wide = noise(1, (16, 32))
    wide.setflags(write=False)
    assert (compose([wide[:, ::2]], Sheet((), labels=("a",))).shape) == (16, 16, 4)
    assert (compose([wide, wide], Sheet((), "wipe", labels=("a", "b"))).shape) == (16, 32, 4)


@pytest.mark.parametrize(("split", "edge"), [(0.0, 0), (0.25, 4), (0.5, 8), (1.0, 16), (7.0, 16)])
def test_a_wipe_shows_the_first_left_of_the_split_and_a_line_between(split, edge) -> None:
    first, second = noise(1), noise(2)
    made = compose([first, second], Sheet((), "wipe", split=split))
    line = slice(edge, edge + 1) if 0 < edge < 16 else slice(0, 0)
    assert (made[:, :edge] == first[:, :edge]).all()
    assert (made[:, line] == 255).all()
    assert (made[:, line.stop or edge :] == second[:, line.stop or edge :]).all()


def test_a_wipe_that_is_not_upright_is_the_same_turned() -> None:
    first, second = noise(1, (16, 24)), noise(2, (16, 24))
    made = compose([first, second], Sheet((), "wipe", split=0.25, upright=False))
    turned = [np.ascontiguousarray(picture.swapaxes(0, 1)) for picture in (first, second)]
    assert (made == compose(turned, Sheet((), "wipe", split=0.25)).swapaxes(0, 1)).all()
    assert (made[:4] == first[:4]).all()
    assert (made[5:] == second[5:]).all()


def test_whole_factors_repeat_pixels_and_others_are_smoothed() -> None:
    small, large = noise(1, (4, 4)), noise(2, (12, 12))
    made = same_size([small, large])
    assert (made[0] == small.repeat(3, 0).repeat(3, 1)).all()
    assert (made[1] == large).all()
    assert (compose([small], Sheet((), scale=2)) == small.repeat(2, 0).repeat(2, 1)).all()
    half = compose([plain(10, 20, 30)], Sheet((), scale=0.5))
    assert (half == plain(10, 20, 30, size=(4, 4))).all()
    edge = np.concatenate([plain(0, 0, 0), plain(255, 255, 255)], axis=1)
    assert len(np.unique(fit(edge, 20, 40)[..., 0])) > 2, "2.5 times: no repeated pixels"


def test_other_shapes_lie_in_the_middle() -> None:
    made = fit(plain(9, 9, 9, size=(4, 8)), 16, 16)
    assert (made[4:12] == (9, 9, 9, 255)).all()
    assert (made[:4] == EMPTY).all()
    assert (made[12:] == EMPTY).all()


def test_no_difference_is_neutral_and_signs_have_their_colours() -> None:
    table = colormaps.table("signed").astype(int)
    same = difference(noise(1), noise(1), gain=100.0)
    assert (np.abs(same[..., :3] - (table[127] + table[128]) / 2) <= 0.5).all()
    dark, light = plain(0, 0, 0), plain(255, 255, 255)
    assert (difference(dark, light)[0, 0, :3] == table[255]).all(), "lighter is red"
    assert (difference(light, dark)[0, 0, :3] == table[0]).all(), "darker is blue"
    assert (difference(dark, light)[..., 3] == 255).all()


@pytest.mark.parametrize("step", [1, 20, -37, 60, -100])
def test_gain_is_how_much_of_the_range_the_strongest_colour_takes(step) -> None:
    made = difference(plain(100, 100, 100), plain(*[100 + step] * 3), gain=4.0)
    share = np.clip(4 * step / 255, -1, 1)
    level = 127.5 + 127.5 * share
    expected = [np.interp(level, np.arange(256), c) for c in colormaps.table("signed").T]
    assert np.abs(made[3, 5, :3] - expected).max() <= 0.5


def test_differences_of_other_sizes_have_no_blocks() -> None:
    ramp = np.linspace(0, 255, 16).astype(np.uint8)
    small = np.dstack([np.tile(ramp, (16, 1))] * 3 + [np.full((16, 16), 255, np.uint8)])
    large = fit(np.ascontiguousarray(small), 64, 64, how="lanczos")
    made = compose([small, large], Sheet((), "difference", gain=8.0))
    assert made.shape == (64, 64, 4)
    assert (made == difference(small, small)[0, 0]).all()


def test_numbers_are_those_of_the_definitions() -> None:
    first, second = noise(1, (31, 17)), noise(2, (31, 17))
    second[:7] = first[:7]
    apart = np.abs(first[..., :3].astype(float) - second[..., :3])
    numbers = difference_numbers(first, second)
    assert numbers.mean_absolute == pytest.approx(apart.mean())
    assert numbers.rms == pytest.approx(math.sqrt((apart**2).mean()))
    assert numbers.maximum == apart.max()
    assert numbers.psnr_db == pytest.approx(10 * math.log10(255**2 / (apart**2).mean()))
    assert numbers.changed == pytest.approx(apart.any(axis=2).mean())
    assert difference_numbers(first, first) == (0.0, 0.0, 0, math.inf, 0.0)
    assert difference_numbers(plain(0, 0, 0), plain(255, 255, 255))[:4] == (255, 255, 255, 0)


def test_labels_stand_in_their_corners_and_touch_nothing_else() -> None:
    grey = plain(90, 90, 90, size=(128, 256))
    made = compose([grey, grey], Sheet((), "wipe", split=1.0, labels=("first", "second")))
    changed = (made != grey).any(axis=2)
    assert changed[:40, :60].any()
    assert changed[:40, -70:].any()
    assert not changed[40:].any()
    assert not changed[:, 80:170].any()
    assert made[changed].max() > 240, "white letters"
    assert made[changed][:, :3].min() < 60, "with a shadow"
    assert (compose([grey], Sheet(())) == grey).all()


def test_the_second_line_of_a_label_stands_in_the_lower_corner() -> None:
    grey = plain(90, 90, 90, size=(128, 128))
    made = compose([grey, grey, grey], Sheet((), columns=3, labels=("name\n−3σ", "\n0", "")))
    changed = (made != 90)[..., :3].any(axis=2)
    between = (made.shape[1] - 3 * 128) // 2
    first, second, third = (changed[:, at * (128 + between) :][:, :128] for at in range(3))
    assert first[:40].any()
    assert first[-40:].any()
    assert not second[:40].any()
    assert second[-40:].any()
    assert not third.any()


def test_letters_have_a_dark_edge_on_white() -> None:
    made = compose([plain(255, 255, 255, size=(128, 128))], Sheet((), labels=("llll",)))
    white = made[:40, :40, 0] > 200
    assert made[:40, :40, 0].min() < 45, "next to letters that are one pixel wide"
    assert white.any()


@pytest.mark.parametrize("back", [0, 255])
def test_labels_can_be_read_on_black_and_on_white(back) -> None:
    made = compose([plain(back, back, back, size=(64, 256))], Sheet((), labels=("HHHH",)))
    assert np.ptp(made[:30, :60, 0]) > 120


def test_long_labels_end_where_the_cell_does() -> None:
    cells = [plain(50, 50, 50, size=(64, 64))] * 2
    made = compose(cells, Sheet((), labels=("network-snapshot-025000.pkl", "")))
    assert (made[:, 66:] == 50).all(axis=0)[:, :3].all()
    assert compose([plain(1, 2, 3, size=(4, 4))], Sheet((), labels=("x",))).shape == (4, 4, 4)
    assert compose([plain(1, 2, 3, size=(40, 4))], Sheet((), labels=("x",))).shape == (40, 4, 4)


@pytest.mark.parametrize("layout", ["wipe", "difference", "grid"])
def test_a_layout_that_lacks_pictures_says_so(layout) -> None:
    pictures = [] if layout == "grid" else [RED, GREEN, BLUE]
    with pytest.raises(UserError, match=f"A {layout} is made of .* not {len(pictures)}"):
        compose(pictures, Sheet((), layout))
