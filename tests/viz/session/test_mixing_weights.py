"""The arithmetic of style mixing, and of painting bars."""

from __future__ import annotations

import pytest

from renderer.messages.model import RowInfo
from renderer.messages.request import MixSource, Seed
from viz.panels.truncation.bars import stroke
from viz.session.changes import mixing


def rows(resolution: int) -> tuple[RowInfo, ...]:
    """w rows as StyleGAN2 has them: one at 4², two at each other size, one for the last RGB."""
    sizes = [4]
    size = 8
    while size <= resolution:
        sizes += [size, size]
        size *= 2
    sizes.append(resolution)
    return tuple(RowInfo(i, s, (f"b{s}.conv",)) for i, s in enumerate(sizes))


def sizes(band: mixing.Band, resolution: int) -> set[int]:
    table = rows(resolution)
    return {table[i].resolution for i in mixing.band_rows(band, table)}


@pytest.mark.parametrize(
    ("resolution", "coarse", "middle", "fine"),
    [
        (1024, {4, 8}, {16, 32}, {64, 128, 256, 512, 1024}),
        (128, {4, 8}, {16, 32}, {64, 128}),
        (64, {4, 8}, {16}, {32, 64}),
        (32, {4}, {8, 16}, {32}),
        (16, {4}, {8}, {16}),
    ],
)
def test_bands_are_the_papers_and_scale_down(
    resolution: int, coarse: set[int], middle: set[int], fine: set[int]
) -> None:
    assert sizes("coarse", resolution) == coarse
    assert sizes("middle", resolution) == middle
    assert sizes("fine", resolution) == fine


def test_bands_follow_the_layers_where_the_last_ones_are_smaller() -> None:
    """As in StyleGAN3, whose pictures are cut out of layers with a margin around them."""
    table = [RowInfo(i, size, ()) for i, size in enumerate((36, 36, 52, 52, 32, 32))]
    bands: tuple[mixing.Band, ...] = ("coarse", "middle", "fine")
    assert [mixing.band_rows(band, table) for band in bands] == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("resolution", [8, 16, 32, 64, 128, 256, 512, 1024])
def test_bands_cover_every_row_once(resolution: int) -> None:
    table = rows(resolution)
    bands: tuple[mixing.Band, ...] = ("coarse", "middle", "fine")
    chosen = [i for band in bands for i in mixing.band_rows(band, table)]
    assert sorted(chosen) == list(range(len(table)))
    assert mixing.band_rows("all", table) == list(range(len(table)))


def test_a_preset_sets_this_networks_rows_and_keeps_the_others() -> None:
    small = rows(16)
    source = MixSource(Seed(1), (0.5,) * 18)
    changed = mixing.with_band(source, "coarse", small)
    assert changed.weights[: len(small)] == (1.0,) + (0.0,) * (len(small) - 1)
    assert changed.weights[len(small) :] == (0.5,) * (18 - len(small))
    assert mixing.matching_band(changed, small) == "coarse"
    assert mixing.matching_band(source, small) is None


def test_painting_up_and_down_stays_inside_the_table() -> None:
    assert mixing.painted((), 1, 3, 1.0, 6) == (0.0, 1.0, 1.0, 1.0)
    assert mixing.painted((0.2,) * 4, 2, -5, 0.5, 4) == (0.5, 0.5, 0.5, 0.2)
    assert mixing.painted((0.2,) * 4, 2, 99, 0.5, 4) == (0.2, 0.2, 0.5, 0.5)
    assert mixing.painted((0.2,) * 6, 3, 99, 0.0, 4)[4:] == (0.2, 0.2)


def test_shares_of_a_row_add_up_to_one() -> None:
    mix = (
        MixSource(Seed(1), (0.25, 1.0)),
        MixSource(Seed(2), (0.25, 1.0)),
        MixSource(Seed(3), (1.0, 1.0), enabled=False),
    )
    assert mixing.shares(mix, 0) == (0.5, (0.25, 0.25, 0.0))
    assert mixing.shares(mix, 1) == (0.0, (0.5, 0.5, 0.0))
    assert mixing.shares(mix, 2) == (1.0, (0.0, 0.0, 0.0))


def test_solo_is_heard_alone_and_comes_back_with_all() -> None:
    mix = (MixSource(Seed(1)), MixSource(Seed(2), enabled=False), MixSource(Seed(3)))
    alone = mixing.soloed(mix, 1)
    assert [s.enabled for s in alone] == [False, True, False]
    assert mixing.is_solo(alone, 1)
    assert all(s.enabled for s in mixing.soloed(alone, 1))


def test_a_quick_stroke_over_bars_leaves_no_gap() -> None:
    assert stroke((0.0,) * 5, (0.5, 1.0), (4.5, 0.0)) == (1.0, 0.75, 0.5, 0.25, 0.0)
    assert stroke((0.0,) * 5, (4.5, 0.0), (0.5, 1.0)) == (1.0, 0.75, 0.5, 0.25, 0.0)
    assert stroke((0.0,) * 3, (1.2, 0.3), (1.9, 0.7)) == (0.0, 0.7, 0.0)
    assert stroke((0.0,) * 3, (-9.0, 1.0), (0.1, 1.0))[0] == 1.0
