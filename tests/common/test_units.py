"""Sizes, counts and sessions as people read them."""

from __future__ import annotations

import pytest

from common import units
from renderer.messages.request import (
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from viz.session.summary import describe


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


def test_only_what_differs_is_told() -> None:
    plain = RenderRequest(snapshot="/runs/a/net.pkl", source=Seed(3))
    assert describe(plain) == [("Network", "net.pkl"), ("Latent", "seed 3")]
    everything = RenderRequest(
        snapshot="/runs/a/net.pkl",
        source=Plane(1.5, -2.0),
        label=ClassLabel(1, 4, 0.25),
        truncation=Truncation(0.7, 8),
        mix=(MixSource(Seed(9), (1.0,)), MixSource(SavedW("/w/me.npz", 2), (1.0,), False)),
        noise=Noise("random", 5, 0.5),
        view=LayerView("b8.conv1", "channel", 6),
    )
    assert dict(describe(everything)) == {
        "Network": "net.pkl",
        "Latent": "x 1.50, y -2.00",
        "Class": "1 → 4 at 0.25",
        "Truncation": "ψ 0.70, first 8 rows",
        "Mixed with": "seed 9",
        "Noise": "random 5, × 0.5",
        "Layer": "b8.conv1, channel 6",
    }
