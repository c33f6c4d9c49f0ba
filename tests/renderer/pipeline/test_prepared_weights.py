"""Prepared weights make pictures faster and change them by rounding; counted, and dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from common.errors import Cancelled
from ops.prepared import PreparedWeights
from ops.prepared.forms import FORMS
from ops.prepared.store import Prepared
from ops.prepared.table import Table
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pipeline import layer_pictures, models, weights
from renderer.pipeline.drafts import SMOOTH
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.synthesis import reuse
from tests.renderer.pipeline.test_drafts import network
from tests.renderer.pipeline.test_drafts import pipeline as known_pipeline


class Always(Table, frozen=True):
    """Prepares whatever can be prepared."""

    def choose(self, channels, use, dtype):
        suiting = [name for name, form in FORMS.items() if form.suits(use, dtype)]
        return suiting[-1]


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    set_bfloat16(monkeypatch, pays=True)
    monkeypatch.setattr(models, "this_machine", lambda: Always("any", 1, ()))


def set_bfloat16(monkeypatch: pytest.MonkeyPatch, *, pays: bool) -> None:
    monkeypatch.setattr(reuse, "bfloat16_pays", lambda: pays)
    monkeypatch.setattr(weights, "bfloat16_pays", lambda: pays)


def prepare(made: Pipeline, cancelled=lambda: False) -> list[str]:
    """Prepare all weights; return the turns that were taken, in order."""
    turns: list[str] = []

    @contextlib.contextmanager
    def turn() -> Iterator[None]:
        turns.append("turn")
        yield

    made.prepare_weights("x", turn, cancelled=cancelled)
    return turns


def test_the_exact_picture_is_the_definition_s_but_for_rounding() -> None:
    request = RenderRequest("x", Seed(3))
    exact = known_pipeline().render(request).pixels
    G = network().eval().requires_grad_(False)
    pipeline = known_pipeline(G)
    ws = torch.from_numpy(pipeline.latent(request))
    with torch.inference_mode():
        plain = layer_pictures.rgba(layer_pictures.picture(G.render(ws)))
    assert np.abs(exact.astype(int) - plain).max() <= 1
    with torch.inference_mode(), PreparedWeights(Always("any", 1, ()).choose).using(torch.float32):
        assert np.array_equal(layer_pictures.rgba(layer_pictures.picture(G.render(ws))), plain)


def test_the_exact_picture_has_the_same_bytes_first_and_later_and_in_every_setting() -> None:
    request = RenderRequest("x", Seed(3))
    made = known_pipeline(draft=[0.0] * 5)
    expected = made.render(request).pixels
    prepare(made)
    made.render(RenderRequest("x", Seed(4)))
    assert np.array_equal(made.render(request).pixels, expected)
    draft = made.render(RenderRequest("x", Seed(5)), drafts=True)
    assert draft.info.draft is not None
    exact = made.render(RenderRequest("x", Seed(5))).pixels
    assert np.abs(draft.pixels.astype(int) - exact).mean() < 1
    options = EngineOptions(device="cpu", threads=1, precision="float32")
    made.configure(options)
    assert np.array_equal(made.render(request).pixels, expected)
    alone = known_pipeline(precision="float32")
    assert np.array_equal(alone.render(request, keep=False).pixels, expected)


def test_the_weights_of_drafts_are_made_piece_by_piece() -> None:
    made = known_pipeline(draft=[0.0] * 5)
    assert not made.weights_to_prepare("x"), "it is not open"
    made.render(RenderRequest("x", Seed(2)))
    assert made.weights_to_prepare("x")
    turns = prepare(made)
    assert len(turns) == 9, "one for each convolution of 3x3"
    assert not made.weights_to_prepare("x")
    made.render(RenderRequest("x", Seed(3)))
    assert not made.weights_to_prepare("x"), "nothing was noted twice"


@pytest.mark.parametrize("pays", [True, False])
def test_pictures_use_them(monkeypatch: pytest.MonkeyPatch, pays: bool) -> None:
    set_bfloat16(monkeypatch, pays=pays)
    used: list[torch.dtype] = []
    convolve = Prepared.__call__

    def watched(self: Prepared, x: torch.Tensor, f: torch.Tensor | None) -> torch.Tensor:
        used.append(self.dtype)
        return convolve(self, x, f)

    monkeypatch.setattr(Prepared, "__call__", watched)
    made = known_pipeline(draft=[0.0] * 5)
    made.render(RenderRequest("x", Seed(2)))
    assert used == [torch.float32] * 9
    assert made.weights_to_prepare("x") == pays, "without bfloat16 they are there"
    prepare(made)
    used.clear()
    made.render(RenderRequest("x", Seed(3)), drafts=True)
    assert used == [torch.bfloat16 if pays else torch.float32] * 9


def test_their_bytes_are_the_network_s_and_go_with_it() -> None:
    made = known_pipeline(draft=[0.0] * 5)
    made.load("x")
    model = made._models.find("x")
    assert model is not None
    alone = model.size
    before = made.render(RenderRequest("x", Seed(2))).info.cache_bytes
    assert model.size == alone + model.prepared.size > alone
    exact = model.prepared.size
    prepare(made)
    assert model.prepared.size > exact
    assert model.size == alone + model.prepared.size
    later = made.render(RenderRequest("x", Seed(2))).info.cache_bytes
    assert later == before + model.prepared.size - exact
    made.configure(EngineOptions(device="cpu", threads=1, precision="bfloat16"))
    made.render(RenderRequest("x", Seed(2)))
    assert model.prepared is None, "another precision is computed as it is defined"
    assert model.size == alone


def test_it_can_be_cancelled_and_goes_on_where_it_was() -> None:
    made = known_pipeline(draft=[0.0] * 5)
    made.render(RenderRequest("x", Seed(2)))
    answers = iter([False, False, True])
    with pytest.raises(Cancelled):
        prepare(made, lambda: next(answers))
    assert made.weights_to_prepare("x")
    assert len(prepare(made)) == 7


def test_nothing_is_prepared_for_pictures_that_are_quick_or_have_no_drafts() -> None:
    quick = known_pipeline(exact=[SMOOTH / 10] * 5)
    exact = known_pipeline(precision="float32")
    for made in (quick, exact):
        made.render(RenderRequest("x", Seed(2)))
        assert not made.weights_to_prepare("x")


def test_weights_that_are_written_to_are_drawn_as_they_are() -> None:
    G = network()
    made = known_pipeline(G, draft=[0.0] * 5)
    made.render(RenderRequest("x", Seed(2)))
    prepare(made)
    with torch.no_grad():
        G.synthesis["b64"].conv1.weight.mul_(torch.linspace(-3, 3, 8)[None, :, None, None])
    expected = known_pipeline(G).render(RenderRequest("x", Seed(3))).pixels
    draft = made.render(RenderRequest("x", Seed(3)), drafts=True)
    assert draft.info.draft is not None
    assert np.abs(draft.pixels.astype(int) - expected).mean() < 1
    assert np.array_equal(made.render(RenderRequest("x", Seed(3))).pixels, expected)


def test_own_measurements_are_read_and_damaged_ones_passed_over(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path))
    read = weights.this_machine.__wrapped__
    assert read() == weights.delivered()
    weights.own_table().parent.mkdir(parents=True)
    weights.own_table().write_text('{"machine": "mine", "threads": 2, "measured": []}')
    assert read() == Table("mine", 2, ())
    weights.own_table().write_text('{"machine": ')
    assert read() == weights.delivered()
    assert str(weights.own_table()) in capsys.readouterr().err
