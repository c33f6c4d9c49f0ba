"""A network without w_avg, without noise and with one row of w goes through the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from msgspec import structs

from common.errors import UserError
from renderer.messages.frame import StatsSpec
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    Average,
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Share,
    Truncation,
)
from renderer.pipeline.pipeline import Pipeline
from tests.tiny_dcgan import TinyDCGAN, tiny_dcgan

REQUEST = RenderRequest("tiny", Seed(7))


@dataclass
class Opened:
    G_ema: TinyDCGAN
    format: str = "none"
    available: tuple[str, ...] = ("G_ema",)
    kimg: float | None = None
    augment_p: float | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    file_bytes: int = 0


@pytest.fixture
def pipeline() -> Pipeline:
    options = EngineOptions(device="cpu", threads=1)
    return Pipeline(options, lambda path, progress, cancelled: Opened(tiny_dcgan()))


def test_its_facts_say_what_it_lacks(pipeline: Pipeline) -> None:
    info = pipeline.load("tiny")
    assert (info.family, info.num_ws, info.w_dim, info.resolution) == ("tiny-dcgan", 1, 5, 16)
    assert not info.truncates
    assert not info.has_noise
    (row,) = info.rows
    assert row.layers == ("up4",)


def test_its_picture_is_that_of_z(pipeline: Pipeline) -> None:
    z = torch.from_numpy(np.random.RandomState(7).randn(1, 5).astype(np.float32))
    img = tiny_dcgan().render(z[:, None])
    expected = (img[0] * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    assert (pipeline.render(REQUEST).pixels[..., :3] == expected).all()
    assert (pipeline.latent(REQUEST) == z[:, None].numpy()).all()


def test_what_it_lacks_has_no_effect_and_is_not_computed_again(pipeline: Pipeline) -> None:
    plain = pipeline.render(REQUEST)
    for changes in (
        {"truncation": Truncation(0.3)},
        {"truncation": Truncation(curve=(0.1, 0.2))},
        {"noise": Noise("random", 5, 2.0)},
        {"noise": Noise("none")},
        {"mix": (MixSource(Seed(1), (0, 1, 1)),)},  # rows that are not there
    ):
        changed = pipeline.render(structs.replace(REQUEST, **changes))
        assert (changed.pixels == plain.pixels).all(), changes
        assert changed.info.reused_stages == changed.info.total_stages == 3, changes
    with pytest.raises(UserError, match="psi must be finite"):
        pipeline.render(structs.replace(REQUEST, truncation=Truncation(float("nan"))))


def test_what_it_has_works_as_everywhere(pipeline: Pipeline, tmp_path) -> None:
    plain = pipeline.render(REQUEST)
    mixed = structs.replace(REQUEST, mix=(MixSource(Seed(1), (1,)),))
    other = pipeline.render(structs.replace(REQUEST, source=Seed(1)))
    assert (pipeline.render(mixed).pixels == other.pixels).all()
    edited = structs.replace(REQUEST, edits=(ChannelEdit("up8", 0, 3.0),))
    assert (pipeline.render(edited).pixels != plain.pixels).any()
    view = structs.replace(REQUEST, view=LayerView("up4", "atlas"))
    seen = pipeline.render(view, StatsSpec("up4"))
    assert seen.info.stats is not None
    assert seen.info.stats.shape == (1, 4, 4, 4)
    pipeline.save_w(mixed, str(tmp_path / "w.npz"))
    saved = structs.replace(REQUEST, source=SavedW(str(tmp_path / "w.npz")))
    assert (pipeline.render(saved).pixels == other.pixels).all()
    np.savez(tmp_path / "rows.npz", w=np.zeros((1, 4, 5), np.float32))
    rows = structs.replace(REQUEST, source=SavedW(str(tmp_path / "rows.npz")))
    with pytest.raises(UserError, match=r"holds 4 rows of 5 numbers, but tiny takes 1 row of 5"):
        pipeline.render(rows)


def test_between_seeds_z_is_as_long_as_it_is_at_them(pipeline: Pipeline, monkeypatch) -> None:
    monkeypatch.setattr(TinyDCGAN, "w_is_z", True)
    assert pipeline.load("tiny").w_is_z
    ends = [pipeline.latent(structs.replace(REQUEST, source=Seed(k)))[0, 0] for k in (0, 1)]
    for x in (0.25, 0.5, 0.9):
        made = pipeline.latent(structs.replace(REQUEST, source=Plane(x=x, y=0)))[0, 0]
        lengths = [float(np.linalg.norm(end)) for end in ends]
        assert np.linalg.norm(made) == pytest.approx(lengths[0] * (1 - x) + lengths[1] * x)
        straight = ends[0] * (1 - x) + ends[1] * x
        cosine = made @ straight / np.linalg.norm(made) / np.linalg.norm(straight)
        assert cosine == pytest.approx(1)
    at = pipeline.latent(structs.replace(REQUEST, source=Plane(x=1, y=0)))[0, 0]
    assert (at == ends[1]).all()


def test_an_average_of_z_is_no_shorter(pipeline: Pipeline, monkeypatch) -> None:
    monkeypatch.setattr(TinyDCGAN, "w_is_z", True)
    parts = tuple(Share(Seed(seed)) for seed in range(3))
    mean = pipeline.latent(structs.replace(REQUEST, source=Average(parts)))[0, 0]
    lengths = [
        np.linalg.norm(pipeline.latent(structs.replace(REQUEST, source=Seed(seed)))[0, 0])
        for seed in range(3)
    ]
    assert np.linalg.norm(mean) == pytest.approx(np.mean(lengths))


def test_a_label_behind_z_is_blended_and_not_lengthened(monkeypatch) -> None:
    """z alone has a length to keep: the length of z and label together says nothing."""
    monkeypatch.setattr(TinyDCGAN, "w_is_z", True)
    opened = Opened(tiny_dcgan())
    opened.G_ema.z_dim, opened.G_ema.c_dim = 3, 2
    monkeypatch.setattr(opened.G_ema, "map", lambda z, c=None: torch.cat([z, c], 1))
    options = EngineOptions(device="cpu", threads=1)
    pipeline = Pipeline(options, lambda path, progress, cancelled: opened)
    source, label = Plane(x=0.5, y=0.0), ClassLabel(1)
    made = pipeline.latent(structs.replace(REQUEST, source=source, label=label))[0, 0]
    assert made[3:].tolist() == [0, 1]
