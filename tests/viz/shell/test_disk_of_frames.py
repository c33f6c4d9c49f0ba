"""Frames in which nothing happens wait for no disk, whatever panels show."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from viz.desk.settings import Settings

LOOKS = ("open", "os.listdir", "os.scandir")
"""The events of Python's auditing in which a disk is looked at."""


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The files that the window's thread opens, except those in which Linux tells of processes."""
    paths: list[str] = []
    window, listening = threading.main_thread(), True

    def hear(event: str, args: tuple[object, ...]) -> None:
        if listening and event in LOOKS and threading.current_thread() is window:
            path = str(args[0])
            if not path.startswith("/proc/"):
                paths.append(path)

    sys.addaudithook(hear)  # which nothing takes away again
    yield paths
    listening = False


def test_frames_open_no_file(drive, opened: list[str]) -> None:
    def test(gui) -> None:
        for panel in gui.app.panels:
            gui.focus(panel.title)
            gui.frames(3)
            gui.settle()
            opened.clear()
            gui.frames(5)
            assert not opened, panel.title

    drive(test, settings=Settings())
