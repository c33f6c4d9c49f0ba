"""Weights are prepared while pictures go on, and given up with their snapshot."""

from __future__ import annotations

from pathlib import Path

from renderer.messages.to_window import JobFailed
from tests.renderer.client.client_kit import Window, ask, notes, snapshot, wait_for_note


def test_weights_are_prepared_after_the_first_picture(tmp_path: Path) -> None:
    net = snapshot(tmp_path, weights=3)
    with Window() as window:
        window.frame(window.client.submit(ask(net, 1)))
        wait_for_note(net, "weight 3")
        window.frame(window.client.submit(ask(net, 2)))
        assert notes(net, "weight") == ["weight 1", "weight 2", "weight 3"]
        assert window.all(JobFailed) == []


def test_pictures_go_on_meanwhile_and_it_ends_when_the_file_changes(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net = snapshot(tmp_path, weights=1, weights_gate=str(gate))
    with Window() as window:
        for seed in range(5):
            window.frame(window.client.submit(ask(net, seed)))
        assert notes(net, "weight") == []
        snapshot(tmp_path, weights=1)
        wait_for_note(net, "weights cancelled")
        window.frame(window.client.submit(ask(net, 7)))
        wait_for_note(net, "weight 1")
