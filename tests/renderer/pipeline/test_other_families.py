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
    ChannelEdit,
    LayerView,
    MixSource,
    Noise,
    RenderRequest,
    SavedW,
    Seed,
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
    with pytest.raises(UserError, match=r"holds 4 rows of w, but tiny takes 1"):
        pipeline.render(rows)
