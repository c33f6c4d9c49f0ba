"""The application as a whole, driven as a user drives it."""

from __future__ import annotations

from pathlib import Path


def test_the_window_opens_with_a_picture(drive, tmp_path: Path) -> None:
    shot = tmp_path / "window.png"

    def test(gui) -> None:
        gui.shot(shot)
        assert gui.context.frame.request == gui.app.session.render
        assert gui.context.model.num_ws == 10

    drive(test)
    assert shot.stat().st_size > 10_000
