"""The command that opens the window, as a user starts it: with the real renderer process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from renderer.messages.request import RenderRequest, Seed
from tests.paths import ROOT
from viz.disk import pictures
from viz.disk.bundled import bundled_snapshot
from viz.gpu import display
from viz.session.session import Session, View


def start(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env.update(environment, GANSCOPE_HOME=str(folder / "home"), PYTHONIOENCODING="utf-8")
    return subprocess.run(
        [sys.executable, str(ROOT / "visualizer.py"), *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_without_a_display_it_saves_a_screenshot_and_says_how_to_see_it(tmp_path: Path) -> None:
    done = start(folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "There is no display here" in done.stdout
    assert f"Saved {tmp_path / 'ganscope.png'}" in done.stdout
    for way in ("ssh -X", "VNC", "xvfb-run", "--offscreen --screenshot"):
        assert way in done.stdout
    assert done.stderr == ""
    session = pictures.read_session(tmp_path / "ganscope.png")
    assert session.render.snapshot == str(bundled_snapshot())
    assert not (tmp_path / "home").exists(), "looking changes nothing"


def test_offscreen_screenshots_of_any_size_scale_and_panel(tmp_path: Path) -> None:
    snapshot = tmp_path / "지구 地球.safetensors"
    snapshot.write_bytes(bundled_snapshot().read_bytes())
    done = start(
        *(str(snapshot), "--offscreen", "--screenshot", "out/그림.png"),
        *("--size", "800x600", "--scale", "2", "--theme", "light", "--panel", "performance"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out" / "그림.png") as image:
        assert image.size == (1600, 1200)
        assert image.convert("L").getpixel((4, 1190)) > 200
    assert pictures.read_session(tmp_path / "out" / "그림.png").render.snapshot == str(snapshot)
    assert "There is no display" not in done.stdout


def test_a_picture_that_was_captured_opens_its_session(tmp_path: Path) -> None:
    session = Session(RenderRequest("assets/busts64.safetensors", Seed(77)), View(zoom=2.0))
    pictures.write_png(tmp_path / "own", np.zeros((8, 8, 4), np.uint8), session)
    done = start("own", "--offscreen", "--screenshot", "x.png", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = pictures.read_session(tmp_path / "x.png")
    assert shown.render == RenderRequest(str(bundled_snapshot()), Seed(77))
    assert shown.view.zoom == 2.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gone.pkl"], "gone.pkl does not exist"),
        (["broken.safetensors", "--screenshot", "x.png"], "broken.safetensors"),
        (["--session", "gone.png"], "gone.png"),
        (["--session", "broken.safetensors"], "broken.safetensors"),
        (["photo.jpeg"], "photo.jpeg is a JPEG: it carries no session. Sessions travel in the PNG"),
        (["plain.PNG"], "plain.PNG carries no session"),
        (["--panel", "Layer"], "There is no panel 'Layer'. There are"),
        (["--size", "big"], "'big' is not WxH"),
    ],
)
def test_what_cannot_be_opened_is_one_line_and_exit_1(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    whole = bundled_snapshot().read_bytes()
    (tmp_path / "broken.safetensors").write_bytes(whole[: len(whole) // 2])
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpeg")
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.PNG")
    done = start("--offscreen", *arguments, folder=tmp_path)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    if "--size" not in arguments:
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, False), ({"DISPLAY": ""}, False), ({"DISPLAY": ":0"}, True)],
)
def test_a_display_is_what_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert display.available() is expected


def test_a_window_refused_by_the_display_is_said_in_one_line(tmp_path: Path) -> None:
    done = start(folder=tmp_path, DISPLAY=":12345")
    assert done.returncode == 0, done.stderr
    assert "The display :12345 does not answer: drawing the window offscreen." in done.stdout
    assert done.stderr == ""
    assert (tmp_path / "ganscope.png").exists()
