"""A short run on a CPU learns, and leaves a run directory that the monitor reads."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from common.errors import UserError
from common.runs import locate, stats
from common.runs.facts import training_options
from networks.snapshots.snapshot import open_snapshot
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.training.tiny_runs import make, start, suns, tiny, write_data
from training.learn.loss import PhaseLoss
from training.run.options import Adam, TrainingSet

EARTH = DATA / "earth64-run"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """3,000 pictures with ADA."""
    folder = tmp_path_factory.mktemp("learns")
    options = tiny(
        write_data(folder / "suns", 300),
        total_kimg=3,
        kimg_per_tick=0.5,
        ada_kimg=10,
        keep=3,
        image_snapshot_ticks=2,
        network_snapshot_ticks=2,
    )
    run = make(folder / "runs", options, "suns-tiny")
    start(run)
    return run


def features(pictures: np.ndarray) -> np.ndarray:
    """Coarse pixels and the responses of random filters: [N, 60]."""
    generator = torch.Generator().manual_seed(0)
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    first = torch.randn(24, 3, 3, 3, generator=generator) / 27**0.5
    second = torch.randn(48, 24, 3, 3, generator=generator) / 216**0.5
    h = torch.conv2d(x, first, stride=2, padding=1).relu()
    h = torch.conv2d(h, second, stride=2, padding=1).relu()
    coarse = torch.nn.functional.avg_pool2d(x, 8).flatten(1)
    return torch.cat([h.mean((2, 3)), coarse], 1).double().numpy()


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance of two sets of features, taken as Gaussian."""
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    means = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return float(means + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def cut(path: Path) -> np.ndarray:
    """The pictures of a grid."""
    with Image.open(path) as image:
        sheet = np.asarray(image)
    rows, columns = sheet.shape[0] // 16, sheet.shape[1] // 16
    cells = sheet.reshape(rows, 16, columns, 16, 3).transpose(0, 2, 1, 3, 4)
    return cells.reshape(-1, 16, 16, 3)


def test_it_learns(run):
    real = features(suns(300))
    before = distance(real, features(cut(run / "fakes_init.png")))
    after = distance(real, features(cut(run / "fakes000003.png")))
    assert after < before / 4, (before, after)
    # The generator has not collapsed: its pictures differ, though not as much as the data's yet.
    spread = cut(run / "fakes000003.png").astype(float).std(0).mean()
    assert spread > 0.3 * suns(300).astype(float).std(0).mean()


def test_the_directory_holds_what_a_run_leaves(run):
    names = {path.name for path in run.iterdir()}
    assert run.name == "00000-suns-tiny"
    assert {name for name in names if not name.startswith(("events", "fakes0"))} == {
        "training_options.json",
        "log.txt",
        "stats.jsonl",
        "reals.png",
        "fakes_init.png",
        "training-state.safetensors",
        ".lock",
        *(f"network-snapshot-00000{kimg}.safetensors" for kimg in (1, 2, 3)),  # --keep 3
    }
    reals = cut(run / "reals.png")
    assert len(reals) == 128
    data = {picture.tobytes() for picture in suns(300)}
    assert all(picture.tobytes() in data for picture in reals)
    assert len({picture.tobytes() for picture in reals}) == 128


def test_statistics_have_the_names_of_other_trainers(run):
    theirs = json.loads((EARTH / "stats.jsonl").read_text().splitlines()[1])
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    assert len(lines) == 7
    for line in lines:
        assert set(theirs) <= set(line)
        timestamp = line.pop("timestamp")
        assert isinstance(timestamp, float)
        assert all(set(entry) == {"num", "mean", "std"} for entry in line.values())
    first, last = lines[0], lines[-1]
    assert first["Loss/scores/fake"]["num"] == 32
    assert first["Loss/pl_penalty"]["num"] == 8
    assert first["Progress/kimg"] == {"num": 1, "mean": 0.016, "std": 0.0}
    assert last["Loss/scores/real"]["num"] == 16 * 27  # 432 pictures since the tick before
    assert last["Progress/kimg"]["mean"] == pytest.approx(3.008)
    assert -1 <= last["Loss/signs/real"]["mean"] <= 1
    assert last["Gradients/nonfinite"]["mean"] == 0
    assert 0 < last["Progress/augment"]["mean"] < 0.3
    assert math.isnan(first["Progress/r_t"]["mean"])
    theirs_log = (EARTH / "log.txt").read_text()
    shape = r"^tick \d+ +kimg [\d.]+ +time [\dhms ]+sec/tick [\d.]+ +sec/kimg [\d.]+ +maintenance"
    shape += r" [\d.]+ +cpumem [\d.]+ +gpumem [\d.]+ +augment [\d.]+"
    assert re.findall(shape, theirs_log, re.M)
    assert len(re.findall(shape, (run / "log.txt").read_text(), re.M)) == 7


def test_the_monitor_reads_it(run):
    snapshots = locate.snapshots(run)
    assert [s.kimg for s in snapshots] == [1, 2, 3]
    assert all(s.complete for s in snapshots)
    assert [round(tick["Progress/kimg"], 3) for tick in stats.read(run)] == [
        0.016,
        0.528,
        1.040,
        1.552,
        2.064,
        2.576,
        3.008,
    ]
    options = training_options(run)
    assert options["training_set_kwargs"]["path"].endswith("suns")
    assert options["batch_size"] == 16
    opened = open_snapshot(locate.resolve(str(run)), names=None)
    assert opened.kimg == pytest.approx(3.008)
    assert set(opened.networks) == {"G", "D", "G_ema", "augment_pipe"}
    assert opened.augment_p == pytest.approx(stats.augment_p(run, 3))
    assert opened.metadata["dataset"] == {
        "name": "suns",
        "images": 300,
        "resolution": 16,
        "channels": 3,
        "label_dim": 0,
    }


def test_its_snapshot_is_drawn_as_its_samples_were(run):
    path = str(run / "network-snapshot-000003.safetensors")
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    assert pipeline.render(RenderRequest(path, Seed(0))).pixels.shape == (16, 16, 4)
    G = open_snapshot(path).G_ema
    z = torch.from_numpy(np.random.RandomState(0).randn(128, 32)).float()
    with torch.no_grad():
        img = G.render(G.map(z)[:, None].expand(-1, G.num_ws, -1))
    drawn = (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    assert np.abs(drawn.astype(int) - cut(run / "fakes000003.png")).max() <= 1


def test_classes_and_held_out_images(tmp_path):
    data = write_data(tmp_path / "suns", 60, classes=3)
    options = tiny(
        data,
        total_kimg=0.13,
        kimg_per_tick=0.064,
        ada_heuristic="rv",
        ada_kimg=1,
        training_set_kwargs=TrainingSet(str(data), use_labels=True, xflip=True, val_fraction=0.25),
    )
    run = make(tmp_path, options)
    start(run)
    last = list(stats.read(run))[-1]
    assert "Loss/scores/validation" in last
    scores = [last[f"Loss/scores/{kind}"] for kind in ("real", "fake", "validation")]
    assert len(set(scores)) == 3
    assert math.isfinite(last["Progress/r_v"])
    assert open_snapshot(locate.resolve(str(run))).G_ema.c_dim == 3
    rows = cut(run / "reals.png").reshape(8, 16, 16, 16, 3)
    of_class = {p.tobytes(): i % 3 for i, p in enumerate(suns(60))}
    of_class |= {p[:, ::-1].tobytes(): i % 3 for i, p in enumerate(suns(60))}
    assert [{of_class[p.tobytes()] for p in row} for row in rows[:3]] == [{0}, {1}, {2}]
    log = (run / "log.txt").read_text()
    assert "Num images:  90\n" in log
    assert f"r_v {last['Progress/r_v']:.3f}\nDone: 0.1 kimg." in log


@pytest.mark.parametrize(
    ("changes", "p", "reported"),
    [
        ({"precision": "bf16"}, 0.128, "Loss/G/reg"),
        ({"aug": "fixed", "augment_p": 0.3}, 0.3, "Loss/D/reg"),
        ({"aug": "noaug"}, 0.0, "Loss/G/reg"),
        ({"loss_kwargs": {"r1_gamma": 1, "bcr_real": 10, "bcr_fake": 10}}, 0.128, "Loss/bcr/fake"),
        ({"loss_kwargs": {"r1_gamma": 0, "pl_weight": 0}}, 0.128, "Loss/G/loss"),
    ],
    ids=["bf16", "fixed", "noaug", "bcr", "unregularised"],
)
def test_other_ways_to_train(tmp_path, changes, p, reported):
    data = write_data(tmp_path / "suns", 40)
    # Signs are never below −1: p rises by 0.064 every fourth of 8 steps.
    changes = {"total_kimg": 0.128, "ada_kimg": 1, "ada_target": -1.5, **changes}
    run = make(tmp_path, tiny(data, **changes))
    start(run)
    first = next(stats.read(run))
    assert math.isfinite(first[reported])
    if "pl_weight" in changes.get("loss_kwargs", {}):
        assert "Loss/G/reg" not in first
        assert "Loss/D/reg" not in first
    opened = open_snapshot(run / "network-snapshot-000000.safetensors", names=None)
    assert opened.augment_p == pytest.approx(p)
    for network in opened.networks.values():
        assert all(value.isfinite().all() for value in network.state_dict().values())
        assert all(value.dtype == torch.float32 for value in network.state_dict().values())


def test_micro_batches_make_the_same_step(tmp_path):
    """One step with plain gradients: what a batch does in one piece, it does in four."""
    data = write_data(tmp_path / "suns", 40)
    weights = []
    for batch_gpu in (16, 4):
        # Statistics of a minibatch and path lengths depend on what is together.
        options = tiny(
            data,
            total_kimg=0.001,
            batch_gpu=batch_gpu,
            G_kwargs={**tiny(data).G_kwargs, "use_noise": False},
            D_kwargs={**tiny(data).D_kwargs, "mbstd_num_channels": 0},
            loss_kwargs={"r1_gamma": 5, "pl_weight": 0, "style_mixing_prob": 0},
            G_opt_kwargs=Adam(0.1, eps=1.0),
            D_opt_kwargs=Adam(0.1, eps=1.0),
        )
        run = make(tmp_path / "runs", options)
        start(run)
        opened = open_snapshot(run / "network-snapshot-000000.safetensors", names=("G", "D"))
        weights.append({n: t for k in "GD" for n, t in opened[k].named_parameters(k)})
    for name, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][name], rtol=1e-4, atol=2e-6, msg=name)


@pytest.mark.parametrize(
    ("error", "shown", "remedy"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB."), 0, "below 16."),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 32, "below 16 and --resume."),
    ],
    ids=["gpu", "cpu"],
)
def test_a_step_that_does_not_fit_into_the_memory_is_told(
    tmp_path, monkeypatch, error, shown, remedy
):
    run = make(tmp_path, tiny(write_data(tmp_path / "suns", 40), total_kimg=0.128))
    accumulate, steps = PhaseLoss.accumulate, []

    def full(loss, phase, *others):
        steps.extend([phase] if phase == "Gmain" else [])
        if len(steps) * 16 > shown:
            raise error
        accumulate(loss, phase, *others)

    monkeypatch.setattr(PhaseLoss, "accumulate", full)
    with pytest.raises(UserError, match="not enough memory on cpu to train with 16 pictures") as e:
        start(run)
    assert e.value.remedy.endswith(f"start a new run with a --batch-gpu {remedy}")
    assert f"Error: {e.value}\n" in (run / "log.txt").read_text()


def test_other_errors_of_a_step_stay_what_they_are(tmp_path, monkeypatch):
    run = make(tmp_path, tiny(write_data(tmp_path / "suns", 40), total_kimg=0.128))

    def broken(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(PhaseLoss, "accumulate", broken)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        start(run)
