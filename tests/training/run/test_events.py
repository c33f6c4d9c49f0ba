"""TensorBoard shows what stats.jsonl holds."""

from __future__ import annotations

import errno
import json

import numpy as np
import pytest
import torch

from tests.training.metrics import fake_features
from tests.training.tiny_runs import make, start, tiny, write_data
from training.run.events import Events
from training.run.stats import scalar
from training.start import launch

accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator", reason="needs ganscope[train]"
)


def test_events_have_the_tags_and_values_of_the_statistics(tmp_path, monkeypatch):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path))
    fake_features.use(monkeypatch)
    data = write_data(tmp_path / "suns", 40)
    run = make(
        tmp_path,
        tiny(
            data,
            total_kimg=1.2,
            kimg_per_tick=0.4,
            batch_size=400,
            batch_gpu=400,
            network_snapshot_ticks=2,
            image_snapshot_ticks=100,
            metrics=("fd20_lite",),
            D_kwargs={**tiny(data).D_kwargs, "mbstd_group_size": 4},
        ),
    )
    start(run)
    expected: dict[str, list[tuple[int, float]]] = {}
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    for line in lines:
        del line["timestamp"]
        kimg = int(line["Progress/kimg"]["mean"])
        for name, entry in line.items():
            if entry["num"]:
                expected.setdefault(name, []).append((kimg, entry["mean"]))
    events = accumulator.EventAccumulator(str(run), size_guidance={"scalars": 0})
    events.Reload()
    assert set(events.Tags()["scalars"]) == set(expected)
    for name, values in expected.items():
        found = [(event.step, event.value) for event in events.Scalars(name)]
        assert [step for step, _ in found] == [step for step, _ in values], name
        np.testing.assert_allclose(
            [value for _, value in found], [value for _, value in values], rtol=1e-6, err_msg=name
        )
    assert [step for step, _ in expected["Progress/tick"]] == [0, 0, 1]
    assert [step for step, _ in expected["Metrics/fd20_lite"]] == [0, 1]
    assert {"Loss/scores/real", "Progress/augment", "Timing/Gmain"} <= set(expected)


def test_a_run_that_goes_on_keeps_the_events_it_had(tmp_path):
    """All within one kimg, which is as fine as TensorBoard hides what was interrupted."""
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path, tiny(data, total_kimg=0.064, kimg_per_tick=0.032))
    start(run)
    options = launch.options_to_continue(run, {"kimg": 0.128})
    threads = torch.get_num_threads()
    launch.start(options, continued=True)
    torch.set_num_threads(threads)
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    events = accumulator.EventAccumulator(str(run), size_guidance={"scalars": 0})
    events.Reload()
    found = [event.value for event in events.Scalars("Progress/tick")]
    assert found == [line["Progress/tick"]["mean"] for line in lines]


def test_a_disk_that_takes_no_events_stops_no_training(tmp_path, monkeypatch, capsys):
    full = OSError(errno.ENOSPC, "No space left on device")
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path, tiny(data, total_kimg=0.128, kimg_per_tick=0.032))
    writes = []

    def flush(writer):
        writes.append(writer)
        if len(writes) > 1:
            raise full

    monkeypatch.setattr("torch.utils.tensorboard.SummaryWriter.flush", flush)
    start(run)
    assert len((run / "stats.jsonl").read_text().splitlines()) == 5
    assert (run / "log.txt").read_text().count("No further TensorBoard events") == 1
    assert len(writes) == 2
    assert "Done" in capsys.readouterr().out


def test_events_that_cannot_begin_stop_no_training(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("torch.utils.tensorboard.SummaryWriter", refuse)
    lines: list[str] = []
    events = Events(tmp_path, nimg=0, log=lines.append)
    events.write({"Progress/kimg": scalar(0), "Timing/total_sec": scalar(0)})
    events.close()
    assert lines == [f"No TensorBoard events: cannot write to {tmp_path}: no space left on device."]
