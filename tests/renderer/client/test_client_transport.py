"""The transport measurement measures what it says: real frames through both ways."""

from __future__ import annotations

import pytest

from common.errors import UserError
from renderer.bench import transport


def test_every_frame_arrives_by_both_ways() -> None:
    result = transport.measure((48, 32), frames=3)
    assert set(result) == {
        "ring_window_ms",
        "ring_worst_ms",
        "ring_total_ms",
        "queue_window_ms",
        "queue_total_ms",
        "window_ratio",
        "total_ratio",
    }
    assert all(value > 0 for value in result.values())
    assert result["ring_window_ms"] <= result["ring_worst_ms"]
    assert result["ring_window_ms"] <= result["ring_total_ms"]


def test_pictures_have_the_size_that_is_asked_for_and_differ() -> None:
    first, second = transport.pictures("48x32")
    assert first.shape == second.shape == (32, 48, 4)
    assert (first != second).any()
    # The measurement tells them apart by one byte.
    assert first[-1, -1, 0] != second[-1, -1, 0]


def test_wrong_pixels_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = transport.pictures("48x32")
    monkeypatch.setattr(transport, "pictures", lambda size: (second, first))
    with pytest.raises(UserError, match="other pixels"):
        transport.measure((48, 32), frames=1)
