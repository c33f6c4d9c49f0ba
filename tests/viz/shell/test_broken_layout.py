"""Layouts of ImGui that were cut off or broken on the disk: the window opens all the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from viz.shell.sides.docks import SIDES


def parentless(text: str) -> str:
    return re.sub(r"(DockNode\s+ID=\S+) Parent=\S+", r"\1", text)


def sizeless(text: str) -> str:
    return re.sub(r"(DockSpace .*?)Size=\S+", r"\1Size=0,0", text)


def shrunk(text: str) -> str:
    return re.sub(r"SizeRef=\S+", "SizeRef=0,0", text)


def without_space(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "DockSpace " not in line)


def twice(text: str) -> str:
    return re.sub(r"(ID=0x)\w+", r"\g<1>00000001", text)


def cut_off(text: str) -> str:
    return text[: text.index("Parent=") + 9]


BROKEN = (parentless, sizeless, shrunk, without_space, twice, cut_off)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_layout_is_laid_out_anew(drive, tmp_path: Path, broken) -> None:
    layout = tmp_path / "layout.ini"
    drive(lambda gui: gui.settle(), layout=layout)
    good = layout.read_text()
    layout.write_text(broken(good))
    assert layout.read_text() != good

    def test(gui) -> None:
        gui.frames(10)
        for panel in gui.app.panels:
            gui.focus(panel.title)
            gui.frames(2)
        gui.focus("Picture")
        box = gui.ctx.item_info("//Picture/##picture").rect_full
        assert box.max.x - box.min.x > 100

    drive(test, layout=layout)


def test_a_layout_that_cannot_be_shared_out_is_laid_out_anew(drive, monkeypatch) -> None:
    def test(gui) -> None:
        columns = gui.app.columns

        def fail(*args: object) -> None:
            monkeypatch.undo()
            raise ZeroDivisionError("no such place")

        monkeypatch.setattr(columns, "begin", fail)
        gui.until(lambda: columns.learning)
        gui.until(lambda: not columns.learning)
        assert "no such place" in gui.app.messages.items[-1].text
        assert all(columns.panels_of(side) for side in SIDES)

    drive(test)
