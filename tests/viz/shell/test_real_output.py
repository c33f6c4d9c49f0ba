"""OSC, full screen and the clean output with windows on a real X server (Xvfb)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.paths import ROOT
from tests.viz.shell.test_real_window import NEEDED, display, screen, wait_until
from viz.control.osc_packets import packet

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(bool(NEEDED), reason=f"not installed: {', '.join(NEEDED)}"),
]

__all__ = ["display"]  # the fixture


class Running:
    """The program on a display, with its OSC port."""

    def __init__(self, display: str, home: Path) -> None:
        self.display = display
        self.environment = os.environ | {
            "DISPLAY": display,
            "GANSCOPE_HOME": str(home),
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        for name in ("WAYLAND_DISPLAY", "PYOPENGL_PLATFORM"):
            self.environment.pop(name, None)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.app = subprocess.Popen(
            [sys.executable, "visualizer.py", "--size", "800x600", "--osc", str(self.port)],
            cwd=ROOT,
            env=self.environment,
        )

    def xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    def send(self, address: str, value: float) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(packet(f"/ganscope/{address}", value), ("127.0.0.1", self.port))

    def window(self, name: str) -> str:
        """The number of the window with this title, empty where there is none."""
        return self.xdotool("search", "--name", f"^{name}$").partition("\n")[0]

    def place(self, name: str) -> tuple[int, int, int, int]:
        """Where a window is: x, y, width and height; zeros where there is none."""
        lines = self.xdotool("getwindowgeometry", "--shell", self.window(name)).splitlines()
        found = dict(line.split("=") for line in lines if "=" in line)
        return tuple(int(found.get(key, 0)) for key in ("X", "Y", "WIDTH", "HEIGHT"))

    def pixels(self, name: str) -> np.ndarray:
        x, y, width, height = self.place(name)
        return screen(self.display)[max(y, 0) : y + height, max(x, 0) : x + width]


@pytest.fixture
def running(display: str, tmp_path: Path) -> Iterator[Running]:
    program = Running(display, tmp_path)
    yield program
    if program.app.poll() is None:
        program.app.send_signal(signal.SIGINT)
        try:
            program.app.wait(60)
        except subprocess.TimeoutExpired:
            program.app.kill()
            program.app.wait()


def colours(pixels: np.ndarray) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def test_the_output_shows_the_picture_alone_and_osc_moves_it(running: Running) -> None:
    wait_until("the window", lambda: bool(running.window("ganscope")))
    wait_until("the picture", lambda: colours(running.pixels("ganscope")) > 2000)

    def ask() -> bool:
        running.send("command/output-in-a-window", 1.0)
        return bool(running.window("ganscope output"))

    wait_until("the output", ask)
    running.xdotool("windowmove", running.window("ganscope output"), "300", "200")
    output = "ganscope output"
    wait_until("its place", lambda: running.place(output)[:2] == (300, 200))
    wait_until("its picture", lambda: colours(running.pixels(output)) > 500)
    pixels = running.pixels(output)
    height, width = pixels.shape[:2]
    side = (width - height) // 2
    assert not pixels[:, : side - 1].any()
    assert not pixels[:, -side + 1 :].any()
    running.send("latent/seed", 77)
    wait_until("another", lambda: abs(running.pixels(output) - pixels).mean() > 4)
    running.xdotool("windowfocus", "--sync", running.window(output))
    running.xdotool("key", "Escape")
    wait_until("its end", lambda: not running.window(output))
    assert running.app.poll() is None


def test_full_screen_on_the_only_display_and_back(running: Running) -> None:
    wait_until("the window", lambda: bool(running.window("ganscope")))
    wait_until("the picture", lambda: colours(running.pixels("ganscope")) > 2000)
    before = running.place("ganscope")
    running.send("command/full-screen", 1.0)
    wait_until("full screen", lambda: running.place("ganscope") == (0, 0, 1280, 800))
    running.xdotool("windowfocus", "--sync", running.window("ganscope"))
    running.xdotool("key", "Escape")
    wait_until("the window again", lambda: running.place("ganscope") == before)
