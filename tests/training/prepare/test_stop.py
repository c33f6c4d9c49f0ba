"""Ending early, for every reason: nothing half-written is left under a name."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from common.errors import UserError
from tests.paths import ROOT
from tests.training.data.dataset_files import noise, png
from training.prepare.convert import Settings
from training.prepare.item import Item
from training.prepare.run import prepare
from training.prepare.source import open_source
from training.prepare.transform import Transform
from training.prepare.write import Writer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")

# A source that never ends, so that the command is surely at work when it is stopped.
ENDLESS = """
import sys, itertools
import visualizer, training.prepare.source as source
inner = source.open_source
class Endless:
    classes = None
    notes = ()
    def __init__(self, *args, **options): self.source = inner(*args, **options)
    def __len__(self): return 10**9
    def __iter__(self): return itertools.chain.from_iterable(itertools.repeat(self.source))
source.open_source = Endless
if __name__ == "__main__":
    visualizer.main()
"""


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(40):
        (folder / f"{i}.png").write_bytes(png(noise(i, 64, 64, 3)))
    return folder


@pytest.fixture
def start(tmp_path, pictures):
    """Starts a conversion that never ends; what a failed test leaves of it is ended."""
    groups = []

    def run(dest, workers):
        script = tmp_path / "endless.py"
        script.write_text(ENDLESS)
        process = subprocess.Popen(
            [
                sys.executable,
                script,
                "dataset",
                "--source",
                tmp_path / "in",
                "--dest",
                tmp_path / dest,
                "--workers",
                str(workers),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        groups.append(process.pid)
        deadline = time.monotonic() + 60
        while not any(size(part) > 100_000 for part in tmp_path.glob(".out*.part")):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield run
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def size(path):
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*.png"))
    return path.stat().st_size


@pytest.mark.parametrize("dest", ["out.zip", "out"])
@pytest.mark.parametrize(("how", "group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_stopped_by_a_signal_it_leaves_nothing(tmp_path, start, dest, how, group):
    process = start(dest, workers=2)
    children = psutil.Process(process.pid).children(recursive=True)
    if group:  # as a terminal does
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert b"Traceback" not in err, err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["endless.py", "in"]
    assert not psutil.wait_procs(children, timeout=30)[1]


def test_killed_it_leaves_no_half_zip_and_no_workers(tmp_path, start):
    process = start("out.zip", workers=2)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    process.kill()
    process.communicate(timeout=60)
    assert not (tmp_path / "out.zip").exists()
    assert not psutil.wait_procs(children, timeout=30)[1]


@pytest.mark.parametrize("dest", ["out.zip", "out"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, pictures, dest):
    # The limit on the size of files fails writes as a full disk does, for this process alone.
    code = f"""
import resource, sys, visualizer
limit = {60_000 if dest.endswith("zip") else 5_000}
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.argv = ["x", "dataset", "--source", "in", "--dest", {dest!r}, "--workers", "1"]
visualizer.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1, done.stderr
    assert f"Cannot write {dest}: file too large" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


class Source:
    classes = None
    notes = ()

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        yield from self.items


def test_memory_is_bounded_by_what_is_in_flight(tmp_path):
    drawn = 0
    gaps = []

    class Counted(Source):
        def __iter__(self):
            nonlocal drawn
            for item in self.items:
                drawn += 1
                yield item

    image = png(noise(0, 8, 8))
    taken = iter(range(10**9))
    prepare(
        Counted([Item(f"{i}.png", image) for i in range(400)]),
        tmp_path / "out.zip",
        Settings(),
        workers=2,
        progress=lambda _: gaps.append(drawn - next(taken)),
    )
    assert len(gaps) == 400
    assert max(gaps) <= (4 * 2 + 1) * 8


def test_a_worker_that_dies_is_told(tmp_path):
    class Deadly:
        def __reduce__(self):
            return os._exit, (3,)

    items = [Item("a.png", png(noise(0, 8, 8))), Item("b.png", Deadly())]
    with pytest.raises(UserError, match="A worker process died"):
        prepare(Source(items), tmp_path / "out.zip", Settings(), workers=2)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path, pictures, monkeypatch):
    settings = Settings(Transform(width=8))
    dest = tmp_path / "out"
    prepare(open_source(pictures), dest, settings, max_images=3)
    before = sorted(path.name for path in dest.rglob("*"))
    real = os.replace

    def replace(source, target):
        if str(source).endswith(".part"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(UserError, match="the disk is full"):
        prepare(open_source(pictures), dest, settings, max_images=5, force=True)
    assert sorted(path.name for path in dest.rglob("*")) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_leaving_the_writer_without_finishing_removes_what_was_written(tmp_path):
    with Writer(tmp_path / "deep" / "out.zip", ".png") as writer:
        writer.add(png(noise(0, 8, 8)))
        assert len(list((tmp_path / "deep").iterdir())) == 1
    assert not list((tmp_path / "deep").iterdir())
