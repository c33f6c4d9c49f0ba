"""The pipeline on a GPU: the CPU's pictures in float32, nearly those in float16."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from renderer.messages.frame import StatsSpec
from renderer.messages.options import EngineOptions
from renderer.messages.request import AugmentView, LayerView, MixSource, Noise, RenderRequest, Seed
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.synthesis.recordings import Recordings
from tests.paths import DATA

SNAPSHOT = str(DATA / "sg2-uncond-32.pkl")
REQUESTS = [
    RenderRequest(SNAPSHOT, Seed(1)),
    RenderRequest(SNAPSHOT, Seed(1), mix=(MixSource(Seed(2), (0, 0, 0, 0, 0, 0, 1, 1)),)),
    RenderRequest(SNAPSHOT, Seed(1), noise=Noise("random", 5)),
    RenderRequest(SNAPSHOT, Seed(1), view=LayerView("b16.conv1", "atlas")),
]

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]


def apart(a, b):
    return np.abs(a.pixels.astype(int) - b.pixels.astype(int))


@pytest.mark.parametrize(("precision", "levels"), [("float32", 1), ("float16", 6)])
def test_pictures_are_those_of_the_cpu(precision, levels):
    cpu = Pipeline(EngineOptions(device="cpu", threads=1))
    gpu = Pipeline(EngineOptions(device="cuda", precision=precision))
    assert gpu.hello().precision == precision
    for request in REQUESTS:
        assert apart(gpu.render(request), cpu.render(request)).max() <= levels


@pytest.mark.parametrize(
    ("precision", "levels", "off"), [("float32", 1, 1e-3), ("float16", 16, 0.1)]
)
def test_the_discriminator_sees_the_same_draws_on_every_device(precision, levels, off):
    request = RenderRequest(SNAPSHOT, Seed(1), augment=AugmentView(p=0.8, seed=3, draws=12))
    cpu = Pipeline(EngineOptions(device="cpu", threads=1)).render(request)
    gpu = Pipeline(EngineOptions(device="cuda", precision=precision)).render(request)
    differences = apart(gpu, cpu)
    # A flip of a pixel's neighbourhood at a border is worth many levels, but there are few.
    assert np.percentile(differences, 99.5) <= levels
    said, expected = (np.array(x.info.verdict.draws) for x in (gpu, cpu))
    assert np.abs(said - expected).max() <= off * np.abs(expected).max()


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_reuse_never_changes_pixels(precision):
    options = EngineOptions(device="cuda", precision=precision)
    keeping, forgetful = Pipeline(options), Pipeline(options, reuse_bytes=0)
    for request in REQUESTS * 2:
        stats = StatsSpec("b16.conv1", 2)
        a, b = keeping.render(request, stats), forgetful.render(request, stats)
        assert apart(a, b).max() == 0
        assert a.info.stats == b.info.stats
        assert a.info.device.startswith("cuda:0 (")
        assert a.info.device_bytes > 0


def test_the_device_changes_and_changes_back():
    pipeline = Pipeline(EngineOptions(device="cuda"))
    first = pipeline.render(REQUESTS[0])
    pipeline.configure(EngineOptions(device="cpu", threads=1))
    between = pipeline.render(REQUESTS[0])
    assert between.info.device == "cpu"
    assert between.info.reused_stages == 0
    pipeline.configure(EngineOptions(device="cuda"))
    assert apart(pipeline.render(REQUESTS[0]), first).max() == 0


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16"])
def test_stages_are_recorded_and_played_to_the_same_bytes(precision, capsys):
    options = EngineOptions(device="cuda", precision=precision)
    played = Pipeline(options, reuse_bytes=0)
    launched = Pipeline(options, reuse_bytes=0, recordings=Recordings(lambda device: None))
    for request in REQUESTS * 4:
        assert apart(played.render(request), launched.render(request)).max() == 0
    assert capsys.readouterr().err == "", "no stage was refused"
