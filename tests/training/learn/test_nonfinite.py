"""Gradients that are not finite are counted and told; where they persist, the run ends."""

from __future__ import annotations

import json

import pytest
import torch

from common.errors import UserError
from tests.training.tiny_runs import make, start, tiny, write_data
from training.learn.nonfinite import LIMIT, SHARE, NonFinite
from training.run.stats import Statistics


def watched() -> tuple[NonFinite, Statistics]:
    statistics = Statistics("cpu")
    return NonFinite(statistics.report), statistics


def test_a_run_that_learns_nothing_any_more_is_stopped_with_advice(tmp_path):
    """R1 that overflows at every step."""
    data = write_data(tmp_path / "suns", 40)
    options = tiny(data, total_kimg=4, D_reg_interval=1, loss_kwargs={"r1_gamma": 1e39})
    run = make(tmp_path, options)
    with pytest.raises(UserError, match=r"stopped at 0\.5 kimg: in 32 updates .* Dreg") as told:
        start(run)
    assert told.value.remedy.endswith("with a smaller --gamma.")
    assert "--resume and an earlier snapshot" in told.value.remedy
    log = (run / "log.txt").read_text()
    assert "Warning: In 1 of 4 updates gradients were not finite" in log
    assert f"Error: {told.value}" in log
    first = json.loads((run / "stats.jsonl").read_text().splitlines()[0])
    assert first[SHARE]["mean"] == 0.25
    assert first["Gradients/nonfinite"]["mean"] > 0


def test_only_updates_in_a_row_of_one_phase_count():
    nonfinite, _ = watched()
    bad, good = torch.tensor(7), torch.tensor(0)
    for _ in range(LIMIT - 1):
        nonfinite.note("Gmain", good)
        nonfinite.note("Dmain", bad)
    nonfinite.check(0, 0, "fp16", "logistic")
    nonfinite.note("Dmain", good)
    nonfinite.note("Dmain", bad)
    nonfinite.check(0, 0, "fp16", "logistic")
    for _ in range(LIMIT):
        nonfinite.note("Dmain", bad)
    nonfinite.check(1, 0, "fp16", "logistic")  # not looked at in every step
    with pytest.raises(UserError, match="gradient of Dmain") as told:
        nonfinite.check(16, 0, "fp16", "logistic")
    assert "--precision fp32 or another --gamma" in told.value.remedy
    with pytest.raises(UserError, match="gradient of Dmain") as told:
        nonfinite.check(16, 0, "fp32", "wgan-gp")
    assert told.value.remedy.endswith("with --loss logistic."), "which takes no --gamma"


def test_overflows_now_and_then_are_told_once_and_often_ones_every_tick():
    nonfinite, statistics = watched()

    def tick(bad: int, updates: int) -> str | None:
        for i in range(updates):
            nonfinite.note("Gmain", torch.tensor(3 * (i < bad)))
        return nonfinite.warning(statistics.read())

    assert tick(0, 100) is None
    assert "In 2 of 100 updates" in str(tick(2, 100))
    assert tick(2, 100) is None
    assert "In 30 of 100 updates" in str(tick(30, 100))
    assert "In 31 of 100 updates" in str(tick(31, 100))
