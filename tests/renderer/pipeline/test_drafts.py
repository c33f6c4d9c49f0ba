"""Drafts: when they are drawn, from which stage, and that no exact picture is made of one."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch

from common.errors import Cancelled
from networks.families.stylegan2.generator import StyleGAN2Generator
from renderer.bench.benchmark import Snapshot
from renderer.messages.frame import Draft
from renderer.messages.options import EngineOptions
from renderer.messages.request import ChannelEdit, LayerView, RenderRequest, Seed
from renderer.pipeline import drafts
from renderer.pipeline.drafts import BUDGET, GUESS, SMOOTH, Paces
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.synthesis import reuse

SLOW = [SMOOTH * s for s in (0.1, 0.1, 0.1, 0.1, 1.0)]  # seconds of each stage


class Known(Paces):
    """What stages take, known from the start."""

    def __init__(self, exact: list[float], draft: list[float]) -> None:
        super().__init__()
        self.table = {False: exact, True: draft}

    def timed(self, kind, stage, *, draft):
        return contextlib.nullcontext()

    def expected(self, kind, stages, *, draft):
        return sum(self.table[draft][stage] for stage in stages)


def network(**config: object) -> StyleGAN2Generator:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return StyleGAN2Generator(
            8, 0, 8, 64, mapping_layers=1, channel_base=512, channel_max=32, **config
        ).eval()


def pipeline(G=None, exact=SLOW, draft=SLOW, precision="auto") -> Pipeline:
    G = G or network()
    made = Pipeline(
        EngineOptions(device="cpu", threads=1, precision=precision),
        lambda path, progress, cancelled: Snapshot(G),
    )
    made._synthesis._paces = Known(exact, draft)
    return made


@pytest.fixture(autouse=True)
def _bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "bfloat16_pays", lambda: True)


def test_what_is_drawn_follows_from_what_stages_took() -> None:
    """The last stage whose draft fits the budget, or the fastest; or the exact picture."""

    def after(stage: int) -> range:
        return range(stage + 1)

    def choose(exact: list[float], draft: list[float], candidates=(3, 2, 1)) -> int | None:
        return Known(exact, draft).choose("kind", range(4), candidates, after)

    quick, slow = [SMOOTH / 8] * 4, [BUDGET] * 4
    assert choose(quick, quick) is None, "it is ready at once"
    assert choose(slow, [BUDGET / 4] * 4) == 3
    assert choose(slow, [BUDGET / 3] * 4) == 2
    assert choose(slow, slow) == 1, "none fits, and this one is the fastest"
    assert choose(slow, slow, (3,)) is None, "it would take as long as the exact picture"
    assert Paces().choose("kind", range(4), (3,), after) is None, "nothing is known yet"


def test_paces_are_learnt_for_each_kind_of_network_and_follow_the_machine(monkeypatch) -> None:
    clock = iter([0.0, 4.0, 10.0, 12.0])
    monkeypatch.setattr(drafts.time, "perf_counter", lambda: next(clock))
    paces = Paces()
    for _ in range(2):
        with paces.timed("large", 0, draft=False):
            pass
    assert paces.expected("large", [0], draft=False) == 3.0
    assert paces.expected("large", [0], draft=True) == 3.0 * GUESS, "less, so that it is tried"
    assert paces.expected("small", [0], draft=False) is None
    paces.clear()
    assert paces.expected("large", [0], draft=False) is None


def test_drafts_that_have_become_faster_are_measured_anew(monkeypatch) -> None:
    clock = iter([0.0, 1.0, 1.0, 2.0, 2.0, 3.0])
    monkeypatch.setattr(drafts.time, "perf_counter", lambda: next(clock))
    paces = Paces()
    for kind, draft in (("large", False), ("large", True), ("small", True)):
        with paces.timed(kind, 0, draft=draft):
            pass
    paces.forget_drafts("large")
    assert paces.expected("large", [0], draft=True) == GUESS
    assert paces.expected("large", [0], draft=False) == 1.0
    assert paces.expected("small", [0], draft=True) == 1.0


def test_a_draft_is_near_and_the_exact_picture_is_not_made_of_it() -> None:
    request = RenderRequest("x", Seed(3))
    expected = pipeline().render(request).pixels
    made = pipeline(draft=[0.0] * 5)
    draft = made.render(request, drafts=True)
    assert draft.info.draft == Draft(64, "bfloat16")
    apart = np.abs(draft.pixels.astype(int) - expected)
    assert 0 < apart.mean() < 1
    exact = made.render(request)
    assert exact.info.draft is None
    assert np.array_equal(exact.pixels, expected)
    again = made.render(request, drafts=True)
    assert np.array_equal(again.pixels, expected), "the exact picture is there already"


def test_what_a_thumbnail_was_made_of_takes_no_room() -> None:
    made = pipeline(exact=[0.2] * 5, draft=[0.0, 0.0, 0.0, 0.0, 0.1])
    made.load("x")
    kept = made.render(RenderRequest("x", Seed(2))).info.cache_bytes
    drawn = made.render(RenderRequest("x", Seed(3)), keep=False, drafts=True)
    assert drawn.info.draft == Draft(64, "bfloat16"), "with the colours of all stages"
    assert drawn.info.cache_bytes == kept


def test_a_draft_of_a_lower_stage_has_the_size_and_the_place_of_the_picture() -> None:
    request = RenderRequest("x", Seed(3))
    expected = pipeline().render(request).pixels
    draft = pipeline(draft=[0.0, 0.0, 0.0, 0.0, 1.0]).render(request, drafts=True)
    assert draft.info.draft == Draft(32, "bfloat16")
    assert draft.pixels.shape == expected.shape
    halves = [p[..., :3].reshape(32, 2, 32, 2, 3).mean((1, 3)) for p in (draft.pixels, expected)]
    moved = [np.abs(halves[0] - np.roll(halves[1], by, 0)).mean() for by in (0, 1)]
    assert moved[0] < moved[1]


@pytest.mark.parametrize(
    ("options", "request_"),
    [
        ({"precision": "float32"}, RenderRequest("x", Seed(3))),
        ({}, RenderRequest("x", Seed(3), view=LayerView("b8.conv0"))),
        ({"exact": [0.0] * 5}, RenderRequest("x", Seed(3))),
        ({"G": network(architecture="orig"), "draft": [1.0] * 5}, RenderRequest("x", Seed(3))),
    ],
)
def test_where_there_is_no_draft(options, request_) -> None:
    made = pipeline(**{"draft": [0.0] * 5, **options})
    assert made.render(request_, drafts=True).info.draft is None


def test_a_network_whose_pictures_do_not_grow_is_drafted_to_its_end() -> None:
    made = pipeline(network(architecture="resnet"), draft=[0.0, 0.0, 0.0, 0.0, 0.01])
    draft = made.render(RenderRequest("x", Seed(3)), drafts=True).info.draft
    assert draft == Draft(64, "bfloat16")


def test_edits_are_seen_in_drafts_and_a_draft_can_be_cancelled() -> None:
    made = pipeline(draft=[0.0] * 5)
    plain, edited = (
        made.render(RenderRequest("x", Seed(3), edits=edits), drafts=True)
        for edits in ((), (ChannelEdit("b8.conv0", 1, 5.0),))
    )
    assert edited.info.draft is not None
    assert not np.array_equal(plain.pixels, edited.pixels)
    layers = iter(range(100))
    with pytest.raises(Cancelled):
        made.render(RenderRequest("x", Seed(4)), cancelled=lambda: next(layers) > 5, drafts=True)
    assert made.render(RenderRequest("x", Seed(4)), drafts=True).info.draft is not None


def test_features_are_in_bfloat16_only_while_drafting() -> None:
    G = network()
    seen: list[torch.dtype] = []

    def tap(name: str, x: torch.Tensor) -> torch.Tensor:
        if "conv" in name:
            seen.append(x.dtype)
        return x

    with torch.inference_mode():
        ws = torch.randn(1, G.num_ws, 8)
        with G.drafting():
            img = G.render(ws, tap=tap)
        assert set(seen) == {torch.bfloat16}
        assert img.dtype == torch.float32
        seen.clear()
        G.render(ws, tap=tap)
        assert set(seen) == {torch.float32}
