"""What a picture is, and that work already done is never redone and never changes it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from common.errors import Cancelled, UserError
from renderer.messages.bending import Bend
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
    Spectrum,
    Truncation,
)
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.toy_generator import ToyGenerator, ToySnapshot, open_toy, write_toy


@pytest.fixture
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1), open_toy)


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path / "a.toy")


def opener(generator):
    return lambda path, progress, cancelled: ToySnapshot(generator)


def rgb(pipeline, request):
    return pipeline.render(request).pixels[..., :3]


def same(a, b):
    return np.array_equal(a, b)


# -- the latent ------------------------------------------------------------------------------


def test_a_seed_is_mapped_drawn_and_converted_as_the_tools_do(tmp_path):
    generator = ToyGenerator().requires_grad_(False)
    pipeline = Pipeline(EngineOptions(threads=1), opener(generator))
    picture = pipeline.render(RenderRequest(snapshot="x", source=Seed(7)))
    z = torch.from_numpy(np.random.RandomState(7).randn(1, 6).astype(np.float32))
    img = generator.render(generator.map(z)[:, None].expand(-1, 7, -1))
    expected = (img * 127.5 + 128).clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0).numpy()
    assert same(picture.pixels[..., :3], expected)
    assert (picture.pixels[..., 3] == 255).all()
    assert picture.pixels.flags.c_contiguous


def test_the_plane_is_exact_at_seeds_wraps_and_blends_in_w_between(pipeline, toy):
    seed = RenderRequest(snapshot=toy, source=Seed(3 + 2 * 100))
    assert same(rgb(pipeline, seed), rgb(pipeline, RenderRequest(toy, Plane(3, 2))))
    wrapped = RenderRequest(toy, Seed(2**32 - 1))
    assert same(rgb(pipeline, wrapped), rgb(pipeline, RenderRequest(toy, Plane(-1, 0))))
    w = [pipeline.latent(RenderRequest(toy, Seed(s))) for s in (3, 4, 13, 14)]
    blend = pipeline.latent(RenderRequest(toy, Plane(3.25, 1.5, step=10)))
    w = [pipeline.latent(RenderRequest(toy, Seed(s))) for s in (13, 14, 23, 24)]
    expected = 0.5 * (0.75 * w[0] + 0.25 * w[1]) + 0.5 * (0.75 * w[2] + 0.25 * w[3])
    np.testing.assert_allclose(blend, expected, rtol=0, atol=1e-6)


def test_classes_blend_in_w_and_default_to_the_first(pipeline, tmp_path):
    path = write_toy(tmp_path / "c.toy", "c_dim=3")
    w = [pipeline.latent(RenderRequest(path, Seed(1), ClassLabel(c))) for c in range(3)]
    assert not same(w[0], w[2])
    assert same(pipeline.latent(RenderRequest(path, Seed(1))), w[0])
    blend = pipeline.latent(RenderRequest(path, Seed(1), ClassLabel(0, 2, 0.25)))
    np.testing.assert_allclose(blend, 0.75 * w[0] + 0.25 * w[2], rtol=0, atol=1e-6)
    assert same(pipeline.latent(RenderRequest(path, Seed(1), ClassLabel(0, 2, 1.0))), w[2])
    with pytest.raises(UserError, match=r"no class 3.*0 to 2"):
        pipeline.render(RenderRequest(path, Seed(1), ClassLabel(3)))


def test_truncation_moves_the_first_rows_and_a_curve_every_row(pipeline, toy):
    avg = ToyGenerator().w_avg.numpy()
    w = pipeline.latent(RenderRequest(toy, Seed(5)))
    cut = pipeline.latent(RenderRequest(toy, Seed(5), truncation=Truncation(0.5, 2)))
    np.testing.assert_allclose(cut[:, :2], avg + (w[:, :2] - avg) * 0.5, atol=1e-6)
    assert same(cut[:, 2:], w[:, 2:])
    curve = (0.0, 1.0, -1.0)
    bent = pipeline.latent(RenderRequest(toy, Seed(5), truncation=Truncation(0.5, 2, curve)))
    np.testing.assert_allclose(bent[:, 0], avg[None], atol=1e-6)
    np.testing.assert_allclose(bent[:, 2], avg - (w[:, 2] - avg), atol=1e-6)
    assert same(bent[:, (1, 3, 4, 5, 6)], w[:, (1, 3, 4, 5, 6)])


def test_mixing_replaces_rows_exactly_shares_and_normalises(pipeline, toy):
    a, b, c = (pipeline.latent(RenderRequest(toy, Seed(s))) for s in (1, 2, 3))

    def mixed(*mix):
        return pipeline.latent(RenderRequest(toy, Seed(1), mix=mix))

    replaced = mixed(MixSource(Seed(2), (0, 1, 1, 0)))
    assert same(replaced[:, 1:3], b[:, 1:3])
    assert same(replaced[:, (0, 3, 4, 5, 6)], a[:, (0, 3, 4, 5, 6)])
    shared = mixed(MixSource(Seed(2), (0.25,)), MixSource(Seed(3), (0.5,)))
    np.testing.assert_allclose(shared[:, 0], 0.25 * (a + b + 2 * c)[:, 0], atol=1e-6)
    full = mixed(MixSource(Seed(2), (1.0,)), MixSource(Seed(3), (3.0,)))
    np.testing.assert_allclose(full[:, 0], 0.5 * (b + c)[:, 0], atol=1e-6)
    assert same(mixed(MixSource(Seed(2), (1.0,) * 99, enabled=False)), a)
    assert same(mixed(MixSource(Seed(2), (1.0,) * 99)), b)


def test_an_average_is_the_weighted_mean_of_what_its_pictures_are_drawn_from(pipeline, toy):
    shares = (
        Share(Seed(1), 3.0, truncation=Truncation(0.5)),
        Share(Plane(0.5, 0.25), 1.0, mix=(MixSource(Seed(9), (1.0,)),)),
    )
    w = [
        pipeline.latent(RenderRequest(toy, share.source, None, share.truncation, share.mix))
        for share in shares
    ]
    mean = pipeline.latent(RenderRequest(toy, Average(shares)))
    np.testing.assert_allclose(mean, 0.75 * w[0] + 0.25 * w[1], rtol=1e-5, atol=1e-6)
    alone = Average((shares[0], structs.replace(shares[1], weight=0.0)))
    assert same(pipeline.latent(RenderRequest(toy, alone)), w[0])
    nothing = Average(tuple(structs.replace(share, weight=0.0) for share in shares))
    for source in (nothing, Average(())):
        with pytest.raises(UserError, match="add up to nothing"):
            pipeline.latent(RenderRequest(toy, source))


def test_a_style_mix_equals_truncating_first_and_replacing_rows_then(pipeline, toy):
    generator = ToyGenerator().requires_grad_(False)
    psi = 0.7
    w = [
        generator.w_avg
        + (torch.from_numpy(pipeline.latent(RenderRequest(toy, s))) - generator.w_avg) * psi
        for s in (Seed(1), Seed(2))
    ]
    w[0][:, [1, 4]] = w[1][:, [1, 4]]
    request = RenderRequest(
        toy, Seed(1), truncation=Truncation(psi), mix=(MixSource(Seed(2), (0, 1, 0, 0, 1)),)
    )
    assert same(pipeline.latent(request), w[0].numpy())


# -- saved w ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4,), (2, 4), (2, 7, 4)])
@pytest.mark.parametrize("kind", ["npz", "npy"])
def test_saved_w_of_every_shape(pipeline, toy, tmp_path, shape, kind):
    w = np.random.RandomState(0).randn(*shape).astype(np.float32)
    path = tmp_path / f"잠재 w.{kind}"
    np.savez(path, w=w) if kind == "npz" else np.save(path, w)
    index = len(shape) - 1 if len(shape) == 2 else 0
    found = pipeline.latent(RenderRequest(toy, SavedW(str(path), index)))
    expected = w if len(shape) == 1 else w[index]
    assert same(found[0], np.broadcast_to(expected, (7, 4)))


def test_what_save_w_writes_draws_the_same_picture(pipeline, toy, tmp_path):
    request = RenderRequest(
        toy, Plane(0.5, 0.25), truncation=Truncation(0.6), mix=(MixSource(Seed(9), (0.5, 1)),)
    )
    path = tmp_path / "w.npz"
    pipeline.save_w(request, str(path))
    assert same(rgb(pipeline, RenderRequest(toy, SavedW(str(path)))), rgb(pipeline, request))
    assert [p.name for p in tmp_path.iterdir() if "w.npz" in p.name] == ["w.npz"]
    with pytest.raises(UserError, match="Cannot write"):
        pipeline.save_w(request, str(tmp_path / "no" / "w.npz"))


def bad_w(tmp_path):
    def save(name, **arrays):
        np.savez(tmp_path / name, **arrays)
        return str(tmp_path / name)

    ones = np.ones
    text = tmp_path / "text.npz"
    text.write_text("hello")
    half = tmp_path / "half.npz"
    half.write_bytes(Path(save("whole.npz", w=ones(4))).read_bytes()[:-30])
    return {
        r"none\.npz: no such file": (str(tmp_path / "none.npz"), 0),
        r"no array named w \(it holds z\)": (save("z.npz", z=ones(4)), 0),
        r"7 rows of 5 numbers, but a.* 7 rows of 4": (
            save("wide.npz", w=ones((1, 7, 5))),
            0,
        ),
        r"6 rows of 4 numbers, but a.* 7 rows of 4": (
            save("rows.npz", w=ones((1, 6, 4))),
            0,
        ),
        r"not finite": (save("nan.npz", w=np.array([0, 1, np.nan, 0])), 0),
        r"no latent number 2.*holds 2": (save("two.npz", w=ones((2, 4))), 2),
        r"no latent number -1": (save("one.npz", w=ones((2, 4))), -1),
        r"\[1, 1, 1, 4\]": (save("axes.npz", w=ones((1, 1, 1, 4))), 0),
        r"of <U3": (save("words.npz", w=np.array(["abc"])), 0),
        r"text\.npz is no readable": (str(text), 0),
        r"half\.npz is no readable": (str(half), 0),
        r"an array \[2\] of object": (save("object.npz", w=np.array([{}, None])), 0),
    }


def test_saved_w_that_cannot_be_used_says_why(pipeline, toy, tmp_path):
    for message, (path, index) in bad_w(tmp_path).items():
        with pytest.raises(UserError, match=message):
            pipeline.render(RenderRequest(toy, SavedW(path, index)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (np.ones((6, 4), "<f4").tobytes(), r"a drag .* 24 numbers, but a\.toy takes 7 rows of 4"),
        (np.ones(4, "<f4").tobytes(), "has 4 numbers"),
        (b"odd!five", "has 2 numbers"),
        (np.full((7, 4), np.nan, "<f4").tobytes(), "not finite"),
    ],
)
def test_a_carried_w_that_cannot_be_used_says_why(pipeline, toy, data, said):
    with pytest.raises(UserError, match=said):
        pipeline.render(RenderRequest(toy, SavedW("/gone.npz", data=data)))


def test_a_carried_w_is_drawn_without_its_file_also_where_it_is_mixed_in(pipeline, toy, tmp_path):
    request = RenderRequest(toy, Seed(9))
    carried = SavedW("/gone.npz", 5, pipeline.latent(request).astype("<f4").tobytes())
    drawn = pipeline.render(RenderRequest(toy, carried))
    assert same(drawn.pixels, pipeline.render(request).pixels)
    assert drawn.info.latents == 1
    mix = (MixSource(carried, (1.0,) * 7),)
    assert same(rgb(pipeline, RenderRequest(toy, Seed(1), mix=mix)), rgb(pipeline, request))


def test_a_saved_w_that_changes_is_read_again(pipeline, toy, tmp_path):
    path = tmp_path / "w.npy"
    for value in (1.0, 2.0):
        np.save(path, np.full(4, value))
        os.utime(path, ns=(0, int(value)))
        assert (pipeline.latent(RenderRequest(toy, SavedW(str(path)))) == value).all()


# -- reuse -----------------------------------------------------------------------------------

layers = st.sampled_from([f"b{r}.{n}" for r in (4, 8, 16) for n in ("conv0", "conv1", "torgb")])
unit = st.sampled_from([0.0, 0.25, 1.0])
seeds = st.builds(Seed, st.integers(0, 2))
sources = seeds | st.builds(Plane, st.sampled_from([0, 0.5, 1.75]), st.sampled_from([0, 0.5]))
steps = st.one_of(
    st.fixed_dictionaries({"source": sources}),
    st.fixed_dictionaries(
        {"truncation": st.builds(Truncation, st.sampled_from([0.5, 1.0]), st.integers(0, 8))}
    ),
    st.fixed_dictionaries(
        {
            "mix": st.lists(
                st.builds(MixSource, seeds, st.lists(unit, max_size=8).map(tuple)), max_size=2
            ).map(tuple)
        }
    ),
    st.fixed_dictionaries(
        {
            "noise": st.builds(
                Noise,
                st.sampled_from(["none", "const", "random"]),
                st.integers(0, 1),
                unit,
                st.lists(st.tuples(layers, unit), max_size=2).map(tuple),
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "edits": st.lists(
                st.builds(ChannelEdit, layers, st.integers(0, 6), unit), max_size=3
            ).map(tuple)
        }
    ),
    st.fixed_dictionaries(
        {
            "view": st.none()
            | st.builds(
                LayerView,
                layers,
                st.sampled_from(["rgb", "channel", "atlas"]),
                st.integers(0, 5),
                spectrum=st.none() | st.just(Spectrum()),
            )
        }
    ),
)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(steps, st.none() | layers), min_size=1, max_size=10))
def test_reuse_never_changes_pixels_or_statistics(tmp_path, changes):
    path = write_toy(tmp_path / "a.toy")
    options = EngineOptions(threads=1)
    keeping = Pipeline(options, open_toy)
    cramped = Pipeline(options, open_toy, reuse_bytes=9000)
    forgetful = Pipeline(options, open_toy, reuse_bytes=0)
    request = RenderRequest(path)
    for change, looked in changes:
        request = structs.replace(request, **change)
        stats = StatsSpec(looked, 1, 8) if looked else None
        fresh = forgetful.render(request, stats)
        assert fresh.info.reused_stages == 0
        for pipeline in (keeping, cramped):
            picture = pipeline.render(request, stats)
            assert same(picture.pixels, fresh.pixels)
            assert picture.info.stats == fresh.info.stats
            assert picture.info.atlas == fresh.info.atlas


def reuse_after(change, first=None, stats=None, then=None):
    """Stages run by the second of two requests, of a network with three."""
    generator = ToyGenerator()
    pipeline = Pipeline(EngineOptions(threads=1), opener(generator))
    request = structs.replace(RenderRequest("x", Seed(1)), **(first or {}))
    pipeline.render(request, stats)
    before = generator.runs
    info = pipeline.render(structs.replace(request, **change), then or stats).info
    runs = [b - a for a, b in zip(before, generator.runs, strict=True)]
    assert info.reused_stages == info.total_stages - sum(runs)
    return runs


def test_only_stages_whose_inputs_changed_run_again():
    assert reuse_after({}) == [0, 0, 0]
    assert reuse_after({"source": Seed(2)}) == [1, 1, 1]
    assert reuse_after({"mix": (MixSource(Seed(2), (0,) * 5 + (1, 1)),)}) == [0, 0, 1]
    assert reuse_after({"truncation": Truncation(0.5, 5)}, {"truncation": Truncation(0.5, 6)}) == [
        0,
        0,
        1,
    ]
    assert reuse_after({"noise": Noise(layers=(("b8.conv1", 2.0),))}) == [0, 1, 1]
    assert reuse_after({"noise": Noise(seed=4)}) == [0, 0, 0]
    assert reuse_after({"noise": Noise("random", 4)}, {"noise": Noise("random", 3)}) == [1, 1, 1]
    assert reuse_after({"edits": (ChannelEdit("b16.conv0", 1),)}) == [0, 0, 1]
    assert reuse_after({"bends": (Bend("b8.conv1", "blur", 1.0),)}) == [0, 1, 1]


def test_a_view_runs_no_further_than_its_layer_and_is_itself_kept():
    view = {"view": LayerView("b8.conv1")}
    assert reuse_after({"source": Seed(2), **view}) == [1, 1, 0]
    assert reuse_after(view) == [0, 1, 0]
    assert reuse_after({"view": LayerView("b8.conv1", "atlas")}, view) == [0, 0, 0]
    assert reuse_after({"view": None}, view) == [0, 0, 1]
    assert reuse_after({}, stats=None, then=StatsSpec("b4.conv0")) == [1, 0, 0]


def test_a_layer_watched_beside_the_picture_costs_no_second_run():
    generator = ToyGenerator()
    pipeline = Pipeline(EngineOptions(threads=1), opener(generator))
    view = LayerView("b8.conv1", "atlas")
    for seed in range(3):
        pipeline.render(RenderRequest("x", Seed(seed)))
        pipeline.render(RenderRequest("x", Seed(seed), view=view))
    assert generator.runs == [3, 4, 3]  # the first time nobody knew


# -- edits, noise, statistics ----------------------------------------------------------------


def test_an_edit_scales_one_channel_and_what_the_network_lacks_is_ignored(pipeline, toy):
    plain = RenderRequest(toy, Seed(1))
    stats = StatsSpec("b8.conv0", 2)
    before = pipeline.render(plain, stats).info.stats
    edited = structs.replace(plain, edits=(ChannelEdit("b8.conv0", 2, -2.0),))
    after = pipeline.render(edited, stats)
    assert after.info.stats.selected.mean == pytest.approx(-2 * before.selected.mean, rel=1e-5)
    assert not same(after.pixels, pipeline.render(plain).pixels)
    foreign = structs.replace(
        plain,
        edits=(ChannelEdit("b64.conv0", 0), ChannelEdit("b8.conv0", 99)),
        noise=Noise(layers=(("b64.conv0", 0.0),)),
        mix=(MixSource(Seed(4), (0,) * 7 + (1,)),),
    )
    picture = pipeline.render(foreign, StatsSpec("b64.conv0"))
    assert same(picture.pixels, pipeline.render(plain).pixels)
    assert picture.info.stats is None


def test_random_noise_is_a_function_of_its_seed(pipeline, toy):
    def noisy(mode, seed=0, strength=1.0):
        return rgb(pipeline, RenderRequest(toy, noise=Noise(mode, seed, strength)))

    assert same(noisy("random", 1), noisy("random", 1))
    assert not same(noisy("random", 1), noisy("random", 2))
    assert same(noisy("none"), noisy("const", strength=0.0))
    assert not same(noisy("none"), noisy("const"))


def test_statistics_are_those_of_the_activation(pipeline, toy):
    generator = ToyGenerator().requires_grad_(False)
    seen = {}

    def tap(name, x):
        seen[name] = x
        return x

    request = RenderRequest(toy, Seed(2))
    generator.render(torch.from_numpy(pipeline.latent(request)), tap=tap)
    stats = pipeline.render(request, StatsSpec("b8.conv1", 3, 16)).info.stats
    x = seen["b8.conv1"].numpy()
    for part, values in ((stats.all, x), (stats.selected, x[:, 3])):
        measured = (part.mean, part.std, part.low, part.high)
        expected = (values.mean(), values.std(), values.min(), values.max())
        assert measured == pytest.approx(expected, rel=1e-5)
        counts, _ = np.histogram(values, 16, (values.min(), values.max()))
        assert sum(part.histogram.counts) == values.size
        # A value on the edge between two bins may fall on either side in float32.
        assert np.abs(np.cumsum(part.histogram.counts) - np.cumsum(counts)).max() <= 1
    assert (stats.shape, stats.dtype, stats.channel) == ((1, 5, 8, 8), "float32", 3)


def test_values_that_are_not_finite_fail_the_picture_but_can_be_looked_at():
    generator = ToyGenerator()
    with torch.no_grad():
        generator.blocks[1].convs[0].bias[2] = float("nan")
    pipeline = Pipeline(EngineOptions(threads=1), opener(generator))
    with pytest.raises(UserError, match=r"not finite.*layers"):
        pipeline.render(RenderRequest("x"))
    view = LayerView("b8.conv0", "channel", 2)
    picture = pipeline.render(RenderRequest("x", view=view), StatsSpec("b8.conv0", 2))
    assert (picture.pixels[..., :3] == (255, 0, 255)).all()
    assert np.isfinite(picture.info.stats.all.mean)
    assert (pipeline.render(RenderRequest("x", view=LayerView("b4.conv1"))).pixels != 255).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": Plane(float("inf"), 0)}, "x and y must be finite"),
        ({"source": Seed(2**32)}, "Seed 4294967296 is out of range"),
        ({"truncation": Truncation(float("nan"))}, "psi must be"),
        ({"mix": (MixSource(Seed(1), (float("nan"),)),)}, "mixing weights must be"),
        ({"view": LayerView("b64.conv1")}, r"a\.toy has no layer 'b64\.conv1'.*b16\.conv1"),
        ({"snapshot": ""}, "No snapshot is open"),
    ],
)
def test_requests_that_cannot_be_drawn_say_why(pipeline, toy, change, message):
    with pytest.raises(UserError, match=message):
        pipeline.render(structs.replace(RenderRequest(toy), **change))


# -- networks and devices --------------------------------------------------------------------


def test_networks_are_kept_by_bytes_except_the_one_shown(tmp_path):
    paths = [write_toy(tmp_path / f"{i}.toy", f"seed={i}") for i in range(3)]
    one = Pipeline(EngineOptions(threads=1), open_toy)
    one.load(paths[0])
    size = one.render(RenderRequest(paths[0])).info.cache_bytes
    kept = sum(p.numel() * 4 for p in [*ToyGenerator().parameters(), *ToyGenerator().buffers()])
    assert size >= kept
    pipeline = Pipeline(EngineOptions(threads=1, cache_bytes=2 * kept), open_toy)
    pipeline.render(RenderRequest(paths[0]))
    pipeline.load(paths[1])
    assert [pipeline.has(p) for p in paths] == [True, True, False]
    pipeline.load(paths[2])
    assert [pipeline.has(p) for p in paths] == [True, False, True]
    pipeline.configure(EngineOptions(threads=1, cache_bytes=1))
    assert [pipeline.has(p) for p in paths] == [True, False, True]
    pipeline.render(RenderRequest(paths[2]))
    pipeline.load(paths[1])
    assert [pipeline.has(p) for p in paths] == [False, True, True]


def test_a_file_that_changes_is_opened_again_and_a_failure_is_not_kept(pipeline, tmp_path):
    path = write_toy(tmp_path / "a.toy", "seed=1")
    first = rgb(pipeline, RenderRequest(path))
    (tmp_path / "a.toy").write_text("half writ")
    assert not pipeline.has(path)
    with pytest.raises(UserError, match="no toy") as failure:
        pipeline.render(RenderRequest(path))
    assert failure.value.remedy == "Write it with write_toy."
    write_toy(tmp_path / "a.toy", "seed=222")
    second = rgb(pipeline, RenderRequest(path))
    assert not same(first, second)
    assert pipeline.load(path).modified == (tmp_path / "a.toy").stat().st_mtime_ns
    (tmp_path / "a.toy").unlink()
    assert same(rgb(pipeline, RenderRequest(path)), second)


def test_loading_reports_progress_and_can_be_cancelled_while_pictures_go_on(tmp_path):
    shown = write_toy(tmp_path / "a.toy")
    other = write_toy(tmp_path / "b.toy", "seed=3")
    reading, go_on = threading.Event(), threading.Event()

    def slow(path, progress, cancelled):
        opened = open_toy(path, progress, cancelled)
        if path == other:
            reading.set()
            assert go_on.wait(20)
        return opened

    pipeline = Pipeline(EngineOptions(threads=1), slow)
    pipeline.render(RenderRequest(shown))
    outcome, heard, stop = [], [], threading.Event()

    def load():
        try:
            pipeline.load(other, lambda *what: heard.append(what), stop.is_set)
        except Cancelled:
            outcome.append("cancelled")

    thread = threading.Thread(target=load)
    thread.start()
    assert reading.wait(20)
    assert pipeline.render(RenderRequest(shown, Seed(5))).info.total_stages == 3
    stop.set()
    go_on.set()
    thread.join(20)
    assert outcome == ["cancelled"]
    assert heard == [(0.5, "reading")]
    assert not pipeline.has(other)


def test_a_picture_can_be_cancelled_between_layers_and_whole_stages_are_kept():
    generator = ToyGenerator()
    pipeline = Pipeline(EngineOptions(threads=1), opener(generator))
    pipeline.load("x")
    with pytest.raises(Cancelled):
        pipeline.render(RenderRequest("x"), cancelled=lambda: generator.runs[1] == 1)
    assert generator.runs == [1, 1, 0]
    assert pipeline.render(RenderRequest("x")).info.reused_stages == 1


def test_engine_options_are_resolved_and_reported():
    pipeline = Pipeline(EngineOptions(device="cpu", precision="float16", threads=1), open_toy)
    hello = pipeline.hello()
    assert (hello.device, hello.precision, hello.threads) == ("cpu", "float32", 1)
    assert hello.devices[0] == "cpu"
    assert hello.pid == os.getpid()
    for name in ("cuda:99", "tpu", "cuda:x"):
        with pytest.raises(UserError, match=rf"no device '{name}'.*cpu"):
            pipeline.configure(EngineOptions(device=name))


def test_running_out_of_memory_is_an_error_with_a_remedy():
    def full(path, progress, cancelled):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(UserError, match=r"not enough memory on cpu.*another device"):
        Pipeline(EngineOptions(threads=1), full).load("x")

    def broken(path, progress, cancelled):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        Pipeline(EngineOptions(threads=1), broken).load("x")


def test_bfloat16_is_that_of_every_convolution_and_nearly_the_same_picture():
    request = RenderRequest(str(DATA / "sg2-uncond-32.pkl"), Seed(1))
    stats = StatsSpec("b16.conv1")
    plain, low = (
        Pipeline(EngineOptions(device="cpu", precision=precision, threads=1)).render(request, stats)
        for precision in ("float32", "bfloat16")
    )
    assert (plain.info.precision, plain.info.stats.dtype) == ("float32", "float32")
    assert (low.info.precision, low.info.stats.dtype) == ("bfloat16", "bfloat16")
    difference = np.abs(plain.pixels.astype(int) - low.pixels.astype(int))
    assert 0 < difference.mean() < 2
