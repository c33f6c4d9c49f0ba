"""What is said of a run: the right thing where something is wrong, nothing where nothing is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from common.runs import diagnosis, status
from common.runs.diagnosis import diagnose, rising_since
from common.runs.facts import LogEnd, run_options
from common.runs.follow import RunReader
from common.runs.state import RunState, SnapshotFile
from tests.common.runs.run_folders import REAL, START, metric, state

GIB = 1 << 30
KIMG = np.arange(1.0, 101.0)
NOW = START + 60 * 100
STEADY = {"p": np.full(100, 0.3), "r_t": np.full(100, 0.6)}


def kinds(run: RunState, now: float = NOW) -> dict[str, str]:
    return {remark.kind: remark.severity for remark in diagnose(run, now)}


def test_nothing_is_wrong_with_the_example_run() -> None:
    run = RunReader(REAL).poll()
    running = replace(run, changed=0.0)
    last = float(run.times[-1])
    assert diagnose(running, last + 100) == ()
    assert diagnose(running, last - 3600) == (), "a clock that is behind"
    # Opened much later: said, but no alarm.
    assert kinds(running, last + 86_400) == {"stopped": "note"}
    for ticks in range(1, 43):  # at no time of the training either
        young = replace(running, series={n: v[:ticks] for n, v in run.series.items()})
        assert diagnose(young, float(young.times[-1]) + 30) == ()


def test_p_above_the_point_where_augmentations_leak() -> None:
    assert kinds(state(KIMG, p=np.full(100, 0.79))) == {}
    remarks = diagnose(state(KIMG, p=np.linspace(0, 0.86, 100)), NOW)
    assert [r.kind for r in remarks] == ["p"]
    assert "0.86" in remarks[0].text
    assert "--resume" in remarks[0].remedy


def test_p_that_climbs_is_spoken_of_at_the_end_only() -> None:
    climbing = np.linspace(0.1, 0.6, 100)
    assert kinds(state(KIMG, p=climbing, total=1000)) == {}
    assert kinds(state(KIMG, p=climbing, total=105)) == {"p climbing": "warning"}
    noise = np.random.RandomState(0).randn(100) * 0.01
    assert kinds(state(KIMG, p=0.5 + noise, total=105)) == {}
    over = np.minimum(climbing * 3, 0.6)
    assert kinds(state(KIMG, p=over, total=105)) == {}


def test_r_t_at_its_ends() -> None:
    certain = np.full(100, 0.95)
    assert kinds(state(KIMG, r_t=certain, p=np.linspace(0, 0.5, 100))) == {"r_t high": "note"}
    assert kinds(state(KIMG, r_t=certain, p=np.full(100, 0.0))) == {"r_t high": "warning"}
    lost = np.concatenate([np.full(90, 0.6), np.full(10, -0.05)])
    assert kinds(state(KIMG, r_t=lost)) == {"r_t low": "warning"}
    moment = np.concatenate([np.full(95, 0.6), np.full(5, 0.95)])
    assert kinds(state(KIMG, r_t=moment)) == {}


def test_the_signs_of_scores_that_have_no_zero_mean_nothing() -> None:
    """WGAN-GP's critic is known up to a constant."""
    for r_t in (0.97, -0.97):
        run = state(KIMG, r_t=np.full(100, r_t))
        options = run_options({"loss_kwargs": {"adversarial": "wgan-gp"}})
        assert kinds(replace(run, options=options)) == {}


@pytest.mark.parametrize("name", ["Loss__G__loss", "Loss__r1_penalty"])
def test_a_loss_that_is_not_finite(name: str) -> None:
    values = np.ones(100)
    values[-1] = math.inf
    assert kinds(state(KIMG, **{name: values})) == {"loss": "error"}
    values[-1] = math.nan
    assert kinds(state(KIMG, **{name: values})) == {}, "not measured is not infinite"
    values[50], values[-1] = math.inf, 1.0
    assert kinds(state(KIMG, **{name: values})) == {}, "it recovered long ago"


def test_a_metric_that_rises_while_p_rises() -> None:
    at = [10.0 * i for i in range(1, 11)]
    worse = metric(at, [80, 50, 30, 20, 18, 18.6, 19.5, 20.4, 21, 22])
    rising = replace(state(KIMG, p=np.linspace(0, 0.7, 100)), metrics={"fid50k_full": worse})
    remarks = diagnose(rising, NOW)
    assert [(r.kind, r.severity) for r in remarks] == [("metric fid50k_full", "warning")]
    assert "50 kimg" in remarks[0].text
    assert "0.35 to 0.70" in remarks[0].text
    calm = replace(state(KIMG, p=np.full(100, 0.2)), metrics={"fid50k_full": worse})
    assert kinds(calm) == {"metric fid50k_full": "note"}
    better = replace(rising, metrics={"pr50k3_recall": worse, "is50k_mean": worse})
    assert kinds(better) == {}


def test_one_bad_evaluation_turns_no_trend() -> None:
    at = [10.0 * i for i in range(1, 9)]
    assert rising_since(metric(at, [80, 50, 30, 20, 18, 17, 60, 15])) is None
    assert rising_since(metric(at, [80, 50, 30, 20, 18, 17.9, 18.1, 18.0])) is None
    assert rising_since(metric(at, [80, 50, 30, 20, 21, 22, 23, 24])) == 3
    assert rising_since(metric(at[:3], [1, 2, 3])) is None
    assert rising_since(metric(at, [0.0] * 8)) is None


def test_a_run_that_stalls_while_it_is_watched() -> None:
    run = replace(state(KIMG, **STEADY), lively=True)
    late = START + 60 * 99
    assert kinds(run, late + 4 * 60) == {}
    remarks = diagnose(run, late + 6 * 60)
    assert [(r.kind, r.severity) for r in remarks] == [("stalled", "warning")]
    assert "6 min" in remarks[0].text
    over = late + 3600
    assert kinds(replace(run, log=LogEnd(ended=True)), over) == {}
    assert kinds(replace(run, options=replace(run.options, total_kimg=100)), over) == {}
    assert kinds(replace(run, changed=over - 10), over) == {}, "a snapshot was written just now"
    # Metrics took 20 minutes before, so may take as long again.
    times = START + 60 * np.arange(100.0)
    times[50:] += 1200
    slow = replace(run, series={**run.series, "timestamp": times})
    assert kinds(slow, late + 1200 + 900) == {}


def test_a_log_that_ends_with_an_error() -> None:
    run = replace(state(KIMG, **STEADY), log=LogEnd(error="RuntimeError: out of memory"))
    assert kinds(run, NOW + 1e6) == {"log": "error"}


def test_a_disk_that_is_nearly_full() -> None:
    snapshot = SnapshotFile("a", 40, GIB, 0, complete=True)
    run = replace(state(KIMG, **STEADY, total=1000), snapshots=(snapshot,), total=1000 * GIB)
    assert kinds(replace(run, free=200 * GIB)) == {}
    assert kinds(replace(run, free=45 * GIB)) == {"disk": "warning"}
    assert kinds(replace(run, free=2 * GIB)) == {"disk": "error"}
    assert kinds(replace(run, free=90 * GIB, total=4000 * GIB)) == {}, "plenty, if few percent"
    assert kinds(replace(run, free=2 * GIB, log=LogEnd(ended=True))) == {}, "nothing will come"


def test_a_folder_that_is_gone_or_closed() -> None:
    run = state(KIMG, **STEADY)
    assert kinds(replace(run, exists=False), NOW + 1e6) == {"folder": "error"}
    assert kinds(replace(run, problem="Permission denied")) == {"folder": "error"}


def test_unreadable_lines_are_told_where_there_are_many() -> None:
    assert kinds(replace(state(KIMG, **STEADY), skipped=1)) == {}
    assert kinds(replace(state(KIMG, **STEADY), skipped=30)) == {"lines": "note"}


def test_the_gravest_comes_first() -> None:
    values = np.full(100, math.inf)
    run = replace(state(KIMG, p=np.full(100, 0.9), Loss__x=values), skipped=50)
    assert list(kinds(run).values()) == ["error", "warning", "note"]


def test_the_state_in_a_line() -> None:
    run = state(np.arange(100) * 4.0, **STEADY, total=1000)
    snapshot = SnapshotFile("a", 388, 1, int((NOW - 300) * 1e9), complete=True)
    half = SnapshotFile("b", 400, 1, int(NOW * 1e9), complete=False)
    run = replace(run, snapshots=(snapshot, half))
    assert status.status(run, NOW) == (
        "396 of 1,000 kimg",
        "15 s/kimg in all",
        "2 h 31 min left",
        "snapshot 388 kimg, 5 min ago",
        "p 0.300 (r_t 0.60, target 0.6)",
    )
    stalled = status.status(run, NOW + 86400)
    assert not any("left" in phrase for phrase in stalled)
    assert status.status(RunState("x"), NOW) == ("No tick yet",)
    done = state(np.arange(101) * 10.0, p=np.zeros(101), total=1000)
    assert status.status(done, NOW)[0] == "Complete at 1,000 kimg"


def test_a_pause_between_a_stop_and_its_continuation_is_no_training() -> None:
    counted = {"Timing__total_sec": 60.0 * np.arange(100)}
    run = state(np.arange(100) * 4.0, **STEADY, **counted, total=1000)
    times = run.times.copy()
    times[50:] += 86400
    run = replace(run, series={**run.series, "timestamp": times})
    now = NOW + 86400
    assert "15 s/kimg in all" in status.status(run, now)
    assert status.waits(run, now) == 0
    assert status.waits(run, now + 3600) > 3600, "the pause is no usual tick either"
    again = {**run.series, "Timing/total_sec": np.tile(60.0 * np.arange(50), 2)}
    assert "358 s/kimg in all" in status.status(replace(run, series=again), now), "started anew"


@pytest.mark.parametrize(
    ("lod", "phrase"),
    [
        (2.0, "8×8 of 32×32"),
        (1.25, "16×16 of 32×32, fading in: 75%"),
        (0.5, "32×32 of 32×32, fading in: 50%"),
        (0.0, None),
    ],
)
def test_how_far_networks_have_grown(lod: float, phrase: str | None) -> None:
    resolution = 32 >> int(lod)
    series = {"Progress__resolution": np.full(9, resolution), "Progress__lod": np.full(9, lod)}
    told = status.status(state(np.arange(9.0), **series, total=20), NOW)
    assert (phrase in told) if phrase else not any("×" in words for words in told)


def test_every_remark_says_what_helps() -> None:
    run = replace(
        state(KIMG, p=np.linspace(0.1, 0.9, 100), r_t=np.full(100, 0.97), total=101),
        skipped=90,
        free=1,
        total=GIB,
        problem="Input/output error",
        log=LogEnd(error="E"),
    )
    remarks = diagnose(run, NOW)
    assert len(remarks) >= 6
    assert all(len(remark.remedy) > 40 for remark in remarks)
    assert len({remark.kind for remark in remarks}) == len(remarks)
    assert diagnosis.is_lower_better("fid50k_full")
