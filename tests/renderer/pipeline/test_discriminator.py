"""What the discriminator sees and says, through the pipeline, against networks called directly."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from msgspec import structs

from common.errors import Cancelled, UserError
from networks.augment import GROUPS, AugmentPipe
from networks.base import NoiseInput
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from renderer.messages.options import EngineOptions
from renderer.messages.request import AugmentView, ClassLabel, LayerView, RenderRequest, Seed
from renderer.pipeline import discriminator, models
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.snapshot_files import tiny_networks

UNCONDITIONAL, CONDITIONAL = DATA / "sg2-uncond-32.pkl", DATA / "sg2-cond-16.pkl"
EARTH = DATA / "earth64-run" / "network-snapshot-000040.pkl"
OPTIONS = EngineOptions(device="cpu", threads=1)


@pytest.fixture(scope="module")
def drawn():
    shared = Pipeline(OPTIONS)

    def render(path=EARTH, label=None, **view):
        request = RenderRequest(str(path), Seed(7), label, augment=AugmentView(**view))
        return shared.render(request)

    return render


def cells(picture) -> np.ndarray:
    """[draws + 1, S, S, 3]"""
    layout = picture.info.atlas
    shape = (layout.rows, layout.cell, layout.columns, layout.cell, 4)
    grid = picture.pixels.reshape(shape).transpose(0, 2, 1, 3, 4)
    return grid.reshape(-1, layout.cell, layout.cell, 4)[: layout.channels, ..., :3]


@pytest.mark.parametrize(
    ("path", "label"),
    [(UNCONDITIONAL, None), (EARTH, None), (CONDITIONAL, 0), (CONDITIONAL, 3)],
    ids=["uncond", "earth", "class 0", "class 3"],
)
def test_the_verdict_is_d_called_on_the_picture_alone(drawn, path, label) -> None:
    snapshot = open_snapshot(path, names=None)
    G, D = snapshot.G_ema, snapshot.D
    c = None if label is None else torch.eye(G.c_dim)[label : label + 1]
    z = torch.from_numpy(np.random.RandomState(7).randn(1, G.z_dim).astype(np.float32))
    with torch.inference_mode():
        img = G.render(G.map(z, c)[:, None].repeat(1, G.num_ws, 1), NoiseInput("const"))
        expected = float(D(img, c))
    picture = drawn(path, label=None if label is None else ClassLabel(label), draws=3, p=0.0)
    verdict = picture.info.verdict
    assert verdict.clean == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert verdict.run_p == pytest.approx(float(snapshot["augment_pipe"].p))
    assert verdict.transforms == tuple(snapshot["augment_pipe"].config)
    assert not verdict.assumed
    # Where nothing happens every draw is the picture itself, to the bit.
    assert verdict.draws == (verdict.clean,) * 3
    shown = cells(picture)
    assert (shown == shown[0]).all()
    whole = Pipeline(OPTIONS).render(
        RenderRequest(str(path), Seed(7), None if label is None else ClassLabel(label))
    )
    np.testing.assert_array_equal(shown[0], whole.pixels[..., :3])


def test_what_is_shown_is_what_is_judged(drawn) -> None:
    """D on the pixels of each cell says nearly what the verdict says of it."""
    D = open_snapshot(EARTH, names=("D",)).D
    picture = drawn(p=0.9, draws=8, seed=1)
    with torch.inference_mode():
        x = torch.from_numpy(cells(picture)).permute(0, 3, 1, 2).float() / 127.5 - 1
        said = [float(D(one[None])) for one in x]
    expected = np.array([picture.info.verdict.clean, *picture.info.verdict.draws])
    # Colours outside of what a screen can show are cut off.
    assert np.median(np.abs(said - expected)) < 0.05
    assert np.corrcoef(said, expected)[0, 1] > 0.95
    assert len(set(expected.round(3))) > 6


def test_a_blend_of_classes_is_judged_as_the_blend(drawn) -> None:
    snapshot = open_snapshot(CONDITIONAL, names=("G_ema", "D"))
    label = ClassLabel(1, 4, 0.25)
    w = Pipeline(OPTIONS).latent(RenderRequest(str(CONDITIONAL), Seed(7), label))
    c = torch.zeros(1, 5)
    c[0, 1], c[0, 4] = 0.75, 0.25
    with torch.inference_mode():
        expected = float(snapshot.D(snapshot.G_ema.render(torch.from_numpy(w)), c))
    verdict = drawn(CONDITIONAL, label, draws=1, p=0.0).info.verdict
    assert verdict.clean == pytest.approx(expected, rel=1e-4)


def test_the_same_request_gives_the_same_bytes_and_leaves_random_numbers_alone(drawn) -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    states = torch.get_rng_state(), np.random.get_state()[1].copy()
    first, second = drawn(p=0.7, draws=5, seed=3), drawn(p=0.7, draws=5, seed=3)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.info.verdict == second.info.verdict
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (np.random.get_state()[1] == states[1]).all()
    assert drawn(p=0.7, draws=5, seed=4).info.verdict.draws != first.info.verdict.draws


def test_a_draw_does_not_depend_on_how_many_there_are(drawn) -> None:
    few, many = drawn(p=0.7, draws=3, seed=3), drawn(p=0.7, draws=12, seed=3)
    assert many.info.verdict.draws[:3] == few.info.verdict.draws
    np.testing.assert_array_equal(cells(many)[:4], cells(few))
    assert len(set(many.info.verdict.draws)) == 12


def test_more_p_only_ever_adds(drawn) -> None:
    """A draw that p = 0.3 leaves alone was left alone at 0.1, and so on."""
    untouched = []
    for p in (0.02, 0.1, 0.3, 0.8):
        shown = cells(drawn(p=p, draws=32, seed=5)).astype(int)
        # Resampling that moves nothing may change the last level.
        same = np.abs(shown[1:] - shown[0]).max((1, 2, 3)) <= 1
        untouched.append({int(i) for i in np.flatnonzero(same)})
    assert untouched[0] >= untouched[1] >= untouched[2] >= untouched[3]
    assert len(untouched[0]) > len(untouched[2]), "p changes nothing"


def test_p_of_the_run_is_what_none_means(drawn) -> None:
    own = drawn(draws=4, seed=2)
    run_p = own.info.verdict.run_p
    assert own.info.verdict.p == run_p == pytest.approx(0.0896, abs=1e-6)
    assert drawn(draws=4, seed=2, p=run_p).info.verdict.draws == own.info.verdict.draws


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        ({"p": 1.5}, "between 0 and 1, not 1.5"),
        ({"p": float("nan")}, "between 0 and 1"),
        ({"seed": -1}, "Seed -1 is out of range"),
    ],
)
def test_what_cannot_be_drawn_is_said(drawn, view, reason) -> None:
    with pytest.raises(UserError, match=reason):
        drawn(**view)


def test_a_view_of_a_layer_does_not_get_in_the_way(drawn) -> None:
    request = RenderRequest(str(EARTH), Seed(7), augment=AugmentView(draws=2, seed=2))
    looking = structs.replace(request, view=LayerView("no such layer"))
    picture = Pipeline(OPTIONS).render(looking)
    np.testing.assert_array_equal(picture.pixels, drawn(draws=2, seed=2).pixels)


def test_a_snapshot_without_d_says_so(tmp_path) -> None:
    networks = tiny_networks()
    alone, both = tmp_path / "earth.safetensors", tmp_path / "two.safetensors"
    write_snapshot(alone, {"G_ema": networks["G_ema"]})
    write_snapshot(both, {"G_ema": networks["G_ema"], "G": networks["G_ema"]})
    asked = AugmentView()
    with pytest.raises(UserError) as failure:
        Pipeline(OPTIONS).render(RenderRequest(str(alone), augment=asked))
    assert failure.value.message == "earth.safetensors holds only the averaged generator."
    assert failure.value.remedy == "Open a training snapshot."
    with pytest.raises(UserError, match=r"two.safetensors holds no D \(G_ema, G\)"):
        Pipeline(OPTIONS).render(RenderRequest(str(both), augment=asked))


def test_without_a_pipeline_the_usual_one_is_assumed(tmp_path) -> None:
    path = tmp_path / "a.safetensors"
    write_snapshot(path, tiny_networks())
    made = Pipeline(OPTIONS)
    own = made.render(RenderRequest(str(path), augment=AugmentView(draws=4))).info.verdict
    assert (own.p, own.run_p, own.assumed) == (0.0, None, True)
    assert own.draws == (own.clean,) * 4
    more = made.render(RenderRequest(str(path), augment=AugmentView(p=0.8, draws=4))).info.verdict
    assert more.transforms == tuple(GROUPS["bgc"])
    assert len(set(more.draws)) > 1


def test_networks_that_do_not_fit_each_other_are_refused(tmp_path) -> None:
    networks = tiny_networks()
    path = tmp_path / "a.safetensors"
    write_snapshot(path, {"G_ema": networks["G_ema"], "D": tiny_networks(c_dim=3)["D"]})
    with pytest.raises(UserError, match="8x8x3 and 3 classes"):
        Pipeline(OPTIONS).render(RenderRequest(str(path), augment=AugmentView()))


def test_d_is_opened_when_it_is_asked_for_and_goes_with_its_generator(tmp_path, monkeypatch):
    opened = []

    def spy(info, stop):
        opened.append(info.name)
        return discriminator.open_discriminator(info, stop)

    monkeypatch.setattr(models, "open_discriminator", spy)
    paths = [str(shutil.copy(UNCONDITIONAL, tmp_path / f"{i}.pkl")) for i in range(4)]
    bare = Pipeline(OPTIONS).render(RenderRequest(paths[0])).info.cache_bytes
    made = Pipeline(EngineOptions(device="cpu", threads=1, cache_bytes=1), reuse_bytes=0)
    plain = made.render(RenderRequest(paths[0])).info.cache_bytes
    assert opened == []
    asked = AugmentView(draws=1)
    for _ in range(2):
        with_d = made.render(RenderRequest(paths[0], augment=asked)).info.cache_bytes
    assert opened == ["0.pkl"], "opened once, and only when asked for"
    assert plain < with_d
    assert plain <= bare
    for path in paths[1:]:
        size = made.render(RenderRequest(path, augment=asked)).info.cache_bytes
        assert size == with_d, "what is not shown any more is gone, D and all"
    made.render(RenderRequest(paths[0], augment=asked))
    assert opened == ["0.pkl", "1.pkl", "2.pkl", "3.pkl", "0.pkl"]


def test_drawing_stops_between_draws_and_goes_on_from_there(monkeypatch) -> None:
    calls = []
    augment = AugmentPipe.forward

    def counted(self, images, *args, **kwargs):
        calls.append(1)
        return augment(self, images, *args, **kwargs)

    monkeypatch.setattr(AugmentPipe, "forward", counted)
    request = RenderRequest(str(EARTH), augment=AugmentView(p=0.5, draws=20))
    made = Pipeline(OPTIONS)
    with pytest.raises(Cancelled):
        made.render(request, cancelled=lambda: len(calls) >= 4)
    assert len(calls) == 4
    picture = made.render(request)
    assert len(calls) == 20, "what was known when it was stopped is not drawn again"
    more = structs.replace(request, augment=AugmentView(p=0.5, draws=22))
    assert made.render(more).info.verdict.draws[:20] == picture.info.verdict.draws
    assert len(calls) == 22
    made.render(structs.replace(more, source=Seed(3)))
    made.render(structs.replace(request, augment=AugmentView(p=0.6, draws=3)))
    assert len(calls) == 22 + 22 + 3
    again = made.render(request)
    assert len(calls) == 22 + 22 + 3 + 20, "only what is shown is kept"
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    assert again.info.verdict == picture.info.verdict


@pytest.mark.parametrize("resolution", [8, 64, 512, 1024, 2048])
@pytest.mark.parametrize("count", [1, 2, 9, 33, 65])
def test_the_grid_stays_small_and_keeps_every_pixel_where_it_can(count, resolution) -> None:
    layout = discriminator.grid_of(count, resolution)
    pixels = layout.rows * layout.columns * layout.cell**2
    assert layout.rows * layout.columns >= count == layout.channels
    assert pixels <= discriminator.MAX_PIXELS
    whole = layout.rows * layout.columns * resolution**2
    assert layout.cell == resolution or whole > discriminator.MAX_PIXELS
    assert pixels > 0.2 * discriminator.MAX_PIXELS or layout.cell == resolution


def test_large_pictures_are_averaged_down(drawn, monkeypatch) -> None:
    whole = cells(drawn(draws=3, p=0.0))
    monkeypatch.setattr(discriminator, "MAX_PIXELS", 4 * 32 * 32)
    small = cells(drawn(draws=3, p=0.0))
    expected = whole.reshape(4, 32, 2, 32, 2, 3).mean((2, 4))
    assert small.shape == (4, 32, 32, 3)
    assert np.abs(small - expected).max() <= 1.5


def test_d_opens_beside_pictures_and_a_refusal_lasts_until_the_file_changes(tmp_path) -> None:
    path = tmp_path / "a.safetensors"
    write_snapshot(path, {"G_ema": tiny_networks()["G_ema"]})
    made = Pipeline(OPTIONS)
    request = RenderRequest(str(path), augment=AugmentView(draws=1))
    made.load(str(path))
    assert made.ready(structs.replace(request, augment=None))
    assert not made.ready(request)
    looking = structs.replace(request, view=LayerView("b8.conv0"))
    assert not made.ready(looking), "the view of a layer gives way to what D sees"
    made.prepare(request)
    assert made.ready(request), "there is no more to open"
    for _ in range(2):
        with pytest.raises(UserError, match="only the averaged generator"):
            made.render(request)
    write_snapshot(path, tiny_networks())
    made.load(str(path))
    assert not made.ready(request)
    with pytest.raises(Cancelled):
        made.prepare(request, lambda: True)
    made.prepare(request)
    made.prepare(request)
    assert made.ready(request)
    assert made.render(request).info.verdict is not None


def test_a_fault_in_opening_d_is_told_by_the_picture(monkeypatch) -> None:
    def broken(info, stop):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(models, "open_discriminator", broken)
    made = Pipeline(OPTIONS)
    request = RenderRequest(str(EARTH), augment=AugmentView(draws=1))
    made.load(str(EARTH))
    made.prepare(request)
    assert made.ready(request), "it is not asked for again and again"
    with pytest.raises(UserError, match="ZeroDivisionError: a bug"):
        made.render(request)
