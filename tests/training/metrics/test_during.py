"""`train --metrics`: every snapshot is measured, and training does not notice."""

from __future__ import annotations

import json
import os
import signal

import pytest
import torch
from safetensors.torch import load_file

from common.errors import UserError
from common.runs.stats import read as read_stats
from networks.features import efficientnet
from tests.renderer.cli.command_line import run as run_command
from tests.training.metrics import fake_features
from tests.training.tiny_runs import make, start, state_of, tiny, write_data
from training.metrics.collect import Stopped, Team
from training.run import state
from training.run.distributed import Group
from training.run.options import TrainingSet

NAMES = ("fd32_lite", "kd32_lite")
TICKS = 4


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_data(tmp_path_factory.mktemp("measured") / "suns", 60)


def options(data, metrics=NAMES):
    """Four ticks after the first; a snapshot every second one."""
    return tiny(
        data,
        metrics=metrics,
        total_kimg=0.144,
        kimg_per_tick=0.032,
        network_snapshot_ticks=2,
        image_snapshot_ticks=100,
        ada_kimg=1,
        training_set_kwargs=TrainingSet(str(data), max_size=40),
    )


def lines(run):
    return [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]


def learnt(run):
    """Everything but the clock: state, and statistics without times."""
    tensors = {name: value.numpy().tobytes() for name, value in load_file(state_of(run)).items()}
    stats = [
        {k: repr(v) for k, v in line.items() if not k.startswith(("Tim", "tim", "Res"))}
        for line in lines(run)
    ]
    return tensors, stats


def unmeasured(stats):
    return [{k: v for k, v in line.items() if not k.startswith("Metrics/")} for line in stats]


@pytest.fixture(scope="module")
def measured(data, tmp_path_factory):
    """A run with metrics from beginning to end."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANSCOPE_HOME", str(folder))
        fake_features.use(patch)
        run = make(folder, options(data))
        start(run)
    return run


def test_values_are_written_where_other_tools_look(measured, capsys):
    found = {name: (measured / f"metric-{name}.jsonl").read_text().splitlines() for name in NAMES}
    assert [len(lines) for lines in found.values()] == [3, 3]
    entries = [json.loads(line) for line in found["fd32_lite"]]
    assert {entry["snapshot_pkl"] for entry in entries} == {"network-snapshot-000000.safetensors"}
    assert entries[0]["num_real"] == 32
    stats = lines(measured)
    assert len(stats) == TICKS + 1
    at = [i for i, line in enumerate(stats) if "Metrics/fd32_lite" in line]
    assert at == [0, 2, TICKS]  # where snapshots are
    for line, entry in zip((stats[i] for i in at), entries, strict=True):
        value = entry["results"]["fd32_lite"]
        assert line["Metrics/fd32_lite"] == {"num": 1, "mean": value, "std": 0.0}
        assert "Metrics/kd32_lite" in line
        assert not [name for name in line if "floor" in name]
    log = (measured / "log.txt").read_text()
    assert log.count("fd32_lite") == 3
    assert "32 generated and 32 real" in log
    assert [tick["Progress/tick"] for tick in read_stats(measured)] == list(range(TICKS + 1))


def test_the_run_is_bit_for_bit_the_one_without(measured, data, tmp_path):
    plain = make(tmp_path, options(data, metrics=()))
    start(plain)
    tensors, stats = learnt(plain)
    with_metrics = learnt(measured)
    assert tensors == with_metrics[0]
    assert stats == unmeasured(with_metrics[1])
    assert not list(plain.glob("metric-*"))


@pytest.mark.parametrize("batch", [1, 4, 5])  # in the first snapshot's, a later's, the last's
def test_interrupted_while_measuring_and_continued(measured, data, tmp_path, monkeypatch, batch):
    """It saves and ends at once; going on measures what was left, and ends the same."""
    run = make(tmp_path, options(data))
    calls = []

    def interrupted(images):
        calls.append(len(images))
        if len(calls) == batch:
            os.kill(os.getpid(), signal.SIGINT)
        return fake_features.colours(images)

    fake_features.use(monkeypatch, interrupted)
    monkeypatch.setattr(interrupted, "__name__", "colours")
    start(run)
    assert len(calls) == batch
    _, document = state.read(state_of(run))
    assert document["pending"] is not None
    before = len(lines(run)) if (run / "stats.jsonl").exists() else 0
    assert before == document["pending"]["Progress/tick"]["mean"]
    assert "everything is saved" in (run / "log.txt").read_text()
    start(run, continued=True)
    assert learnt(run) == learnt(measured)


def test_killed_after_the_last_snapshot_its_metrics_are_left_to_do(
    measured, data, tmp_path, monkeypatch
):
    """The state of a run that is trained but not measured to its end can be continued."""
    from training.start import launch

    run = make(tmp_path, options(data))

    class Killed(BaseException):
        pass

    calls = []

    def killed(images):
        calls.append(len(images))
        if len(calls) == 5:
            raise Killed
        return fake_features.colours(images)

    fake_features.use(monkeypatch, killed)
    with pytest.raises(Killed):
        start(run)
    assert len(lines(run)) == TICKS
    fake_features.use(monkeypatch)
    launch.options_to_continue(run, {})
    start(run, continued=True)
    assert learnt(run)[1] == learnt(measured)[1]
    with pytest.raises(UserError, match="is done"):
        launch.options_to_continue(run, {})


def test_what_fails_later_is_a_warning(measured, data, tmp_path, monkeypatch, capsys):
    calls = []

    def fails(images):
        calls.append(len(images))
        if len(calls) > 3:
            raise RuntimeError("no memory left")
        return fake_features.colours(images)

    fake_features.use(monkeypatch, fails)
    run = make(tmp_path, options(data))
    start(run)
    log = (run / "log.txt").read_text()
    assert "Warning: fd32_lite failed: no memory left. Training goes on." in log
    assert learnt(run)[0] == learnt(measured)[0]
    assert unmeasured(learnt(run)[1]) == unmeasured(learnt(measured)[1])
    assert ["Metrics/fd32_lite" in line for line in lines(run)] == [True] + [False] * TICKS


def test_metrics_that_cannot_be_are_told_before_training(data, tmp_path, monkeypatch, capsys):
    def missing(name):
        raise ImportError(name=name)

    def train(*flags):
        done = run_command(
            monkeypatch,
            capsys,
            "train",
            "--data",
            data,
            "--outdir",
            tmp_path / "runs",
            "--cfg",
            "small",
            "--device",
            "cpu",
            *flags,
        )
        assert done.code == 1
        assert done.err.count("\n") == 1
        assert not (tmp_path / "runs").exists()
        return done.err

    assert "There is no metric 'fid50'. Did you mean fid50k_full?" in train("--metrics", "fid50")
    monkeypatch.setattr(efficientnet, "import_module", missing)
    assert "fd2k_lite: efficientnet_lite_pytorch is not" in train("--metrics", "fd2k_lite")


def test_metrics_may_change_when_a_run_goes_on(data, tmp_path, monkeypatch, capsys):
    fake_features.use(monkeypatch)
    flags = (
        "--cfg",
        "small",
        "--batch",
        "4",
        "--threads",
        "1",
        "--workers",
        "0",
        "--device",
        "cpu",
    )
    done = run_command(
        monkeypatch,
        capsys,
        "train",
        "--data",
        data,
        "--outdir",
        tmp_path,
        *flags,
        "--kimg",
        "0.004",
        "--metrics",
        "fd24_lite",
    )
    assert done.code == 0, done.err
    (run,) = tmp_path.glob("00000-*")
    assert json.loads((run / "training_options.json").read_text())["metrics"] == ["fd24_lite"]
    done = run_command(
        monkeypatch, capsys, "train", "--continue", run, "--kimg", "0.008", "--metrics", "kd24_lite"
    )
    assert done.code == 0, done.err
    assert [{k for k in line if "Met" in k} for line in lines(run)] == [
        {"Metrics/fd24_lite"},
        {"Metrics/kd24_lite"},
    ]


def test_a_stop_is_noticed_between_batches():
    team = Team(Group(), asked=lambda: len(seen) == 2)
    seen: list[range] = []

    def work(numbers):
        seen.append(numbers)
        return torch.zeros(len(numbers), 1)

    with pytest.raises(Stopped):
        team.rows("", 100, 10, work)
    assert seen == [range(10), range(10, 20)]
