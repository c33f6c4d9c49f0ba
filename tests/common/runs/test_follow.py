"""Following a run directory that somebody writes to, cuts off, replaces and deletes."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.runs import locate, stats
from common.runs.follow import RunReader
from common.runs.state import RunState
from common.runs.status import is_running
from tests.common.runs.run_folders import REAL, START, entry, line


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "00000-run"
    folder.mkdir()
    return folder


def append(run: Path, data: bytes, name: str = "stats.jsonl") -> None:
    with open(run / name, "ab") as file:
        file.write(data)


def same(a: RunState, b: RunState) -> bool:
    return a.series.keys() == b.series.keys() and all(
        np.array_equal(a.series[name], b.series[name], equal_nan=True) for name in a.series
    )


def test_a_real_run_of_nvidias_trainer() -> None:
    state = RunReader(REAL).poll()
    lines = [json.loads(text) for text in (REAL / "stats.jsonl").read_text().splitlines()]
    assert state.is_run
    assert len(state.kimg) == len(lines) == 42
    for name in ("Progress/kimg", "Progress/augment", "Loss/signs/real", "Loss/r1_penalty"):
        assert state.series[name].tolist() == [text[name]["mean"] for text in lines]
    assert state.times.tolist() == [text["timestamp"] for text in lines]
    assert "Timing/Gmain" not in state.series, "it was never measured"
    assert state.p[-1] == pytest.approx(0.0947, abs=1e-4)
    options = state.options
    assert (options.target, options.total_kimg, options.aug) == (0.6, 400, "ada")
    assert options.data == "earth64.zip"
    assert [(s.kimg, s.complete) for s in state.snapshots] == [(40, True)]
    assert not state.complete
    assert 55 < state.seconds_per_kimg < 80


def test_only_ticks_and_snapshots_are_signs_of_life(run: Path) -> None:
    """Metrics are measured, and logs and options edited, long after a run was stopped."""
    minutes = 60.0 * np.arange(20)
    ticks = [line(float(n), START + at) for n, at in enumerate(minutes)]
    append(run, b"".join(ticks))
    stopped = START + float(minutes[-1])
    os.utime(run / "stats.jsonl", (stopped, stopped))
    now = stopped + 7 * 3600
    for name in ("metric-fid50k.jsonl", "log.txt", "training_options.json", "fakes000001.png"):
        append(run, b"{}\n", name)
        os.utime(run / name, (now, now))
    assert not is_running(RunReader(run).poll(), now)
    append(run, b"half a snapshot", "network-snapshot-000020.pkl")
    os.utime(run / "network-snapshot-000020.pkl", (now, now))
    assert is_running(RunReader(run).poll(), now)


# Every part of a line that a reader could stumble over, and what may stand between lines.
PIECES = st.sampled_from(
    [
        line(1, p=0.1),
        line(2, p=0.2, r_t=float("nan")),
        line(2.5, Loss__G__loss=float("inf")),
        line(1.5, p=0.3),
        line(0.5, p=0.4),
        line(30, p=0.5),
        b"\n",
        b'{"Progress/kimg": \n',
        b"\xff\x00 junk\n",
        b"[1, 2]\n",
        b'{"Progress/augment": {"num": 1, "mean": 0.3}}\n',
        b'{"Progress/kimg": {"num": 1, "mean": 1' + b"0" * 400 + b"}}\n",
        b'{"Progress/kimg": 40, "Progress/augment": true, "x": null, "y": "z"}\r\n',
        b"[" * 3000 + b"\n",
    ]
)


@given(st.lists(PIECES, max_size=12), st.data())
def test_however_the_bytes_arrive_the_series_are_the_same(pieces: list[bytes], data) -> None:
    """Any split over polls, in the middle of lines and characters too, equals one reading."""

    text = b"".join(pieces) + b'{"Progress/kimg": 99'
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        reader = RunReader(run)
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            append(run, text[start:end])
            state = reader.poll()
        once = RunReader(run).poll()
        assert same(state, once)
        assert (state.skipped, state.starts) == (once.skipped, once.starts)
        assert 99 not in state.kimg
        assert (np.diff(state.kimg) > 0).all()


def test_a_partial_line_waits_for_its_rest(run: Path) -> None:
    whole = line(2, p=0.25)
    append(run, line(1, p=0.5) + whole[:30])
    reader = RunReader(run)
    state = reader.poll()
    assert state.kimg.tolist() == [1]
    append(run, whole[30:])
    assert reader.poll().p.tolist() == [0.5, 0.25]
    assert state.kimg.tolist() == [1], "what was given out does not change"
    assert reader.poll().skipped == 0


@pytest.mark.parametrize(
    "junk",
    [
        line(2.5, p=0.1).replace(b"augment", b"aug\xffent"),
        line(2.5).replace(b"{", b'{"note": "\xe9", ', 1),
        b"\xff\xfe{\x00}\x00\n",
        b'{"Progress/kimg": {"other": ' + b"[" * 100_000 + b"\n",
        b'{"Progress/kimg": ' + b"9" * 5000 + b"}\n",
    ],
    ids=["a name", "a text", "UTF-16", "nested", "a long number"],
)
def test_a_line_that_cannot_be_read_is_skipped_and_counted(run: Path, junk: bytes) -> None:
    append(run, line(1, p=0.0) + line(2, p=0.1) + junk + line(3, p=0.2) + line(4, p=0.3))
    state = RunReader(run).poll()
    assert not state.problem
    assert state.kimg.tolist() == [1, 2, 3, 4]
    assert state.skipped == 1
    assert stats.augment_p(run) == 0.3, "whoever reads all of it at once skips it too"
    metric = {"results": {"fid": 9.0}, "snapshot_pkl": "network-snapshot-000002.pkl"}
    append(run, junk + json.dumps(metric).encode() + b"\n", "metric-fid.jsonl")
    state = RunReader(run).poll()
    assert state.metrics["fid"].kimg.tolist() == [2]
    assert state.skipped == 2


def test_nothing_new_is_the_same_object_and_reads_nothing(run: Path, monkeypatch) -> None:
    append(run, line(1))
    (run / "network-snapshot-000001.pkl").write_bytes(b"\x80\x04.")
    reader = RunReader(run)
    reader.poll()
    state = reader.poll()

    def no_reading(*args, **kwargs):
        raise AssertionError("an unchanged file is read")

    monkeypatch.setattr("builtins.open", no_reading)
    monkeypatch.setattr(Path, "open", no_reading)
    assert reader.poll() is state


def test_a_file_cut_back_and_written_again_is_read_anew(run: Path) -> None:
    """What `train --continue` does: the lines after the last snapshot go, and come again."""
    append(run, b"".join(line(k, START + k, p=k / 100) for k in range(1, 9)))
    reader = RunReader(run)
    before = reader.poll()
    size = len(b"".join(line(k, START + k, p=k / 100) for k in range(1, 5)))
    os.truncate(run / "stats.jsonl", size)
    # Longer than it was, before anybody looked.
    append(run, b"".join(line(k, START + 100 + k, p=k / 10) for k in range(5, 15)))
    state = reader.poll()
    assert state.kimg.tolist() == list(range(1, 15))
    assert state.p[4] == 0.5
    assert before.p.tolist() == [k / 100 for k in range(1, 9)]
    # Replaced as a whole.
    (run / "other").write_bytes(line(3, p=1.0))
    os.replace(run / "other", run / "stats.jsonl")
    assert reader.poll().kimg.tolist() == [3]


def test_lines_of_an_earlier_kimg_replace_what_came_after_it(run: Path) -> None:
    append(run, b"".join(line(k, p=0.1, Loss__x=1.0) for k in (1, 2, 3, 4, 5)))
    append(run, line(3, p=0.9) + line(4, p=0.8))
    state = RunReader(run).poll()
    assert state.kimg.tolist() == [1, 2, 3, 4]
    assert state.p.tolist() == [0.1, 0.1, 0.9, 0.8]
    assert np.isnan(state.series["Loss/x"][2:]).all()
    assert state.starts == (0,)


def test_a_run_begun_anew_in_the_same_folder_keeps_its_own_kimg(run: Path) -> None:
    reader = RunReader(run)
    append(run, b"".join(line(k, START + k, p=0.1) for k in (1, 2, 4)))
    first = reader.poll()
    append(run, b"".join(line(k, START + 10 + k, p=0.2) for k in (1, 2)))
    state = reader.poll()
    assert state.kimg.tolist() == [-3, -2, 0, 1, 2]
    assert state.starts == (0, 3)
    assert first.kimg.tolist() == [1, 2, 4]


def test_not_finite_is_told_from_not_measured(run: Path) -> None:
    quantities = {
        "Progress/kimg": entry(1),
        "Loss/G/loss": entry(float("nan"), num=16),
        "Loss/D/loss": {"num": 4, "mean": float("inf")},
        "Timing/Gmain": entry(float("nan"), num=0),
    }
    append(run, json.dumps(quantities).encode() + b"\n" + line(2, Timing__Gmain=3.0))
    state = RunReader(run).poll()
    assert np.isinf(state.series["Loss/G/loss"][0])
    assert np.isinf(state.series["Loss/D/loss"][0])
    assert np.isnan(state.series["Loss/G/loss"][1])
    assert np.isnan(state.series["Timing/Gmain"][0])
    assert np.isnan(state.times[0])


def test_a_directory_deleted_under_it_and_put_back(run: Path) -> None:
    append(run, line(1, p=0.1))
    reader = RunReader(run)
    assert reader.poll().exists
    shutil.move(run, run.with_name("away"))
    gone = reader.poll()
    assert not gone.exists
    assert gone.p.tolist() == [0.1]
    assert reader.poll() is gone
    shutil.move(run.with_name("away"), run)
    append(run, line(2, p=0.2))
    back = reader.poll()
    assert back.exists
    assert back.p.tolist() == [0.1, 0.2]


def test_what_is_no_run_and_what_cannot_be_read(tmp_path: Path) -> None:
    assert not RunReader(tmp_path / "nowhere").poll().exists
    (tmp_path / "file").write_text("x")
    assert not RunReader(tmp_path / "file").poll().exists
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "fakes.txt").write_text("x")
    state = RunReader(tmp_path / "photos").poll()
    assert state.exists
    assert not state.is_run


def test_a_snapshot_being_written_is_not_complete_until_it_is(run: Path) -> None:
    whole = (REAL / "network-snapshot-000040.pkl").read_bytes()
    path = run / "network-snapshot-000040.pkl"
    path.write_bytes(whole[:100_000])
    reader = RunReader(run)
    assert [(s.kimg, s.complete) for s in reader.poll().snapshots] == [(40, False)]
    append(run, whole[100_000:], path.name)
    after = reader.poll()
    assert [(s.kimg, s.complete, s.bytes) for s in after.snapshots] == [(40, True, len(whole))]
    path.unlink()
    assert reader.poll().snapshots == ()


def test_names_of_forks(run: Path) -> None:
    snapshots = "network-snapshot.pkl", "network-snapshot-000010.pt", "best-network-snapshot.pkl"
    pictures = "fakes_init.jpg", "fakes000010.jpeg", "fakes000004.png", "reals.jpg"
    for name in (*snapshots, *pictures, "fakes.txt", "fakes-1.png"):
        (run / name).write_bytes(b"\x80.")
    (run / "network-snapshot-000011.pkl").symlink_to(run / "gone")
    state = RunReader(run).poll()
    assert [s.kimg for s in state.snapshots] == [None, 10]
    found = [(i.kind, i.kimg) for i in state.images]
    assert found == [("reals", None), ("init", None), ("fakes", 4), ("fakes", 10)]
    assert not state.problem


def test_metrics_of_nvidia_by_snapshot_and_of_forks_by_tag(run: Path) -> None:
    def evaluate(name: str, value: float, snapshot: str, when: float = START) -> None:
        results = {name: value, f"{name}_floor": 1.5}
        document = {"results": results, "metric": name, "snapshot_pkl": snapshot, "timestamp": when}
        append(run, json.dumps(document).encode() + b"\n", f"metric-{name}.jsonl")

    ticks = (line(k, START + 10 * k, Metrics__kid=0.1 / k) for k in (1, 2, 3, 4))
    append(run, b"".join(ticks))
    evaluate("fid50k_full", 30, "network-snapshot-000004.pkl")
    evaluate("fid50k_full", 50, "network-snapshot-000002.pkl")
    append(run, b"junk\n", "metric-fid50k_full.jsonl")
    reader = RunReader(run)
    state = reader.poll()
    assert state.metrics["fid50k_full"].kimg.tolist() == [2, 4]
    assert state.metrics["fid50k_full"].value.tolist() == [50, 30]
    assert state.metrics["kid"].value.tolist() == pytest.approx([0.1, 0.05, 0.1 / 3, 0.025])
    assert state.skipped == 1
    # Evaluated again, and once of a file whose name tells no kimg: placed by its time.
    evaluate("fid50k_full", 29, "network-snapshot-000004.pkl")
    evaluate("pr50k3_recall", 0.3, "network-snapshot.pkl", START + 25)
    state = reader.poll()
    assert state.metrics["fid50k_full"].value.tolist() == [50, 29]
    assert state.metrics["pr50k3_recall"].kimg.tolist() == [2.5]
    assert set(state.metrics) == {"fid50k_full", "pr50k3_recall", "kid"}, "a floor is no curve"


@pytest.mark.parametrize(
    ("log", "ended", "error"),
    [
        ("tick 1\n", False, ""),
        ("tick 1\n\nExiting...\n", True, ""),
        ("Stopped at 8.2 kimg; everything is saved. Go on with: …\n", True, ""),
        ("Stopped at 8.2 kimg; everything is saved.\nContinuing at 8.2 kimg.\n", False, ""),
        (
            'tick 1\nTraceback (most recent call last):\n  File "train.py", line 3\n'
            "torch.cuda.OutOfMemoryError: CUDA out of memory.\n",
            False,
            "torch.cuda.OutOfMemoryError: CUDA out of memory.",
        ),
    ],
)
def test_how_the_log_ends(run: Path, log: str, ended: bool, error: str) -> None:
    (run / "log.txt").write_text("x" * 20_000 + "\n" + log)
    state = RunReader(run).poll()
    assert (state.log.ended, state.log.error) == (ended, error)


@pytest.mark.parametrize(
    ("options", "aug", "target"),
    [
        ({"augment_kwargs": {"xflip": 1}, "ada_target": 0.6}, "ada", 0.6),
        ({"augment_kwargs": {"xflip": 1}, "augment_p": 0.2}, "fixed", None),
        ({"ada_target": None}, "noaug", None),
        ({"aug": "fixed", "ada_target": 0.6, "augment_kwargs": {}}, "fixed", None),
        ({"training_set_kwargs": [], "total_kimg": "many", "ada_target": {}}, "noaug", None),
    ],
)
def test_options_of_every_trainer(run: Path, options: dict, aug: str, target: float | None) -> None:
    (run / "training_options.json").write_text(json.dumps(options))
    found = RunReader(run).poll().options
    assert (found.aug, found.target) == (aug, target)


def test_clocks_that_jump_do_no_harm(run: Path) -> None:
    hour = 3600.0
    times = [START, START + 60, START - 24 * hour, START - 24 * hour + 60, START + hour]
    append(run, b"".join(line(k, t) for k, t in enumerate(times)))
    state = RunReader(run).poll()
    assert state.seconds_per_tick > 0
    future = time.time() + 10 * hour
    os.utime(run / "stats.jsonl", (future, future))
    assert RunReader(run).poll().changed == pytest.approx(future)


def test_a_large_file_is_read_in_steps_and_completely(run: Path, monkeypatch) -> None:
    monkeypatch.setattr("common.runs.tail.STEP", 10_000)
    append(run, b"".join(line(k, p=k / 1000) for k in range(1, 401)))
    reader = RunReader(run)
    state = reader.poll()
    assert state.reading
    assert 0 < len(state.kimg) < 400
    while state.reading:
        state = reader.poll()
    assert len(state.kimg) == 400
    assert not state.lively, "it was all there when it was opened"
    append(run, line(500))
    assert reader.poll().lively


def test_a_run_that_has_no_snapshot_yet_is_told_from_what_is_no_run(run: Path) -> None:
    assert locate.awaits_snapshot(str(run)) is None
    (run / "training_options.json").write_text("{}")
    assert locate.awaits_snapshot(str(run)) == run
    (run / "network-snapshot-000000.pkl").write_bytes(b"\x80 half")
    assert locate.awaits_snapshot(f"'{run}'") == run
    (run / "network-snapshot-000000.pkl").write_bytes(b"\x80 whole.")
    assert locate.awaits_snapshot(str(run)) is None
    assert locate.awaits_snapshot(str(run / "network-snapshot-000000.pkl")) is None
    assert locate.awaits_snapshot("") is None


numbers = st.one_of(st.integers(), st.floats(), st.none(), st.booleans(), st.text(max_size=3))
entries = st.fixed_dictionaries({}, optional={"num": numbers, "mean": numbers, "std": numbers})


@given(st.dictionaries(st.sampled_from(["Progress/kimg", "a", "b"]), st.one_of(numbers, entries)))
def test_the_quick_way_to_read_a_line_is_the_thorough_one(document: dict) -> None:
    text = json.dumps(document).encode()
    quick = stats._parse_quickly(text)
    assert quick is None or quick == pytest.approx(stats._parse_anything(text), rel=1e-15)
