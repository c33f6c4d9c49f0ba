"""The window looks as it did when somebody last looked at it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from tests.viz import screenshots


def test_a_moved_control_is_a_difference_and_soft_edges_are_none(drive, tmp_path: Path) -> None:
    drive(lambda gui: gui.shot(tmp_path / "window.png"))
    with Image.open(tmp_path / "window.png") as image:
        original = image.convert("RGB")
    nearly = original.point(lambda level: min(255, level + 6))
    nearly.save(tmp_path / "nearly.png")
    assert screenshots.difference(tmp_path / "window.png", tmp_path / "nearly.png") == 0
    moved = original.copy()
    ImageDraw.Draw(moved).rectangle((20, 400, 120, 460), fill=(200, 60, 60))
    moved.save(tmp_path / "moved.png")
    share = screenshots.difference(tmp_path / "window.png", tmp_path / "moved.png")
    assert share > screenshots.SHARE_TOLERANCE
    original.crop((0, 0, 1439, 900)).save(tmp_path / "smaller.png")
    assert screenshots.difference(tmp_path / "window.png", tmp_path / "smaller.png") == 1
