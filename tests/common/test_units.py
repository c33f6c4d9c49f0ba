"""Numbers, sizes and durations as people read them."""

from __future__ import annotations

import pytest

from common import units


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (-1, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.977 kB"),
        (31_591_023, "30.1 MB"),
        (2 << 30, "2 GB"),
        (512 << 20, "512 MB"),
        (3 << 50, "3072 TB"),
    ],
)
def test_file_size(count: int, text: str) -> None:
    assert units.file_size(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(7, "7"), (9_999, "9,999"), (10_000, "10 k"), (999_600, "1 M"), (24_767_458, "24.8 M")],
)
def test_quantity(count: int, text: str) -> None:
    assert units.quantity(count) == text


def test_kimg_and_duration() -> None:
    assert units.kimg(25_000.0) == "25,000 kimg"
    assert units.kimg(0.4) == "0.4 kimg"
    assert units.kimg(80.656) == "80.7 kimg"
    assert units.kimg(0.016) == "0.016 kimg"
    assert units.duration(59.94) == "59.9 s"
    assert units.duration(187.9) == "3:07"
    assert units.duration(3725) == "1:02:05"


@pytest.mark.parametrize(
    ("thousands", "text"),
    [(0.0, "0"), (0.5, "0.5"), (40.0, "40"), (80.66, "80.7"), (1234.6, "1,235")],
)
def test_kimg_in_a_sentence(thousands: float, text: str) -> None:
    assert units.kimg_number(thousands) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0.4, "0.4 s"),
        (40, "40 s"),
        (99, "99 s"),
        (720, "12 min"),
        (3 * 3600 + 750, "3 h 12 min"),
        (5 * 86400 + 21 * 3600, "5 d 21 h"),
    ],
)
def test_rough_durations(seconds: float, text: str) -> None:
    assert units.rough_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-60, "just now"), (9, "just now"), (90, "90 s ago")]
)
def test_how_long_ago(seconds: float, text: str) -> None:
    assert units.ago(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0s"),
        (14.7, "15s"),
        (59.6, "1m 00s"),
        (78.8, "1m 19s"),
        (3001.6, "50m 02s"),
        (3600, "1h 00m 00s"),
        (7384, "2h 03m 04s"),
        (93780, "1d 02h 03m"),
        (864000, "10d 00h 00m"),
    ],
)
def test_durations_in_the_log_are_those_of_other_trainers(seconds: float, text: str) -> None:
    assert units.log_duration(seconds) == text


@pytest.mark.parametrize(("channels", "text"), [(1, "1 channel"), (3, "3 channels")])
def test_size_of_pictures(channels: int, text: str) -> None:
    assert units.picture_size(64, channels) == f"64×64 pixels and {text}"
