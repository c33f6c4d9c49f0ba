"""The command that opens the window, as a user starts it: with the real renderer process."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs
from PIL import Image

from renderer.messages.journey import Journey, Key
from renderer.messages.request import MixSource, Noise, Plane, RenderRequest, Seed
from renderer.pictures.journey.files import write_journey
from renderer.pictures.video import Video
from tests.paths import BUSTS
from tests.viz.started import start
from viz.disk import pictures, store
from viz.disk.bundled import bundled_snapshot
from viz.gpu import display
from viz.session.session import Motion, Session, View
from viz.shell.launch import start as starting


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
    session = Session(RenderRequest(f"assets/{BUSTS.name}", Seed(77)), View(zoom=2.0))
    pictures.write_png(tmp_path / "own", np.zeros((8, 8, 4), np.uint8), session)
    done = start("own", "--offscreen", "--screenshot", "x.png", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = pictures.read_session(tmp_path / "x.png")
    assert shown.render == RenderRequest(str(BUSTS), Seed(77))
    assert shown.view.zoom == 2.0


def test_a_session_of_a_relative_path_keeps_what_was_made_of_its_network(tmp_path: Path) -> None:
    (tmp_path / "net.safetensors").write_bytes(BUSTS.read_bytes())
    mixed = RenderRequest("net.safetensors", Seed(5), mix=(MixSource(Seed(7), (1.0, 0.5)),))
    (tmp_path / "s.json").write_bytes(store.encode(Session(mixed)))
    arguments = ("--session", "s.json", "--offscreen", "--screenshot", "x.png")
    done = start(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert pictures.read_session(tmp_path / "x.png").render.mix == mixed.mix


def test_a_session_that_moves_by_itself_is_captured_where_it_stands(tmp_path: Path) -> None:
    noise = Noise("random", 3)
    for name, motion in (("a", Motion(animate=True)), ("b", Motion(redraw="animate"))):
        session = Session(RenderRequest(source=Plane(2.0, 3.0), noise=noise), motion=motion)
        (tmp_path / f"{name}.json").write_bytes(store.encode(session))
        arguments = ("--session", f"{name}.json", "--offscreen", "--screenshot", f"{name}.png")
        done = start(*arguments, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        shown = pictures.read_session(tmp_path / f"{name}.png").render
        assert (shown.source, shown.noise) == (Plane(2.0, 3.0), noise)


def test_a_journey_opens_at_its_first_key(tmp_path: Path) -> None:
    request = RenderRequest(f"assets/{BUSTS.name}", Seed(77))
    journey = Journey((Key(request), Key(structs.replace(request, source=Seed(5)), 2.0)), 2.0)
    write_journey(tmp_path / "loop.journey.json", journey)
    done = start("loop.journey.json", "--offscreen", "--screenshot", "x.png", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = pictures.read_session(tmp_path / "x.png")
    assert shown.render == RenderRequest(str(BUSTS), Seed(77))
    assert [key.render.source for key in shown.journey.keys] == [Seed(77), Seed(5)]


@pytest.mark.parametrize("name", ["loop.journey.json", "loop.mp4", "picture.png"])
def test_what_carries_a_journey_begins_in_it(name: str, tmp_path: Path, monkeypatch) -> None:
    """Only a captured picture is what the user wants to see again, wherever the playhead is."""
    request = RenderRequest("net.safetensors", Seed(77))
    journey = Journey((Key(request), Key(structs.replace(request, source=Seed(5)), 2.0)), 2.0)
    elsewhere = structs.replace(request, source=Seed(1))
    session = Session(elsewhere, journey=journey, moment=2.0)
    file, pixels = tmp_path / name, np.zeros((16, 16, 4), np.uint8)
    if name.endswith(".json"):
        write_journey(file, journey)
    elif name.endswith(".mp4"):
        with Video(file, (16, 16), 10, store.encode(session).decode()) as film:
            film.add(pixels)
            film.finish()
    else:
        pictures.write_png(file, pixels, session)
    monkeypatch.setattr(starting, "RenderClient", lambda *_, **__: None)
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))
    started = starting.start_renderer(starting.Start((str(file),), offscreen=True))
    assert started.session is not None
    assert started.session.journey == journey
    seed = {"loop.journey.json": 77, "loop.mp4": 5, "picture.png": 1}[name]
    assert started.session.render.source == Seed(seed)
    assert started.journey == (None if name == "picture.png" else file)


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
