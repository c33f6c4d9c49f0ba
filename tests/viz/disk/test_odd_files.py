"""Files that would hold up or break the window, dropped on it."""

from __future__ import annotations

import os
import socket
import time

import pytest

from viz.panels import picture

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


def said(gui) -> str:
    return "\n".join(message.text for message in gui.app.messages.items)


def test_pipes_and_sockets_are_refused_by_name_and_the_window_goes_on(drive, tmp_path) -> None:
    pipes = [tmp_path / name for name in ("one.png", "two.pkl", "three.npz", "four")]
    for pipe in pipes:
        os.mkfifo(pipe)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "five.json"))

    def test(gui) -> None:
        for path in (*pipes, tmp_path / "five.json"):
            began = time.monotonic()
            gui.drop(path)
            assert time.monotonic() - began < 1, "a drop waits for no disk"
            gui.settle()
        assert said(gui).count("is a named pipe, not a file") == 4
        assert "is a socket, not a file" in said(gui)
        gui.keys("Ctrl+S")
        gui.settle()
        assert len(gui.context.captured) == 1, "the workers are free"

    drive(test, panels=(picture.PANEL,))
    listening.close()
