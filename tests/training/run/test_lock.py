"""A run is trained by one process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import UserError
from tests.paths import ROOT
from tests.renderer.cli.command_line import run as run_command
from tests.training.tiny_runs import make, start, tiny, write_data
from training.run import lock
from training.run.distributed import Group
from training.start import launch


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.2)


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the run until it is killed."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom training.run.lock import locked\n"
        f"with locked(Path({str(tmp_path)!r})):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_until_the_first_is_dead(tmp_path, holder):
    with (
        pytest.raises(UserError, match="is being trained by another process") as caught,
        lock.locked(tmp_path),
    ):
        pass
    assert str(tmp_path) in str(caught.value)
    holder.kill()  # as a crash would end it
    holder.wait()
    with lock.locked(tmp_path):
        pass
    with lock.locked(tmp_path):
        pass


def test_a_run_that_is_trained_cannot_be_continued(tmp_path, monkeypatch, capsys):
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path, tiny(data, total_kimg=0.016))
    start(run)
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    with lock.locked(run):
        done = run_command(monkeypatch, capsys, "train", "--continue", run, "--kimg", "0.032")
    assert done.code == 1
    assert done.err.endswith(
        "another process. Wait until it ends, or stop it with Ctrl+C: it saves first.\n"
    )
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    done = run_command(monkeypatch, capsys, "train", "--continue", run, "--kimg", "0.032")
    assert done.code == 0, done.err


class Witness(Group):
    """Notes whether the run is held when the ranks agree."""

    def any(self, flag):
        events.append(f"agreed, {'held' if is_held(Path('.')) else 'free'}")
        return flag


events: list[str] = []


def is_held(run):
    try:
        with lock.locked(run):
            return False
    except UserError:
        return True


@pytest.mark.parametrize(("rank", "state"), [(0, "held"), (1, "free")])
def test_no_rank_reads_before_the_first_holds_the_run(tmp_path, monkeypatch, rank, state):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launch, "_run_rank", lambda *_: events.append("read"))
    events.clear()
    options = tiny(tmp_path, run_dir=".")
    launch.run_rank(Witness(rank, 2), options, continued=True)
    assert events == [f"agreed, {state}", "read"]


def test_a_folder_that_cannot_hold_a_lock_is_told(tmp_path):
    (tmp_path / lock.NAME).mkdir()
    with pytest.raises(UserError, match="Cannot hold"), lock.locked(tmp_path):
        pass
