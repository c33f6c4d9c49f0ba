"""The harness for a moment: one round of each scene that is short, always from the same seed."""

from __future__ import annotations

import sys

import pytest

from tests.faults import rounds
from tests.faults.tally import KINDS, Tally

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs signals, pipes and /proc"),
]
SCENES = ("files", "home", "trouble", "replaced")


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_executed_hangs_or_dies(scene: str, monkeypatch) -> None:
    # A slow machine must not fail it: what waits for a disk is noted whatever time it takes.
    monkeypatch.setenv("FAULTS_PATIENCE", "600")
    monkeypatch.setenv("FAULTS_LONG", "60")
    tally = Tally()
    rounds.play(scene, 7, 0.0, tally)
    assert not tally.faults, tally.table()
    assert tally.rows[scene].tried > 0


def test_what_scenes_note_is_counted_by_kind_also_when_the_window_died() -> None:
    tally = Tally()
    facts = [
        {"tried": "a.png"},
        {"frame": 0.2},
        {"fault": "raised", "text": "KeyError: 'x'"},
        {"tried": "b.pkl"},
        {"waited": 3.0},
    ]
    tally.add("files", 7, facts, "exit code -11")
    tally.add("files", 8, [{"tried": "c.pkl"}, {"end": True}], "")
    found = tally.as_json()["files"]
    assert (found["rounds"], found["tried"]) == (2, 3)
    assert [found[kind] for kind in KINDS] == [0, 0, 1, 1, 0]
    assert found["faults"]["died"] == ["seed 7, b.pkl: the window: exit code -11"]
    assert (found["longest_frame_ms"], found["longest_wait_s"]) == (200.0, 3.0)
    assert "files" in tally.table()


def test_a_window_that_dies_in_a_scene_is_seen(monkeypatch) -> None:
    """The harness would otherwise praise a window that cannot even start."""
    monkeypatch.setenv("FAULTS_PATIENCE", "60")
    tally = Tally()
    rounds.play("no_such_scene", 7, 0.0, tally)
    assert len(tally.rows["no_such_scene"].faults["died"]) == 1
