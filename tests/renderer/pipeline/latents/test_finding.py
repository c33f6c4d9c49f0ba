"""Looking for directions in the networks of the pipeline, and reading those of others."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec import structs

from common.errors import Cancelled, UserError
from networks.families.dcgan.generator import DCGANGenerator
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.directions import (
    VERSION,
    BoundaryOf,
    DifferenceOf,
    Find,
    FromFile,
    Principal,
    StyleAxes,
    decode_set,
    direction_of,
    encode_set,
    starred,
)
from renderer.messages.options import EngineOptions
from renderer.messages.request import MixSource, RenderRequest, Seed
from renderer.pipeline.latents import finding
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA, ROOT
from tests.toy_generator import ToySnapshot, open_toy, write_toy

PLAIN, CLASSES = str(DATA / "sg2-uncond-32.pkl"), str(DATA / "sg2-cond-16.pkl")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "cache" / "directions"


@pytest.fixture
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1))


def search(pipeline, find):
    running = pipeline.find_directions(find)
    while running.found is None:
        running.step()
    return running.found


def vectors(found):
    return np.stack([np.frombuffer(c.vector, "<f4") for c in found.components])


def w_of(pipeline, path, seeds):
    return np.stack([pipeline.latent(RenderRequest(path, Seed(s)))[0, 0] for s in seeds])


def test_one_standard_deviation_is_the_length_of_every_direction(pipeline):
    found = search(pipeline, Find(PLAIN, Principal(5000), count=5))
    assert [c.name for c in found.components] == ["PC 1", "PC 2", "PC 3", "PC 4", "PC 5"]
    assert (found.title, found.network) == ("PCA of 5,000 samples of w", "sg2-uncond-32.pkl")
    w = w_of(pipeline, PLAIN, range(1000, 2000))
    length = np.linalg.norm(vectors(found), axis=1)
    along = w @ (vectors(found) / length[:, None]).T
    np.testing.assert_allclose(along.std(0), length, rtol=0.1)
    assert (np.diff(length) <= 0).all()


def test_what_has_been_measured_is_not_measured_again(pipeline, cache, monkeypatch):
    first = search(pipeline, Find(PLAIN, Principal(5000)))
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(finding, "Sampling", None)  # nothing is sampled any more
    assert search(pipeline, Find(PLAIN, Principal(5000))) == first
    fresh = Pipeline(EngineOptions(device="cpu", threads=1))
    assert search(fresh, Find(PLAIN, Principal(5000))) == first
    assert len(search(fresh, Find(PLAIN, Principal(5000), count=2)).components) == 2


@pytest.mark.parametrize("damage", [b"", b"no tensors", None])
def test_a_damaged_cache_is_as_good_as_none(pipeline, cache, damage):
    first = search(pipeline, Find(PLAIN, Principal(1000)))
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-8] if damage is None else damage)
    fresh = Pipeline(EngineOptions(device="cpu", threads=1))
    assert search(fresh, Find(PLAIN, Principal(1000))) == first


def test_what_cannot_be_kept_stops_nothing(pipeline, cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file, where the folder should be")
    assert search(pipeline, Find(PLAIN, Principal(1000))).components


def test_sefa_finds_unit_axes_scaled_by_how_far_w_spreads(pipeline):
    found = search(pipeline, Find(PLAIN, StyleAxes(0, 1), count=3))
    assert found.title == "SeFa of rows 0–1"
    assert {(c.first, c.last) for c in found.components} == {(0, 1)}
    w = w_of(pipeline, PLAIN, range(1000))
    unit = vectors(found) / np.linalg.norm(vectors(found), axis=1)[:, None]
    np.testing.assert_allclose(unit @ unit.T, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(
        (w @ unit.T).std(0), np.linalg.norm(vectors(found), axis=1), rtol=0.1
    )
    with pytest.raises(UserError, match=r"No layer of .* row 70"):
        search(pipeline, Find(PLAIN, StyleAxes(70, None)))


def test_a_boundary_of_forty_seeds_separates_others(pipeline):
    w = w_of(pipeline, PLAIN, range(400))
    truth = np.linalg.svd(w - w.mean(0))[2][0]
    side = (w - w.mean(0)) @ truth
    a = [seed for seed in range(60) if side[seed] > 0][:20]
    b = [seed for seed in range(60) if side[seed] <= 0][:20]
    requests = [tuple(RenderRequest("elsewhere", Seed(s)) for s in group) for group in (a, b)]
    found = search(pipeline, Find(PLAIN, BoundaryOf(*requests)))
    assert found.accuracy is not None
    assert found.accuracy > 0.8
    normal = vectors(found)[0]
    unseen = w[60:] @ normal
    assert ((unseen > np.median(unseen)) == (side[60:] > np.median(side[60:]))).mean() > 0.85
    with pytest.raises(UserError, match="2 pictures on each side"):
        search(pipeline, Find(PLAIN, BoundaryOf(requests[0][:1], requests[1])))


def test_a_difference_leads_from_one_latent_to_the_other_in_every_row(pipeline):
    start = RenderRequest(PLAIN, Seed(1))
    end = RenderRequest(PLAIN, Seed(1), mix=(MixSource(Seed(2), (0.0, 1.0, 1.0)),))
    found = search(pipeline, Find(PLAIN, DifferenceOf(start, end)))
    away = pipeline.latent(end)[0] - pipeline.latent(start)[0]
    vector = vectors(found).reshape(away.shape)
    scale = np.linalg.norm(vector) / np.linalg.norm(away)
    np.testing.assert_allclose(vector, away * scale, atol=1e-5)
    whole = search(pipeline, Find(PLAIN, DifferenceOf(start, RenderRequest(PLAIN, Seed(2)))))
    assert len(whole.components[0].vector) == 4 * away.shape[1]
    with pytest.raises(UserError, match="the same"):
        search(pipeline, Find(PLAIN, DifferenceOf(start, start)))


def test_the_class_of_samples_matters_only_where_there_are_classes(pipeline):
    one, two, every = (
        vectors(search(pipeline, Find(CLASSES, Principal(2000), label=label)))
        for label in (0, 1, None)
    )
    assert not np.allclose(one, two)
    assert not np.allclose(one, every)
    plain = [search(pipeline, Find(PLAIN, Principal(500), label=label)) for label in (0, None)]
    assert plain[0] == plain[1]


def test_a_network_without_w_has_no_axes_but_layers_that_listen():
    network = DCGANGenerator(z_dim=9, channels=(4, 3, 3, 3, 3)).eval()
    options = EngineOptions(device="cpu", threads=1)
    pipeline = Pipeline(options, lambda path, progress, cancelled: ToySnapshot(network))
    with pytest.raises(UserError, match="no mapping network"):
        search(pipeline, Find("tiny", Principal(500)))
    found = search(pipeline, Find("tiny", StyleAxes(), count=4))
    assert (len(found.components), found.title) == (4, "SeFa")


def test_a_search_can_be_given_up_between_two_steps(pipeline):
    pipeline.load(PLAIN)
    running = pipeline.find_directions(Find(PLAIN, Principal(50_000)), lambda: True)
    with pytest.raises(Cancelled):
        running.step()


def test_a_family_without_styles_says_so(tmp_path):
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1), open_toy)
    with pytest.raises(UserError, match="SeFa looks at the styles of layers, and"):
        search(pipeline, Find(write_toy(tmp_path / "a.toy"), StyleAxes()))


# -- files ----------------------------------------------------------------------------------------


@pytest.fixture
def shape(pipeline):
    info = pipeline.load(PLAIN)
    return info.num_ws, info.w_dim


@pytest.mark.parametrize(
    ("axes", "count", "rows"),
    [
        ("w", 1, 1),
        ("1,w", 1, 1),
        ("5,w", 5, 1),
        ("n,w", 1, "n"),
        ("3,1,w", 3, 1),
        ("2,n,w", 2, "n"),
    ],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pt"])
def test_files_of_others_in_every_shape(pipeline, shape, tmp_path, axes, count, rows, suffix):
    names = {"n": shape[0], "w": shape[1]}
    size = [names.get(part) or int(part) for part in axes.split(",")]
    values = np.random.RandomState(0).randn(*size).astype(np.float32)
    path = tmp_path / f"age{suffix}"
    match suffix:
        case ".npy":
            np.save(path, values)
        case ".npz":
            np.savez(path, boundary=values, other=np.zeros(3))
        case _:
            torch.save(torch.from_numpy(values), path)
    found = search(pipeline, Find(PLAIN, FromFile(str(path))))
    assert len(found.components) == count
    first = np.frombuffer(found.components[0].vector, "<f4").reshape(-1, shape[1])
    assert len(first) == names.get(rows, rows)
    given = values.reshape(count, -1, shape[1])[0]
    np.testing.assert_allclose(
        first / np.linalg.norm(first), given / np.linalg.norm(given), atol=1e-5
    )
    assert found.components[0].name == ("age" if count == 1 else "age 0")


def test_our_own_sets_come_back_as_they_were(pipeline, tmp_path):
    found = starred(search(pipeline, Find(PLAIN, Principal(500), count=3)), 1)
    path, info = tmp_path / "mine.directions.json", pipeline.load(PLAIN)
    path.write_bytes(encode_set(found))
    assert search(pipeline, Find(PLAIN, FromFile(str(path)))) == found
    parts = (
        found.components[0],
        structs.replace(found.components[1], vector=bytes(4 * info.w_dim * info.num_ws)),
    )
    rows = structs.replace(found, components=parts)
    fewer, wider = structs.replace(info, num_ws=3), structs.replace(info, w_dim=128)
    assert found.fits(fewer)
    assert rows.fits(info)
    assert not rows.fits(fewer)
    assert not found.fits(wider)
    with pytest.raises(UserError, match="newer ganscope"):
        decode_set(encode_set(structs.replace(found, version=VERSION + 1)), "it")
    with pytest.raises(UserError, match="another length"):
        decode_set(encode_set(structs.replace(found, w_dim=3)), "it")


def test_sefa_of_a_network_without_styles_says_what_can_be_found(pipeline):
    network = str(DATA / "foreign" / "r3gan" / "cond-16.pkl")
    assert not pipeline.load(network).has_styles
    assert pipeline.load(PLAIN).has_styles
    with pytest.raises(UserError, match="has none") as sefa:
        search(pipeline, Find(network, StyleAxes()))
    with pytest.raises(UserError, match="no mapping network") as pca:
        search(pipeline, Find(network, Principal()))
    for error in (sefa, pca):
        assert "boundary between two groups" in error.value.remedy
        assert "SeFa" not in error.value.remedy


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda p: np.save(p, np.zeros((3, 7), np.float32)), "7 numbers"),
        (lambda p: np.save(p, np.ones((3, 2, 512), np.float32)[..., :1]), "of 1 number, but"),
        (lambda p: p.write_bytes(b"{ not json"), "no set of directions"),
        (lambda p: p.write_bytes(b"\x93NUMPY"), "no readable"),
        (lambda p: p.write_bytes(b""), "it is empty"),
        (lambda p: np.save(p, np.array([{}], object), allow_pickle=True), "array"),
        (lambda p: p.mkdir(), "Cannot read"),
    ],
)
def test_files_that_are_no_directions_say_what_they_are(pipeline, tmp_path, write, words):
    path = tmp_path / "some.npy"
    write(path)
    with pytest.raises(UserError, match=words):
        search(pipeline, Find(PLAIN, FromFile(str(path))))


def test_a_file_of_nothing_and_several_arrays_without_a_known_name(pipeline, shape, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(shape[1], np.float32))
    with pytest.raises(UserError, match="no direction"):
        search(pipeline, Find(PLAIN, FromFile(str(tmp_path / "a.npy"))))
    np.savez(tmp_path / "b.npz", one=np.ones(3), two=np.ones(3))
    with pytest.raises(UserError, match=r"2 arrays.*directions"):
        search(pipeline, Find(PLAIN, FromFile(str(tmp_path / "b.npz"))))


def test_the_directions_of_the_readme_change_the_bundled_network(pipeline):
    network = str(bundled_snapshot())
    found = search(pipeline, Find(network, FromFile(str(ROOT / "docs/busts128.directions.json"))))
    plain = RenderRequest(network, Seed(12))
    before = pipeline.render(plain).pixels.astype(float)
    for component in found.components:
        moved = structs.replace(plain, directions=(direction_of(component, 3.0),))
        assert np.abs(pipeline.render(moved).pixels - before).mean() > 3
    assert {"yaw", "light from the side", "cloth"} <= {c.name for c in found.components}


def test_a_component_becomes_a_direction_in_its_rows(pipeline):
    found = search(pipeline, Find(PLAIN, StyleAxes(2, 3), count=1))
    direction = direction_of(found.components[0], 2.0)
    w = pipeline.latent(RenderRequest(PLAIN, Seed(1), directions=(direction,)))[0]
    still = pipeline.latent(RenderRequest(PLAIN, Seed(1)))[0]
    np.testing.assert_allclose((w - still)[2], 2 * vectors(found)[0], atol=1e-4)
    assert not (w - still)[[0, 1, 4]].any()
