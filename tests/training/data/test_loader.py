"""Batches: the same with and without workers, resumed anywhere, errors in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import psutil
import pytest
import torch

from common.errors import UserError
from tests.paths import ROOT
from tests.training.data.dataset_files import noise, nvidia_zip, png
from training.data.dataset import ImageDataset
from training.data.loader import Loader
from training.data.sampler import InfiniteSampler


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "small.zip"
    nvidia_zip(path, [noise(i, 8, 8, 3) for i in range(11)], [i % 3 for i in range(11)])
    return ImageDataset(path, use_labels=True, mirror=True)


def take(batches, count):
    return [tuple(tensor.clone() for tensor in next(batches)) for _ in range(count)]


def same(left, right):
    return all(
        torch.equal(a, b)
        for one, other in zip(left, right, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_batches_are_the_images_of_the_sampler_in_its_order(data):
    with Loader(data, batch=4, workers=0, seed=5) as batches:
        got = take(batches, 6)
        assert batches.position == 24
    sampler = InfiniteSampler(22, seed=5)
    for step, (images, labels) in enumerate(got):
        assert images.dtype == torch.uint8
        assert images.shape == (4, 3, 8, 8)
        assert labels.shape == (4, 3)
        for i in range(4):
            pixels, label = data[sampler.at(4 * step + i)]
            assert np.array_equal(images[i].numpy(), pixels)
            assert np.array_equal(labels[i].numpy(), label)


def test_grey_images_are_read_without_a_word(tmp_path):
    nvidia_zip(tmp_path / "grey.zip", [noise(i, 8, 8) for i in range(3)])
    grey = ImageDataset(tmp_path / "grey.zip")
    with Loader(grey, batch=3, workers=0) as batches:  # a warning is an error here
        images, _ = next(batches)
    assert np.array_equal(images[0].numpy(), grey[InfiniteSampler(3, seed=0).at(0)][0])


def test_workers_and_resuming_change_nothing(data):
    with Loader(data, batch=3, workers=0, seed=1) as batches:
        straight = take(batches, 8)
    with Loader(data, batch=3, workers=2, seed=1) as batches:
        begun = take(batches, 3)
        position = batches.position
    with Loader(data, batch=3, workers=1, seed=1, start=position) as batches:
        assert same(straight, begun + take(batches, 5))


def test_there_are_no_more_workers_than_processors(data, monkeypatch):
    # torch warns of more, and a warning is an error here.
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    with Loader(data, batch=3, workers=2, seed=1) as batches:
        got = take(batches, 2)
    with Loader(data, batch=3, workers=0, seed=1) as batches:
        assert same(got, take(batches, 2))


def test_replicas_share_each_batch_without_overlap(data):
    parts = []
    for rank in range(2):
        with Loader(data, batch=2, workers=0, rank=rank, replicas=2, seed=9) as batches:
            parts.append(take(batches, 4))
            assert batches.position == 16
    with Loader(data, batch=4, workers=0, seed=9) as batches:
        for (even, _), (odd, _), (images, _) in zip(*parts, take(batches, 4), strict=True):
            assert torch.equal(torch.stack([even, odd], 1).flatten(0, 1), images)


def test_it_draws_nothing_from_the_global_generator(data):
    before = torch.get_rng_state()
    with Loader(data, batch=2, workers=0) as batches:
        take(batches, 2)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_bad_image_is_told_word_for_word_from_a_worker_too(tmp_path, workers):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0.png", png(noise(0, 8, 8, 3)))
        archive.writestr("1.png", png(noise(0, 4, 4, 3)))
        archive.writestr("dataset.json", json.dumps({"labels": None}))
    with (
        Loader(ImageDataset(path), batch=4, workers=workers) as batches,
        pytest.raises(UserError) as error,
    ):
        next(batches)
    assert error.value.message == f"1.png of {path} has 4×4 pixels, 0.png 8×8."
    assert "dataset --width 8" in error.value.remedy


@pytest.mark.skipif(os.name != "posix", reason="workers are children of a server of forks")
def test_a_worker_that_is_killed_is_told(data):
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with Loader(data, batch=4, workers=1, prefetch=1) as batches:
        next(batches)
        for child in psutil.Process().children(recursive=True):
            if child.pid not in before and child.ppid() != os.getpid():
                child.kill()  # what the server of forks made
        with pytest.raises(UserError, match="A process that reads images died") as error:
            take(batches, 5)
    assert "fewer --workers" in error.value.remedy


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_batches_arrive_on_the_device(data):
    with Loader(data, batch=4, workers=1, device="cuda") as batches:
        on_device = take(batches, 3)
    with Loader(data, batch=4, workers=0) as batches:
        plain = take(batches, 3)
    assert on_device[0][0].device.type == "cuda"
    assert same([(a.cpu(), b.cpu()) for a, b in on_device], plain)


SURVIVES = """
import os, signal, sys
from training.data.dataset import ImageDataset
from training.data.loader import Loader
if __name__ == "__main__":
    asked = []
    signal.signal(signal.SIGINT, lambda *_: asked.append(1))
    with Loader(ImageDataset(sys.argv[1]), batch=2, workers=2, prefetch=2) as batches:
        os.killpg(0, signal.SIGINT)  # as a terminal does, while the workers are still starting
        for step in range(30):
            next(batches)
            if step == 10:
                os.killpg(0, signal.SIGINT)
        print(len(asked), batches.position, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def reading(tmp_path, data):
    script = tmp_path / "reads.py"
    script.write_text(SURVIVES)
    root = ROOT
    process = subprocess.Popen(
        [sys.executable, script, data.path],
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="needs process groups")
def test_workers_outlive_ctrl_c_and_not_a_killed_parent(reading):
    assert reading.stdout.readline() == "2 60\n", reading.communicate()
    children = psutil.Process(reading.pid).children(recursive=True)
    assert len(children) >= 2
    reading.kill()
    assert "Traceback" not in reading.communicate(timeout=60)[1]
    assert not psutil.wait_procs(children, timeout=30)[1]
