"""When networks have grown how far, against the numbers of the publications."""

from __future__ import annotations

import msgspec
import pytest

from training.run.configs import configure
from training.run.growth import Growth, Level, ended_in_same_kimg, ends, grown_at, moment, phases
from training.start.batches import growth_of, snapshots_lost


def published(name: str, first: int, resolution: int, gpus: int = 8) -> Growth:
    growth = growth_of(
        configure(name, resolution, gpus), first=first, resolution=resolution, gpus=gpus
    )
    assert growth is not None
    return growth


def test_progressive_gan_as_published() -> None:
    """Appendix A.1: 4x4 for 800k images, then 800k to fade in and 800k to settle, by turns; 16
    pictures at a time up to 128x128, then 14, 6 and 3."""
    growth = published("pggan", 4, 1024, gpus=1)
    assert [level.resolution for level in growth.levels] == [4 << i for i in range(9)]
    assert [level.batch_size for level in growth.levels] == [16] * 6 + [14, 6, 3]
    assert {level.lr for level in growth.levels} == {0.001}
    assert grown_at(growth) == pytest.approx(800_000 * 17 - 800_000, abs=100)
    for nimg, lod in [
        (0, 8),
        (799_999, 8),
        (800_000, 8),
        (1_000_000, 7.75),
        (1_200_000, 7.5),
        (1_600_000, 7),
        (2_399_999, 7),
        (2_800_000, 6.5),
        (13_000_000, 0),
        (10**9, 0),
    ]:
        assert moment(growth, nimg).lod == pytest.approx(lod, abs=1e-4), nimg


def test_stylegan_as_published() -> None:
    """Appendix C: from 8x8 on; learning rates rise with the resolution."""
    growth = published("stylegan1", 8, 1024)
    assert [level.resolution for level in growth.levels] == [8 << i for i in range(8)]
    assert [level.batch_size for level in growth.levels] == [256, 128, 64, 32, 32, 32, 32, 32]
    assert [level.batch_gpu for level in growth.levels] == [32, 16, 8, 4, 4, 4, 4, 4]
    rates = [0.001, 0.001, 0.001, 0.001, 0.0015, 0.002, 0.003, 0.003]
    assert [level.lr for level in growth.levels] == rates
    assert moment(growth, 0).lod == 7
    assert moment(growth, 900_000).lod == pytest.approx(6.5, abs=1e-3)
    assert moment(growth, 900_000).level.resolution == 16
    assert grown_at(growth) == pytest.approx(14 * 600_000, abs=2000)


def test_phases_end_with_whole_batches_and_leave_no_gap() -> None:
    levels = (Level(4, 12, 12, 0.1), Level(8, 8, 8, 0.1), Level(16, 8, 8, 0.2))
    every = phases(Growth(levels, stable_kimg=0.1, fade_kimg=0.05))
    assert [(p.start, p.end) for p in every] == [
        (0, 108),
        (108, 164),
        (164, 268),
        (268, 324),
        (324, float("inf")),
    ]
    assert [(p.level, p.fades) for p in every] == [
        (0, False),
        (1, True),
        (1, False),
        (2, True),
        (2, False),
    ]
    growth = Growth(levels, 0.1, 0.05)
    for phase in every[:-1]:
        assert moment(growth, int(phase.end)).lod == int(moment(growth, int(phase.end)).lod)
    steps = [moment(growth, nimg).lod for nimg in range(0, 400, 4)]
    assert steps == sorted(steps, reverse=True)


def test_a_network_of_one_resolution_is_grown_from_the_start() -> None:
    growth = published("stylegan1", 8, 4)
    assert [level.resolution for level in growth.levels] == [4]
    assert (moment(growth, 0).lod, grown_at(growth)) == (0, 0)


@pytest.mark.parametrize("gpus", [1, 2, 3, 4, 8])
@pytest.mark.parametrize(("name", "first"), [("pggan", 4), ("stylegan1", 8)])
def test_every_level_divides_among_gpus_and_into_groups(name: str, first: int, gpus: int) -> None:
    config = configure(name, 1024, gpus, batch=48 if gpus == 3 else None)
    growth = growth_of(config, first=first, resolution=1024, gpus=gpus)
    assert growth is not None
    for level in growth.levels:
        share = level.batch_size // gpus
        assert level.batch_size % gpus == share % level.batch_gpu == 0
        assert level.batch_gpu % min(config.stddev_group or 1, share) == 0
    assert msgspec.json.decode(msgspec.json.encode(growth), type=Growth) == growth


def test_an_ordinary_file_may_not_take_the_name_of_a_phases_end() -> None:
    growth = Growth(
        (Level(4, 8, 8, 0.001), Level(8, 8, 8, 0.001)), stable_kimg=1.296, fade_kimg=0.48
    )
    assert ends(growth) == (1296, 1776)
    expected = {1280: False, 1296: False, 1304: True, 1776: True, 1784: True, 1999: True}
    expected |= {8: False, 2000: False, 2008: False}
    assert {nimg: ended_in_same_kimg(growth, nimg) for nimg in expected} == expected
    assert "at 1.296 kimg are replaced" in (snapshots_lost(growth, 3) or "")
    long = msgspec.structs.replace(growth, fade_kimg=1)
    assert "at 2.296 kimg are replaced" in (snapshots_lost(long, 2.5) or "")
    assert snapshots_lost(long, 3.296) is None
