"""A run that was stopped or killed, and went on, has the weights of one that was not."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest
import torch
from safetensors.torch import load_file, save_file

from common.errors import UserError
from common.runs.facts import run_options, training_options
from tests.training.tiny_runs import (
    make,
    output_of,
    start,
    start_process,
    state_of,
    tiny,
    write_data,
)
from training.data.dataset import ImageDataset
from training.data.sampler import InfiniteSampler
from training.learn import samples
from training.run import rundir, state
from training.run.distributed import StopRequest
from training.run.options import DataLoader, TrainingSet, read
from training.start import launch

TOTAL = 752
LIMIT = 600  # seconds until a process that does not answer fails the test


def options(folder, gpus=1):
    """p moves quickly, every tick is saved, and workers read ahead."""
    return tiny(
        folder / "suns",
        total_kimg=TOTAL / 1000,
        kimg_per_tick=0.128,
        network_snapshot_ticks=1,
        keep=2,
        image_snapshot_ticks=100,
        ada_kimg=2,
        num_gpus=gpus,
        batch_gpu=16 // gpus,
        data_loader_kwargs=DataLoader(num_workers=1),
    )


def wait_for_state(run, process, newer_than=0):
    """Until a state is written, and then to any moment of the steps that follow."""
    end = time.monotonic() + LIMIT
    while not (state_of(run).exists() and state_of(run).stat().st_mtime_ns > newer_than):
        assert process.poll() is None, output_of(run).read_text()
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(random.Random(os.urandom(8)).random() * 0.1)


def stop(process, number):
    """Exit code after a signal."""
    process.send_signal(number)
    return process.wait(LIMIT)


def finish(run, process):
    assert process.wait(LIMIT) == 0, output_of(run).read_text()


def same(a, b):
    """Bit for bit; what was not measured is NaN."""
    return a.numpy().tobytes() == b.numpy().tobytes()


def assert_same_end(one, other):
    """All that a run is: weights, averages, optimizers, p, random numbers, statistics."""
    expected, got = load_file(state_of(one)), load_file(state_of(other))
    assert expected.keys() == got.keys()
    assert [name for name in expected if not same(expected[name], got[name])] == []
    snapshot = "network-snapshot-000000.safetensors"
    expected, got = load_file(one / snapshot), load_file(other / snapshot)
    assert all(same(expected[name], got[name]) for name in expected)
    lines = [
        [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
        for run in (one, other)
    ]
    assert len(lines[0]) == len(lines[1]) == 7
    for a, b in zip(*lines, strict=True):
        assert {k: repr(v) for k, v in a.items() if not k.startswith(("Tim", "tim", "Res"))} == {
            k: repr(v) for k, v in b.items() if not k.startswith(("Tim", "tim", "Res"))
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exact")
    write_data(folder / "suns")
    return folder


def test_interrupted_then_killed_then_continued(folder):
    straight = make(folder / "runs", options(folder))
    finish(straight, start_process(straight))

    run = make(folder / "runs", options(folder))
    process = start_process(run)
    wait_for_state(run, process)
    assert stop(process, signal.SIGINT) == 0
    out = output_of(run).read_text()
    assert f"everything is saved. Go on with: ganscope train --continue {run}" in out
    _, document = state.read(state_of(run))
    assert document["nimg"] < TOTAL

    process = start_process(run, continued=True)
    wait_for_state(run, process, newer_than=state_of(run).stat().st_mtime_ns)
    assert stop(process, signal.SIGKILL) == -signal.SIGKILL
    _, killed = state.read(state_of(run))
    assert document["nimg"] < killed["nimg"] < TOTAL

    finish(run, start_process(run, continued=True))
    assert_same_end(straight, run)
    assert float(load_file(state_of(run))["augment_pipe.p"]) > 0.05


def test_two_processes_stopped_then_killed_then_continued(folder):
    straight = make(folder / "runs", options(folder, gpus=2))
    finish(straight, start_process(straight))

    run = make(folder / "runs", options(folder, gpus=2))
    process = start_process(run)
    wait_for_state(run, process)
    assert stop(process, signal.SIGTERM) == 0
    assert "everything is saved" in output_of(run).read_text()
    tensors, document = state.read(state_of(run))
    assert document["ranks"] == 2
    assert not torch.equal(tensors["rank0.random.torch"], tensors["rank1.random.torch"])

    process = start_process(run, continued=True)
    wait_for_state(run, process, newer_than=state_of(run).stat().st_mtime_ns)
    assert stop(process, signal.SIGKILL) == -signal.SIGKILL
    finish(run, start_process(run, continued=True))
    assert_same_end(straight, run)


@pytest.mark.parametrize("damage", ["cut", "zeros", "other", "newer", "gone"])
def test_a_state_that_cannot_be_used_is_told(tmp_path, damage):
    path = tmp_path / rundir.STATE
    state.write(path, {"G.x": torch.ones(1000)}, {"nimg": 1})
    assert state.read(path)[1] == {"nimg": 1, "version": state.VERSION}
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "zeros":
        path.write_bytes(path.read_bytes()[:-100] + bytes(100))
    elif damage == "other":
        save_file({"x": torch.zeros(1)}, path)
    elif damage == "newer":
        save_file({"x": torch.zeros(1)}, path, metadata={state.KEY: '{"version": 99}'})
    else:
        path.unlink()
    with pytest.raises(UserError, match=rundir.STATE) as caught:
        state.read(path)
    assert "Start anew" in caught.value.remedy


def test_data_that_changed_is_noticed(tmp_path):
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path / "runs", tiny(data, total_kimg=0.016))
    start(run)
    with pytest.raises(UserError, match=r"is done: 0.016 kimg. Go further with --kimg 0.032"):
        launch.options_to_continue(run, {})
    assert launch.options_to_continue(run, {"kimg": 2.0}).total_kimg == 2
    (data / "img00003.png").unlink()
    with pytest.raises(UserError, match="has changed: it has 39 images to train on, not 40"):
        launch.options_to_continue(run, {"kimg": 2.0})


@pytest.mark.parametrize("changed", ["img00003.png", "dataset.json"])
def test_data_of_the_same_size_that_changed_is_told(tmp_path, capsys, changed):
    data = write_data(tmp_path / "suns", 40, classes=2)
    training_set = TrainingSet(str(data), use_labels=True)
    run = make(tmp_path / "runs", tiny(data, total_kimg=0.016, training_set_kwargs=training_set))
    start(run)
    start(run, continued=True)
    assert "is not as it was" not in capsys.readouterr().out
    if changed == "dataset.json":
        labels = (data / changed).read_text()
        (data / changed).write_text(labels.replace(",1]", ",0]", 1))
    else:
        (data / changed).write_bytes((data / "img00004.png").read_bytes())
    start(run, continued=True)
    assert "suns is not as it was when the run was saved" in capsys.readouterr().out
    names = [path.name for path in data.glob("*.png")]
    labels = [[name, i % 3] for i, name in enumerate(names)]
    (data / "dataset.json").write_text(json.dumps({"labels": labels}))
    with pytest.raises(UserError, match="has changed: it has 3 classes, not 2"):
        launch.options_to_continue(run, {"kimg": 2.0})


def test_data_that_was_moved_is_given_and_remembered(tmp_path):
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path / "runs", tiny(data, total_kimg=0.016))
    start(run)
    moved = data.rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"suns, which is not here\. Where .* with --data"):
        launch.options_to_continue(run, {"kimg": 0.032})
    options = launch.options_to_continue(run, {"kimg": 0.032, "data": str(moved)})
    assert options.training_set_kwargs.path == str(moved)
    threads = torch.get_num_threads()
    launch.start(options, continued=True)
    torch.set_num_threads(threads)
    assert read(run).training_set_kwargs.path == str(moved)
    assert state.read(state_of(run))[1]["nimg"] == 32
    launch.options_to_continue(run, {"kimg": 1.0})  # without saying it again


@pytest.mark.parametrize("gpus", [1, 2])
def test_an_image_that_cannot_be_read_loses_nothing_that_was_learnt(tmp_path, gpus):
    data = write_data(tmp_path / "suns", 200)
    straight = make(tmp_path / "straight", _until(data, gpus))
    finish(straight, start_process(straight))
    run = make(tmp_path / "runs", _until(data, gpus))
    dataset = ImageDataset(data)
    # Of the fourth step, and not in the grid of real images that a run begins with.
    fourth = {InfiniteSampler(200).at(number) for number in range(48, 64)}
    image = data / dataset.names[min(fourth - set(samples.choose(dataset, 0)))]
    whole = image.read_bytes()
    times = image.stat()
    image.write_bytes(b"half of it")
    process = start_process(run)
    assert process.wait(LIMIT) == 1
    assert f"{image.name} of {data} cannot be read" in output_of(run).read_text()
    assert "everything is saved. Go on with" in (run / "log.txt").read_text()
    assert state.read(state_of(run))[1]["nimg"] == 48
    image.write_bytes(whole)
    os.utime(image, ns=(times.st_atime_ns, times.st_mtime_ns))
    finish(run, start_process(run, continued=True))
    expected, got = load_file(state_of(straight)), load_file(state_of(run))
    assert [name for name in expected if not same(expected[name], got[name])] == []


def _until(data, gpus):
    """Six steps, of which nothing is saved in between but the first."""
    return tiny(data, total_kimg=0.096, num_gpus=gpus, batch_gpu=16 // gpus, kimg_per_tick=1)


def test_what_a_run_goes_on_with_is_remembered(tmp_path, monkeypatch):
    """It was to be longer, and was interrupted on the way: the command that it names goes on."""
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path / "runs", tiny(data, total_kimg=0.016))
    start(run)
    options = launch.options_to_continue(run, {"kimg": 0.064, "snap": 3, "keep": 2})
    asked = property(lambda self: True, lambda *_: None)
    monkeypatch.setattr(StopRequest, "asked", asked, raising=False)
    launch.start(options, continued=True)
    assert f"train --continue {run}\n" in (run / "log.txt").read_text()
    monkeypatch.undo()
    told = run_options(training_options(run))
    assert told.total_kimg == 0.064, "the monitor knows what is left"
    options = launch.options_to_continue(run, {})
    assert (options.total_kimg, options.network_snapshot_ticks, options.keep) == (0.064, 3, 2)
    start(run, continued=True)
    assert state.read(state_of(run))[1]["nimg"] == 64


def test_other_data_of_the_same_size_is_not_taken_for_it(tmp_path):
    data = write_data(tmp_path / "suns", 40)
    run = make(tmp_path / "runs", tiny(data, total_kimg=0.016))
    start(run)
    other = write_data(tmp_path / "other", 40)
    (other / "img00003.png").write_bytes((other / "img00004.png").read_bytes())
    with pytest.raises(UserError, match=r"--data: .*other is not what .* was trained with"):
        launch.options_to_continue(run, {"kimg": 1.0, "data": str(other)})


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
