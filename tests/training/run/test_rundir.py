"""Names and files of a run directory, and the disk that fills up."""

from __future__ import annotations

import json

import pytest

from common.errors import UserError
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.snapshots.snapshot import write_snapshot
from training.run import rundir
from training.run.rundir import RunDir
from training.run.stats import scalar


def test_runs_are_numbered_above_all_that_there_are(tmp_path):
    assert rundir.next_name(tmp_path / "none", "x") == "00000-x"
    for name in ("00003-a", "00011-b-auto2", "notes.txt"):
        (tmp_path / name).mkdir()
    first = rundir.create(tmp_path, "cats/dogs ü-auto")
    assert first.path.name == "00012-cats_dogs_ü-auto"
    assert rundir.create(tmp_path, "again").path.name == "00013-again"


def test_two_runs_started_at_once_get_two_folders(tmp_path, monkeypatch):
    names = iter(["00000-x", "00000-x", "00001-x"])
    monkeypatch.setattr(rundir, "next_name", lambda *_: next(names))
    assert rundir.create(tmp_path, "x").path.name == "00000-x"
    assert rundir.create(tmp_path, "x").path.name == "00001-x"


def test_thinning_keeps_the_newest_and_what_is_not_ours(tmp_path):
    run = RunDir(tmp_path)
    G = StyleGAN2Generator(4, 0, 4, 4, channel_max=4)
    for kimg in (0, 4, 12, 8):
        write_snapshot(run.snapshot(kimg), {"G_ema": G}, kimg=kimg)
    (tmp_path / "network-snapshot-000000.pkl").write_bytes(b"theirs")
    assert [p.name for p in run.thin(2)] == [
        "network-snapshot-000000.safetensors",
        "network-snapshot-000004.safetensors",
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "network-snapshot-000000.pkl",
        "network-snapshot-000008.safetensors",
        "network-snapshot-000012.safetensors",
    ]
    assert run.thin(2) == []


def test_a_snapshot_that_cannot_be_removed_is_told_and_the_others_are(tmp_path, monkeypatch):
    run = RunDir(tmp_path)
    for kimg in (0, 4, 8):
        run.snapshot(kimg).write_bytes(b"whole")
    unlink = type(tmp_path).unlink

    def held(self, missing_ok=False):
        if self == run.snapshot(0):
            raise PermissionError(13, "Permission denied")
        unlink(self, missing_ok)

    monkeypatch.setattr(type(tmp_path), "unlink", held)
    with pytest.raises(UserError, match=r"Cannot remove .*000000\.safetensors: permission denied"):
        run.thin(1)
    assert sorted(tmp_path.iterdir()) == [run.snapshot(0), run.snapshot(8)]


def test_a_line_that_does_not_fit_on_the_disk_is_taken_back(tmp_path, monkeypatch):
    run = RunDir(tmp_path)
    run.append_stats({"a": 1})
    open_ = type(tmp_path).open

    def full(self, mode):
        file = open_(self, mode, buffering=0)
        write = file.write

        class Half:
            seek = file.seek
            flush = file.flush

            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def write(self, data):
                write(data[:3])
                raise OSError(28, "No space left on device")

        return Half()

    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "open", full)
        with pytest.raises(UserError, match="the disk is full"):
            run.append_stats({"b": 2})
    run.append_stats({"c": float("nan")})
    lines = (tmp_path / "stats.jsonl").read_text().splitlines()
    assert lines == ['{"a": 1}', '{"c": NaN}']
    size = run.stats_size()
    run.append_stats({"d": 4})
    run.rewind_stats(size)
    assert len((tmp_path / "stats.jsonl").read_text().splitlines()) == 2
    with (tmp_path / "stats.jsonl").open("a") as file:
        file.write('{"half": ')
    run.rewind_stats(size + 100)  # of a file that lost its end
    assert run.stats_size() == size
    assert json.loads((tmp_path / "stats.jsonl").read_text().splitlines()[0]) == {"a": 1}


def test_a_line_that_waits_for_metrics_is_told_from_what_was_written_in_its_place(tmp_path):
    run = RunDir(tmp_path)
    line = {"Progress/tick": scalar(3)}
    document = {"pending": line, "stats_size": 0}
    assert run.waiting(document) == (line, 0)
    for junk in (b'{"Progress/tick\xff": 3}\n', b"[]\n", b"{}\n"):
        (tmp_path / "stats.jsonl").write_bytes(junk)
        assert run.waiting(document) == (line, 0), "it is written again over what cannot be read"
    (tmp_path / "stats.jsonl").unlink()
    run.append_stats(line)
    assert run.waiting(document) == (None, run.stats_size())
