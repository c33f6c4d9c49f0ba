"""`metrics` from the command line, with a feature network that is quick."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from urllib.error import URLError

import numpy as np
import pytest
import torch
from PIL import Image

from common.errors import UserError
from common.units import log_duration
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.features import efficientnet
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.paths import ROOT
from tests.renderer.cli.command_line import run
from tests.training.metrics import fake_features
from tests.training.tiny_runs import write_data
from training.data.dataset import ImageDataset
from training.metrics import bar, published
from training.metrics.distances import frechet
from training.metrics.moments import Moments
from training.metrics.pictures import Generated
from training.start.plan import Asked, plan

SNAPSHOTS = ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A run at 0 and 4 kimg, and its data; further data that does not fit."""
    place = tmp_path_factory.mktemp("metrics")
    data = write_data(place / "suns", 60)
    write_data(place / "large", 10, size=32)
    path = place / "00000-suns"
    path.mkdir()
    options = {"training_set_kwargs": {"path": str(data), "xflip": True, "max_size": 20}}
    (path / "training_options.json").write_text(json.dumps(options))
    for kimg in (0, 4):
        torch.manual_seed(kimg)
        G = StyleGAN2Generator(8, 0, 8, 16, mapping_layers=1, channel_max=8)
        write_snapshot(path / f"network-snapshot-{kimg:06d}.safetensors", {"G_ema": G}, kimg=kimg)
    return place


@pytest.fixture
def metrics(monkeypatch, capsys, place, tmp_path):
    """Calls metrics on the run; a cache of its own, and no way to download."""
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))

    def offline(*_):
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)

    def call(*flags, network=place / "00000-suns"):
        return run(monkeypatch, capsys, "metrics", "--network", network, "--device", "cpu", *flags)

    return call


def test_values_are_printed_and_added_to_the_run(metrics, place, monkeypatch, capsys):
    seen = fake_features.use(monkeypatch)
    done = metrics("--metrics", "fd50_lite,kd24_lite", "--batch", "16")
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["metric"] for line in lines] == ["fd50_lite", "kd24_lite"]
    first = lines[0]
    assert set(first["results"]) == {"fd50_lite", "fd50_lite_floor"}
    assert first["snapshot_pkl"] == "network-snapshot-000004.safetensors"
    assert first["feature_network"] == "fake colours"
    assert (first["num_generated"], first["num_real"], first["num_floor"]) == (50, 50, 30)
    assert (first["num_gpus"], first["total_time_str"]) == (1, log_duration(first["total_time"]))
    assert "timestamp" in first
    # All 60 images count, not the 20 trained with; as many are seen as one pass each needs.
    assert sum(seen) == 60 + 50
    assert "60 images, mirrored" in done.err
    assert "fd50_lite" in done.err
    assert "50 generated and 50 real" in done.err

    path = place / "00000-suns" / "metric-fd50_lite.jsonl"
    assert path.read_text() == done.out.splitlines()[0] + "\n"
    with path.open("a") as file:
        file.write('{"half of a li')  # somebody died while writing
    again = metrics(
        "--metrics", "fd50_lite", "--batch", "16", "--json", network=place / "00000-suns" / "0"
    )
    assert (again.code, again.err) == (0, "")
    assert sum(seen) == 60 + 50 + 50  # the real ones are remembered
    kept = path.read_text().splitlines()
    assert (len(kept), kept[1]) == (3, '{"half of a li')
    assert json.loads(kept[2]) == json.loads(again.out)
    assert json.loads(kept[2])["snapshot_pkl"] == "network-snapshot-000000.safetensors"
    assert json.loads(kept[2])["results"]["fd50_lite"] != first["results"]["fd50_lite"]
    assert json.loads(kept[2])["results"]["fd50_lite_floor"] == first["results"]["fd50_lite_floor"]


@pytest.fixture
def backends():
    """Where TF32 is on."""
    backends = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = True
    yield backends
    for backend, allowed in zip(backends, before, strict=True):
        backend.allow_tf32 = allowed


@pytest.mark.parametrize("works", [True, False])
def test_tf32_is_off_while_measuring_and_then_as_it_was(metrics, monkeypatch, backends, works):
    found = set()

    def look(images):
        found.add(tuple(backend.allow_tf32 for backend in backends))
        if not works:
            raise RuntimeError("no memory left")
        return fake_features.colours(images)

    fake_features.use(monkeypatch, look)
    assert metrics("--metrics", "fd20_lite").code == (0 if works else 1)
    assert found == {(False, False)}
    assert [backend.allow_tf32 for backend in backends] == [True, True]


def test_the_value_is_that_of_the_pictures(metrics, place, monkeypatch):
    fake_features.use(monkeypatch, name="inception")
    done = metrics("--metrics", "fid50k_full", "--num", "40", "--batch", "40", "--mirror", "0")
    assert done.code == 0, done.err
    line = json.loads(done.out)
    assert line["metric"] == "fid40_full"  # it is no fid50k_full
    assert line["num_real"] == 60
    G = open_snapshot(place / "00000-suns" / "network-snapshot-000004.safetensors").G_ema
    data = ImageDataset(place / "suns")
    real = torch.stack([torch.from_numpy(data[i][0]) for i in range(60)])
    with torch.no_grad():
        fake = Generated(G, None, torch.device("cpu"))(range(40))
    expected = frechet(*(Moments.of(fake_features.colours(x)) for x in (real, fake)))
    assert line["results"] == {"fid40_full": pytest.approx(expected, rel=1e-6)}


def test_every_published_metric_has_the_names_of_its_results(metrics, monkeypatch):
    def logits(images):
        return torch.cat([fake_features.colours(images), torch.zeros(len(images), 1008)], dim=1)

    def pairs(images):
        return (
            (images[: len(images) // 2] - images[len(images) // 2 :])
            .square()
            .mean((1, 2, 3))[:, None]
        )

    fake_features.use(monkeypatch, logits, "inception")
    fake_features.use(monkeypatch, name="vgg16")
    fake_features.use(monkeypatch, pairs, "lpips")
    done = metrics("--metrics", "kid50k_full,pr50k3_full,is50k,ppl2_wend,ppl_zfull", "--num", "30")
    assert done.code == 0, done.err
    results = {}
    for line in map(json.loads, done.out.splitlines()):
        results |= line["results"]
    assert set(results) == {
        "kid30_full",
        "pr303_full_precision",
        "pr303_full_recall",
        "is30_mean",
        "is30_std",
        "ppl2_wend_n30",
        "ppl_zfull_n30",
    }
    assert results["is30_mean"] == pytest.approx(1)  # all classes are alike
    assert 0 <= results["pr303_full_precision"] <= 1
    assert results["ppl2_wend_n30"] > 0


def test_labels_come_from_the_data(metrics, monkeypatch, tmp_path):
    fake_features.use(monkeypatch)
    data = write_data(tmp_path / "classes", 30, classes=5)
    snapshot = SNAPSHOTS / "sg2-cond-16.pkl"
    G = open_snapshot(snapshot).G_ema
    done = metrics("--data", str(data), "--metrics", "fd20_lite", "--json", network=snapshot)
    if G.c_dim == 5:
        assert done.code == 0, done.err
    else:
        assert f"takes labels of {G.c_dim} numbers, the data has 5" in done.err
    assert not list(SNAPSHOTS.glob("metric-*"))  # no run: nothing is written beside it


def test_outdir_takes_the_lines_of_a_snapshot_that_is_in_no_run(
    metrics, monkeypatch, place, tmp_path
):
    fake_features.use(monkeypatch)
    snapshot = tmp_path / "alone.safetensors"
    shutil.copy(place / "00000-suns" / "network-snapshot-000004.safetensors", snapshot)
    flags = ("--metrics", "fd20_lite", "--json")
    done = metrics(*flags, network=snapshot)
    assert "does not say what data it was trained with. Give --data" in done.err
    done = metrics(*flags, "--data", place / "suns", "--outdir", tmp_path / "out", network=snapshot)
    assert done.code == 0, done.err
    (line,) = (tmp_path / "out" / "metric-fd20_lite.jsonl").read_text().splitlines()
    assert json.loads(line)["snapshot_pkl"] == str(snapshot)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--metrics", "fid"), "There is no metric 'fid'. Did you mean fid50k_full?"),
        (("--metrics", ","), "--metrics names none. There are fid50k_full"),
        (("--metrics", "is50k", "--num", "5"), "is5 asks for 5 pictures. Use 20"),
        (("--data", "large"), "makes pictures of 16×16 pixels and 3 channels, "),
        (("--data", "nowhere"), "nowhere does not exist"),
        (("--data", " "), "--data: no data is named"),
        (("--weights", "nothing.pth", "--metrics", "is20"), "nothing.pth does not exist"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(metrics, monkeypatch, place, flags, message):
    monkeypatch.chdir(place)
    if "--weights" in flags:
        monkeypatch.setattr(published, "_library", FakeLibrary)
    else:
        fake_features.use(monkeypatch)
    done = metrics(*flags)
    assert done.code == 1
    assert message in done.err
    assert done.out == ""
    assert done.err.splitlines()[-1].startswith("Error: ")


class FakeLibrary:
    """Where torch-fidelity and torchvision keep their weights."""

    URL_INCEPTION_V3 = "https://host/weights-inception-2015-12-05-6726825d.pth"

    def __init__(self, name):
        pass


def test_missing_packages_are_told(metrics, monkeypatch):
    def missing(name):
        raise ImportError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(efficientnet, "import_module", missing)
    monkeypatch.setattr(published, "import_module", missing)
    done = metrics("--metrics", "fd2k_lite")
    assert "fd2k_lite: efficientnet_lite_pytorch is not installed." in done.err
    assert "pip install efficientnet-lite-pytorch" in done.err
    done = metrics("--metrics", "fid50k_full")
    assert "fid50k_full: torch_fidelity" in done.err
    assert "pip install 'ganscope[fid]'. Or use fd10k_lite" in done.err


def test_missing_weights_are_told_with_what_to_do(metrics, monkeypatch, tmp_path):
    monkeypatch.setattr(published, "_library", FakeLibrary)
    done = metrics("--metrics", "is50k")
    assert done.code == 1
    assert (
        "is50k: the Inception weights are not here, and cannot be downloaded: no route" in done.err
    )
    assert "Get https://host/weights-inception-2015-12-05-6726825d.pth elsewhere" in done.err
    assert f"--weights, or put it into {tmp_path / 'hub' / 'checkpoints'}" in done.err
    assert "Or use fd10k_lite" in done.err


def test_help_does_not_wait_for_torch():
    code = "import sys; import training.cli.metrics; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_fails_in_the_middle_leaves_what_was_done(metrics, monkeypatch, place):
    def breaks(images):
        raise RuntimeError("out of memory")

    fake_features.use(monkeypatch)
    fake_features.use(monkeypatch, breaks, "inception")
    done = metrics("--metrics", "fd21_lite,fid21_full")
    assert done.code == 1
    assert json.loads(done.out)["metric"] == "fd21_lite"
    assert "Error: fid21_full failed: out of memory" in done.err
    assert not (place / "00000-suns" / "metric-fid21_full.jsonl").exists()


def test_an_interruption_writes_nothing(metrics, monkeypatch, place, tmp_path):
    calls = []

    def interrupted(images):
        calls.append(len(images))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return fake_features.colours(images)

    fake_features.use(monkeypatch, interrupted)
    done = metrics("--metrics", "fd22_lite", "--batch", "8")
    assert (done.code, done.out) == (130, "")
    assert done.err.splitlines()[-1] == "Cancelled."
    assert not (place / "00000-suns" / "metric-fd22_lite.jsonl").exists()
    assert not list((tmp_path / "cache").rglob("*.safetensors"))


def test_progress_is_told_in_lines_for_other_programs(metrics, monkeypatch):
    fake_features.use(monkeypatch)
    monkeypatch.setattr(bar, "EVERY", 0.0)
    done = metrics("--metrics", "fd50_lite", "--batch", "16", "--progress")
    assert done.code == 0, done.err
    lines = [line.split(" ", 2) for line in done.err.splitlines() if line.startswith("progress ")]
    shares = [float(share) for _, share, _ in lines]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert all(title.strip() for _, _, title in lines)
    assert json.loads(done.out)["metric"] == "fd50_lite", "the value is alone on the other pipe"


def test_pictures_with_transparency_are_refused_by_name(metrics, place, tmp_path, monkeypatch):
    seen = fake_features.use(monkeypatch)
    path = tmp_path / "clear.safetensors"
    G = StyleGAN2Generator(8, 0, 8, 16, img_channels=4, mapping_layers=1, channel_max=8)
    write_snapshot(path, {"G_ema": G})
    pixels = np.zeros((16, 16, 4), np.uint8)
    (tmp_path / "clear").mkdir()
    for i in range(8):
        Image.fromarray(pixels).save(tmp_path / "clear" / f"{i}.png")
    (tmp_path / "clear" / "dataset.json").write_text('{"labels": null, "channels": 4}')
    done = metrics("--metrics", "fd8_lite", "--data", tmp_path / "clear", network=path)
    assert done.code == 1
    assert f"{tmp_path / 'clear'} has transparency, which metrics cannot look at." in done.err
    done = metrics("--metrics", "fd8_lite", "--data", tmp_path / "clear")
    assert "has transparency, which metrics cannot look at." in done.err
    done = metrics("--metrics", "fd8_lite", "--data", place / "suns", network=path)
    assert "16×16 pixels and 4 channels, and metrics look at 1 or 3." in done.err
    asked = Asked(data=str(tmp_path / "clear"), device="cpu", metrics="fd8_lite")
    with pytest.raises(UserError, match="without --channels 4"):
        plan(asked)
    assert not seen
