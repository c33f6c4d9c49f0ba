"""TensorBoard shows what stats.jsonl holds."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.training.metrics import fake_features
from tests.training.tiny_runs import make, start, tiny, write_data

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
