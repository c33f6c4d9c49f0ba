"""One test with a window on a real X server: Xvfb, driven by xdotool as a hand would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageGrab

from tests.paths import ROOT

NEEDED = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(bool(NEEDED), reason=f"not installed: {', '.join(NEEDED)}"),
]


@pytest.fixture
def display() -> Iterator[str]:
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


def screen(display: str) -> np.ndarray:
    with ImageGrab.grab(xdisplay=display) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def wait_until(what: str, condition: Callable[[], bool], seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.2)
    pytest.fail(f"waited {seconds:.0f} s in vain for {what}")


def test_drag_undo_and_quit_in_a_real_window(display: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "DISPLAY": display,
        "GANSCOPE_HOME": str(tmp_path),
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop("PYOPENGL_PLATFORM", None)

    def xdotool(*arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    app = subprocess.Popen(
        [sys.executable, "visualizer.py", "--size", "1280x760"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until("the window", lambda: bool(xdotool("search", "--name", "ganscope")))
        window = xdotool("search", "--name", "ganscope").split()[0]
        xdotool("windowmove", window, "0", "0")
        # In the picture, below the words that stand there while the network is opened.
        x, y = 560, 370

        def middle() -> np.ndarray:
            return screen(display)[y - 60 : y + 60, x - 60 : x + 60]

        def steady() -> bool:
            first = middle()
            time.sleep(0.4)
            return bool((middle() == first).all())

        def colours() -> int:
            return len(np.unique(middle().reshape(-1, 3), axis=0))

        wait_until("the picture", lambda: colours() > 100 and steady())
        before = middle()
        # There is no window manager to give it the keyboard.
        xdotool("windowfocus", "--sync", window)
        xdotool("mousemove", str(x), str(y), "mousedown", "1")
        for step in range(1, 11):
            xdotool("mousemove", str(x - 9 * step), str(y + 7 * step))
            time.sleep(0.02)
        xdotool("mouseup", "1", "mousemove", "700", "748")
        wait_until(
            "the dragged picture", lambda: float(abs(middle() - before).mean()) > 4 and steady()
        )
        xdotool("key", "--clearmodifiers", "ctrl+z")
        wait_until("undo", lambda: float(abs(middle() - before).mean()) < 0.5)

        def bottom() -> np.ndarray:
            return screen(display)[565:700, 365:880]

        mixing = bottom()

        def is_mixing() -> bool:
            return bool((bottom() == mixing).all())

        for _ in range(4):  # a mouse that jumps and clicks at once, as a pen does
            xdotool("mousemove", "591", "545", "click", "1", "mousemove", "700", "748")
            wait_until("Bookmarks", lambda: not is_mixing())
            xdotool("mousemove", "410", "545", "click", "1", "mousemove", "700", "748")
            wait_until("Style mixing", is_mixing)
        # A tap on a touchpad is let go at once; the list of layers can be scrolled.
        xdotool("mousemove", "1040", "172", "sleep", "1", "click", "1", "mousemove", "700", "748")
        wait_until("the layer", lambda: float(abs(middle() - before).mean()) > 4)
        xdotool("key", "--clearmodifiers", "ctrl+z")
        wait_until("the picture again", lambda: float(abs(middle() - before).mean()) < 0.5)
        xdotool("key", "Escape")
        time.sleep(0.5)
        assert app.poll() is None, "Escape must not quit"
        xdotool("key", "--clearmodifiers", "ctrl+q")
        wait_until("the end", lambda: app.poll() is not None)
        assert app.returncode == 0
    finally:
        if app.poll() is None:
            app.send_signal(signal.SIGINT)
            try:
                app.wait(10)
            except subprocess.TimeoutExpired:
                app.kill()
        _, stderr = app.communicate()
    assert "Traceback" not in stderr, stderr
