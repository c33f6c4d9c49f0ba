"""A run that is shipped: what the window shows of it, and nothing of the machine it is from."""

from __future__ import annotations

import json
import shutil

import pytest

from common.errors import UserError
from common.runs.follow import RunReader
from networks.snapshots.snapshot import open_snapshot
from recipes.example import command
from tests.training.tiny_runs import make, start, tiny, write_data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("far")
    options = tiny(
        write_data(folder / "suns", 40),
        total_kimg=1,
        kimg_per_tick=1,
        image_snapshot_ticks=1,
        network_snapshot_ticks=1,
    )
    made = make(folder / "runs", options)
    start(made)
    return made


def call(*arguments):
    command.main([str(argument) for argument in arguments], standalone_mode=False)


def test_it_is_a_run_with_the_snapshots_asked_for(run, tmp_path):
    dest = tmp_path / "example"
    call(run, dest, "--kimg", "0,1")
    ours, theirs = RunReader(dest).poll(), RunReader(run).poll()
    assert [snapshot.kimg for snapshot in ours.snapshots] == [0, 1]
    assert all(snapshot.complete for snapshot in ours.snapshots)
    assert [(image.kind, image.kimg) for image in ours.images] == [
        ("reals", None),
        ("fakes", 0),
        ("fakes", 1),
    ]
    assert ours.series.keys() == theirs.series.keys()
    assert ours.log == theirs.log
    assert ours.options.data == "suns"
    opened = open_snapshot(dest / "network-snapshot-000001.safetensors", names=None)
    assert sorted(opened.available) == ["D", "G_ema"], "runs can start from the last one"
    before = open_snapshot(dest / "network-snapshot-000000.safetensors", names=None)
    assert before.available == ("G_ema",)


def test_of_a_run_that_was_to_go_on_nothing_more_is_awaited(run, tmp_path):
    longer = tmp_path / "longer"
    shutil.copytree(run, longer)
    options = json.loads((longer / "training_options.json").read_text())
    (longer / "training_options.json").write_text(json.dumps(options | {"total_kimg": 1000}))
    assert not RunReader(longer).poll().complete
    call(longer, tmp_path / "example", "--kimg", "1")
    assert RunReader(tmp_path / "example").poll().complete


def test_it_tells_nothing_of_the_machine(run, tmp_path):
    dest = tmp_path / "example"
    call(run, dest, "--kimg", "1")
    secret = str(run.parent.parent).encode()
    assert any(secret in file.read_bytes() for file in run.iterdir() if file.is_file())
    assert not any(secret in file.read_bytes() for file in dest.iterdir())


def test_a_path_in_the_words_of_an_error_is_no_more_than_a_name(run, tmp_path):
    failed = shutil.copytree(run, tmp_path / "failed")
    with (failed / "log.txt").open("a") as log:
        log.write(
            "Error: [Errno 28] No space left: '/home/me/runs/stats.jsonl' (see https://a/b)\n"
        )
    call(failed, tmp_path / "example", "--kimg", "1")
    last = (tmp_path / "example" / "log.txt").read_text().splitlines()[-1]
    assert last == "Error: [Errno 28] No space left: 'stats.jsonl' (see https://a/b)"


def test_what_is_not_there_is_told_before_anything_is_written(run, tmp_path):
    dest = tmp_path / "example"
    with pytest.raises(UserError, match=r"no snapshot at 7\. It has 0, 1"):
        call(run, dest, "--kimg", "0,7")
    with pytest.raises(UserError, match="is no run directory"):
        call(tmp_path, dest, "--kimg", "0")
    assert not dest.exists()
    dest.mkdir()
    with pytest.raises(UserError, match="exists already"):
        call(run, dest, "--kimg", "0")


def test_a_snapshot_that_cannot_be_read_leaves_no_half_of_an_example(run, tmp_path):
    damaged = shutil.copytree(run, tmp_path / "damaged")
    snapshot = damaged / "network-snapshot-000001.safetensors"
    length = int.from_bytes(snapshot.read_bytes()[:8], "little")
    data = bytearray(snapshot.read_bytes())
    data[8 : 8 + length] = data[8 : 8 + length].replace(b'"F32"', b'"F99"')
    snapshot.write_bytes(data)
    dest = tmp_path / "example"
    for _ in range(2):
        with pytest.raises(UserError, match="network-snapshot-000001"):
            call(damaged, dest, "--kimg", "0,1")
    assert not dest.exists()


def test_a_run_without_a_tick_is_none_to_show(run, tmp_path):
    young = tmp_path / "young"
    shutil.copytree(run, young)
    (young / "stats.jsonl").unlink()
    with pytest.raises(UserError, match="has no statistics yet"):
        call(young, tmp_path / "example", "--kimg", "0")
    assert not (tmp_path / "example").exists()
