"""Of what is opened the newest wins, however slow the disks are."""

from __future__ import annotations

import threading
from pathlib import Path


def test_what_a_slow_disk_finds_late_does_not_take_over(drive) -> None:
    answered = threading.Event()

    def resolve(text: str) -> Path:
        if "slow" in text:
            answered.wait()
        return Path(text)

    def test(gui) -> None:
        gui.app.actions.open_snapshot("/slow/a.safetensors")
        gui.frames(3)
        gui.app.actions.open_snapshot("/fast/b.safetensors")
        gui.until(lambda: gui.app.cell.now.render.snapshot == "/fast/b.safetensors")
        answered.set()
        gui.settle()
        gui.frames(3)
        assert gui.app.cell.now.render.snapshot == "/fast/b.safetensors"

    drive(test, resolve=resolve)
