"""The disk of a renderer far away: it says what the disk here says, and only that."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from common.images.small import small_picture
from common.runs.disk import LocalDisk
from common.runs.follow import RunReader
from renderer.client.far_disk import FarDisk
from renderer.messages import disk_call
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.to_renderer import Ask
from renderer.messages.to_window import Answer, Hello
from renderer.server.disk_service import ServedDisk
from tests.paths import DATA
from tests.renderer.client.client_kit import FAKE, Window, far

RUN = DATA / "earth64-run"


@pytest.fixture(scope="module")
def window() -> Iterator[Window]:
    with Window(env={"GANSCOPE_PIPELINE": FAKE}, elsewhere=far()) as window:
        window.wait(lambda e: isinstance(e, Hello))
        yield window


@pytest.fixture
def disk(window: Window) -> FarDisk:
    assert isinstance(window.client.disk, FarDisk)
    return window.client.disk


def test_every_call_answers_as_the_disk_here_does(disk: FarDisk) -> None:
    here, run = LocalDisk(), str(RUN)
    by_name = lambda facts: facts.name  # noqa: E731
    assert disk.home() == here.home()
    assert sorted(disk.scan(run), key=by_name) == sorted(here.scan(run), key=by_name)
    assert disk.snapshots_in((run, "/nowhere")) == here.snapshots_in((run, "/nowhere"))
    paths = (run, "/nowhere", "no\0path", str(RUN / "stats.jsonl"))
    assert disk.look(paths) == here.look(paths)
    stats = str(RUN / "stats.jsonl")
    for start, length in ((0, 100), (50, 100), (-80, 80), (10**9, 5)):
        assert disk.read(stats, start, length) == here.read(stats, start, length)
    snapshots = tuple(str(RUN / name) for name in here.snapshots_in((run,))[0])
    assert disk.complete(snapshots) == here.complete(snapshots)
    assert disk.room(run).total == here.room(run).total
    assert disk.find(run) == here.find(run)
    assert disk.class_names(run) == here.class_names(run)


def test_errors_are_those_of_the_disk(disk: FarDisk, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        disk.scan("/nowhere")
    with pytest.raises(IsADirectoryError):
        disk.read(str(tmp_path), 0, 1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe"):
        disk.read(str(tmp_path / "pipe"), 0, 1)
    with pytest.raises(UserError, match="nothing does not exist on farland"):
        disk.find(str(tmp_path / "nothing"))
    with pytest.raises(UserError, match="Unicode"):
        disk.find("bad\udcff")


def test_a_run_is_followed_as_it_is_here(disk: FarDisk, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(RUN, run)
    reader = RunReader(run, disk)
    while (there := reader.poll()).reading:
        pass
    here = RunReader(run).poll()
    assert there.snapshots == here.snapshots
    assert there.options == here.options
    assert there.series.keys() == here.series.keys()
    for name, values in here.series.items():
        np.testing.assert_array_equal(there.series[name], values)
    assert reader.poll() is there, "nothing new is the same object"
    with open(run / "stats.jsonl", "a") as stats:
        stats.write('{"Progress/kimg": {"num": 1, "mean": 99.0, "std": 0.0}}\n')
    assert reader.poll().series["Progress/kimg"][-1] == 99.0


def test_pictures_come_small_and_near(disk: FarDisk, tmp_path: Path) -> None:
    y, x = np.mgrid[0:900, 0:1200]
    noise = np.random.default_rng(1).integers(0, 20, (900, 1200, 3))
    pixels = (np.stack([x // 6, y // 5, (x + y) // 11], -1) + noise).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "fakes.png")
    data = disk.image(str(tmp_path / "fakes.png"), 600)
    came = small_picture(data, 600)
    wanted = small_picture((tmp_path / "fakes.png").read_bytes(), 600)
    assert came.size == wanted.size == (600, 450)
    assert len(data) < (tmp_path / "fakes.png").stat().st_size
    difference = np.asarray(came).astype(int) - np.asarray(wanted)
    assert np.abs(difference).mean() < 4
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n garbage")
    with pytest.raises((UserError, OSError), match=r"broken|identify"):
        disk.image(str(tmp_path / "broken.png"), 600)


def test_the_bundled_snapshot_is_found_wherever_it_is_installed(disk: FarDisk) -> None:
    for name in ("busts64.safetensors", bundled_snapshot().name):
        found = disk.find(f"/somewhere/else/assets/{name}")
        assert found.path == str(bundled_snapshot().with_name(name))


def test_nothing_but_its_calls_can_be_called(tmp_path: Path) -> None:
    for call in ("__init__", "write", "_resolve", "__class__"):
        answer = disk_call.answer(ServedDisk(), Ask(1, call, b"\x90"))
        assert answer.failed
    for arguments in (b"", b"\xc1", b"\x91\x01", b"\x92\xa1a\xa1b"):
        assert disk_call.answer(ServedDisk(), Ask(1, "scan", arguments)).failed


@pytest.mark.parametrize("result", [b"", b"\xc1", b"\x01", b"\xa1\xff"])
@pytest.mark.parametrize("failed", [False, True])
def test_an_answer_that_cannot_be_read_is_an_error_of_the_disk(result: bytes, failed: bool) -> None:
    for packed in (False, True):
        with pytest.raises(OSError, match="cannot be read"):
            disk_call.result_of("home", Answer(1, result, failed, packed), "/some/run")


def test_a_fault_in_reading_is_an_answer_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(data: bytes, side: int) -> Image.Image:
        raise KeyError("a decoder's own")

    monkeypatch.setattr("renderer.server.disk_service.small_picture", broken)
    (tmp_path / "odd.png").touch()
    message = disk_call.ask(1, "image", str(tmp_path / "odd.png"), 64)
    with pytest.raises(UserError, match="KeyError"):
        disk_call.result_of("image", disk_call.answer(ServedDisk(), message))


def test_answers_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large").write_bytes(bytes(1 << 20))
    assert len(ServedDisk().read(str(tmp_path / "large"), 0, 1 << 30).data) == disk_call.LONGEST
    monkeypatch.setattr("renderer.server.disk_service.ENTRIES", 3)
    for n in range(9):
        (tmp_path / f"file{n}").touch()
    assert len(ServedDisk().scan(str(tmp_path))) == 3


def test_who_waits_for_an_answer_hears_of_a_lost_line() -> None:
    with Window(env={"GANSCOPE_PIPELINE": FAKE}, elsewhere=far()) as window:
        window.wait(lambda e: isinstance(e, Hello))
        said: list[OSError] = []

        def ask_on() -> None:
            try:
                while True:
                    window.client.disk.home()
            except OSError as error:
                said.append(error)

        thread = threading.Thread(target=ask_on)
        thread.start()
        window.client.close()
        thread.join(60)
        assert said
        assert "farland" in str(said[0])
