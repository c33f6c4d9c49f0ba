"""`explore --measure`: how fast the window is, in a line or two."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.viz.conftest import FakeClient
from tests.viz.started import start
from viz.desk.settings import Settings
from viz.disk import store
from viz.disk.bundled import bundled_snapshot
from viz.session.session import Motion, Session
from viz.shell.launch import show
from viz.shell.launch.measure import Dragged, Rested
from viz.shell.launch.start import Start, Started

DRAGGING = re.compile(
    r"Dragging for (?P<seconds>[\d.]+) s: (?P<frames>[\d.]+) frames a second "
    r"\(median [\d.]+ ms, 95 of 100 within [\d.]+ ms, longest \d+ ms\), "
    r"(?P<pictures>[\d.]+) pictures a second, the first after (?P<first>\d+) ms; "
    r"exact \d+ ms after letting go\."
)


def test_a_drag_through_the_bundled_network_is_measured_and_nothing_is_kept(tmp_path: Path) -> None:
    done = start(str(bundled_snapshot()), "--offscreen", "--measure", "1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = DRAGGING.fullmatch(done.stdout.strip())
    assert found is not None, done.stdout
    assert float(found["seconds"]) >= 1
    assert float(found["pictures"]) > 0
    assert not list(tmp_path.rglob("*.json")), "no session of the drag"


def test_panels_are_brought_to_the_front_before(tmp_path: Path, monkeypatch) -> None:
    focused: list[str] = []

    def run(app, options, first) -> None:
        app.host.focus_panel = focused.append
        for _ in range(6):
            app.every_frame()

    monkeypatch.setattr(show.window, "run", run)
    asked = Start(offscreen=True, measure=1.0, panels=("timeline",))
    started = Started(FakeClient(), store.Store(tmp_path, read_only=True), Settings(), None, None)
    with pytest.raises(click.Abort):  # nothing was measured, as there was no window
        show.show(asked, started)
    assert focused == ["Timeline"]


def test_what_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no")
    done = start(str(broken), "--offscreen", "--measure", "1", folder=tmp_path)
    assert done.returncode == 1
    assert "broken.safetensors" in done.stderr
    assert "Traceback" not in done.stderr


def test_measuring_and_capturing_exclude_each_other(tmp_path: Path) -> None:
    done = start("--measure", "1", "--screenshot", "a.png", folder=tmp_path)
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_a_session_that_moves_by_itself_is_stilled_to_be_measured(tmp_path: Path) -> None:
    moving = Session(motion=Motion(animate=True))
    (tmp_path / "moving.json").write_bytes(store.encode(moving))
    arguments = ("--offscreen", "--session", "moving.json", "--measure", "0.5")
    done = start(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert DRAGGING.fullmatch(done.stdout.strip()), done.stdout


@pytest.mark.parametrize("frames", [(0.6,), (0.01, 0.1)])
def test_what_is_said_of_few_frames_lies_between_them(frames: tuple[float, ...]) -> None:
    said = str(Dragged(frames, 1, 0.1, 0.2))
    found = re.search(r"median ([\d.]+) ms, 95 of 100 within ([\d.]+) ms", said)
    assert found is not None
    median, most = (float(number) / 1e3 for number in found.groups())
    assert min(frames) <= median <= most <= max(frames)


def test_a_drag_is_said_in_frames_and_pictures_a_second() -> None:
    said = str(Dragged((0.02,) * 50, 10, 0.1, 0.2))
    assert "50.0 frames a second" in said
    assert "10.0 pictures a second, the first after 100 ms; exact 200 ms" in said


@pytest.mark.parametrize(
    ("renderer", "said"), [(0.02, "window 2.0%, renderer 1.0%."), (None, "window 2.0%.")]
)
def test_rest_is_said_in_shares_of_a_core(renderer: float | None, said: str) -> None:
    assert str(Rested(2.0, 0.04, renderer)) == f"At rest for 2.0 s, of one core: {said}"
