"""`directions`, and what `generate`, `style-mix` and `video` do with --direction."""

from __future__ import annotations

import re

import msgspec
import numpy as np
import pytest
from msgspec import structs
from PIL import Image

from renderer.messages.directions import DirectionSet, decode_set, direction_of, encode_set
from renderer.messages.options import EngineOptions
from renderer.messages.request import Direction, MixSource, RenderRequest, Seed
from renderer.pictures.metadata import read_json, read_request
from renderer.pipeline.latents import finding
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN, CLASSES = DATA / "sg2-uncond-32.pkl", DATA / "sg2-cond-16.pkl"


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*words):
        return run(monkeypatch, capsys, *words, "--threads", 1, "--device", "cpu")

    return call


@pytest.fixture
def found(call, tmp_path) -> DirectionSet:
    """pca.directions.json in the current folder, and what it holds."""
    options = "--samples", 2000, "--count", 4, "--output", "pca.directions.json"
    outcome = call("directions", "find", "--network", PLAIN, *options)
    assert outcome.code == 0, outcome.err
    assert "PCA of 2,000 samples of w: pca.directions.json" in outcome.out
    path = tmp_path / "pca.directions.json"
    return decode_set(path.read_bytes(), str(path))


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def drawn(request):
    return Pipeline(EngineOptions(device="cpu", threads=1)).render(request).pixels[..., :3]


def test_generate_moves_along_what_was_found(call, found, tmp_path):
    for text in ("pca.directions.json:1=2.5@1-3", "pca.directions.json:PC 2=2.5@1-3"):
        outcome = call("generate", "--network", PLAIN, "--seeds", 5, "--direction", text,
                       "--outdir", "out")  # fmt: skip
        assert outcome.code == 0, outcome.err
        direction = structs.replace(direction_of(found.components[1], 2.5), first=1, last=3)
        picture = tmp_path / "out" / "seed0005.png"
        assert read_request(picture).directions == (direction,)
        expected = drawn(RenderRequest(str(PLAIN), Seed(5), directions=(direction,)))
        np.testing.assert_array_equal(pixels(picture), expected)
    (tmp_path / "pca.directions.json").unlink()
    call("generate", "--request", picture, "--outdir", "again")
    np.testing.assert_array_equal(pixels(tmp_path / "again" / "seed0005.png"), expected)


def test_style_mix_moves_every_picture_of_the_grid(call, found, tmp_path):
    outcome = call("style-mix", "--network", PLAIN, "--rows", 1, "--cols", 2, "--styles", "0-1",
                   "--direction", "pca.directions.json:0=-1", "--outdir", "out")  # fmt: skip
    assert outcome.code == 0, outcome.err
    request = RenderRequest(
        str(PLAIN),
        Seed(1),
        mix=(MixSource(Seed(2), (1.0, 1.0)),),
        directions=(direction_of(found.components[0], -1.0),),
    )
    np.testing.assert_array_equal(pixels(tmp_path / "out" / "1-2.png"), drawn(request))


def test_a_video_goes_there_and_back_between_two_amounts(call, found, tmp_path):
    outcome = call("video", "--network", PLAIN, "--seeds", 5, "--w-frames", 4,
                   "--direction", "pca.directions.json:0=-3..3",
                   "--direction", "pca.directions.json:1=1", "--output", "frames")  # fmt: skip
    assert outcome.code == 0, outcome.err
    frames = sorted((tmp_path / "frames").glob("*.png"))
    requests = [read_request(frame) for frame in frames]
    amounts = [[d.amount for d in request.directions] for request in requests]
    np.testing.assert_allclose(amounts, [[-3, 1], [0, 1], [3, 1], [0, 1]], atol=1e-9)
    np.testing.assert_array_equal(pixels(frames[2]), drawn(requests[2]))
    alone = call("video", "--network", PLAIN, "--seeds", 5, "--output", "one")
    assert "two seeds" in alone.err


def test_list_tells_names_and_spread(call, found):
    outcome = call("directions", "list", "pca.directions.json", "--network", PLAIN)
    assert outcome.code == 0, outcome.err
    assert call("directions", "list", "pca.directions.json").out == outcome.out
    lines = outcome.out.splitlines()
    assert "PCA of 2,000 samples of w, found in sg2-uncond-32.pkl" in lines[0]
    assert len(lines) == 5
    sigma = np.linalg.norm(np.frombuffer(found.components[0].vector, "<f4"))
    assert f"{sigma:.3f}" in lines[1]


def test_a_list_without_a_network_says_where_it_needs_one(call, tmp_path):
    np.save("a.npy", np.ones(512, np.float32))
    assert "Give --network too." in call("directions", "list", "a.npy").err
    (tmp_path / "b.json").write_text('{"a": 1}')
    assert "b.json is JSON, but no set of directions." in call("directions", "list", "b.json").err


def test_a_file_of_another_shape_is_not_called_a_saved_w(call):
    np.savez("bad.npz", w=np.ones((2, 2, 2, 2), np.float32))
    err = call("directions", "list", "bad.npz", "--network", PLAIN).err
    assert "Latents and directions are [w_dim]" in err
    assert "saved w" not in err


def test_a_sheet_has_a_row_for_each_direction(call, found, tmp_path):
    outcome = call("directions", "sheet", "pca.directions.json", "--network", PLAIN, "--only",
                   "2,PC 1", "--amounts", "-3,0,3", "--size", 32, "--output", "s.png")  # fmt: skip
    assert outcome.code == 0, outcome.err
    sheet = pixels(tmp_path / "s.png")
    assert 64 <= sheet.shape[0] < 80
    assert 96 <= sheet.shape[1] < 120
    middle = drawn(RenderRequest(str(PLAIN), Seed(0)))
    left = (sheet.shape[1] - 32) // 2
    np.testing.assert_array_equal(sheet[-32:, left : left + 32], middle)
    far = direction_of(found.components[0], 3.0)
    moved = drawn(RenderRequest(str(PLAIN), Seed(0), directions=(far,)))
    np.testing.assert_array_equal(sheet[-32:, -32:], moved)
    assert b"directions" in read_json(tmp_path / "s.png")


@pytest.mark.parametrize("name", ["set.npz", "set.npy", "set.directions.json"])
def test_every_kind_of_output_is_read_again(call, found, tmp_path, name):
    method = "--method", "sefa", "--rows", "0-2", "--count", 3, "--output", name
    outcome = call("directions", "find", "--network", PLAIN, *method)
    assert outcome.code == 0, outcome.err
    again = call("directions", "list", name, "--network", PLAIN)
    assert again.code == 0, again.err
    assert len(again.out.splitlines()) == 4


def test_boundaries_and_differences_take_seeds_and_files(call, found, tmp_path):
    call("generate", "--network", PLAIN, "--seeds", 7, "--outdir", "out")
    base = "directions", "find", "--network", PLAIN
    outcome = call(*base, "--method", "boundary", "--a", "0-4", "--a", "out/seed0007.png",
                   "--b", "10-15", "--output", "b.directions.json")  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "Boundary between 6 and 6 pictures, right for" in outcome.out
    outcome = call(*base, "--method", "difference", "--a", 1, "--b", 2, "--output", "d.npz")
    assert outcome.code == 0, outcome.err
    values = np.load(tmp_path / "d.npz")["directions"]
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    one, two = (pipeline.latent(RenderRequest(str(PLAIN), Seed(s)))[0, 0] for s in (1, 2))
    away = (two - one) / np.linalg.norm(two - one)
    np.testing.assert_allclose(values[0, 0] / np.linalg.norm(values), away, atol=1e-5)


def test_a_difference_tells_the_amount_at_which_b_lies(call, tmp_path):
    out = "--output", "d.directions.json"
    outcome = call("directions", "find", "--network", PLAIN, "--method", "difference", "--a", 3,
                   "--b", 8, *out)  # fmt: skip
    assert outcome.code == 0, outcome.err
    said = re.search(r"Difference of two latents, B lies at (\+[\d.]+)σ: ", outcome.out)
    assert said, outcome.out
    assert f"B lies at {said[1]}σ" in call("directions", "list", "d.directions.json").out
    outcome = call("generate", "--network", PLAIN, "--seeds", 3, "--direction",
                   f"d.directions.json={said[1]}", "--outdir", "out")  # fmt: skip
    assert outcome.code == 0, outcome.err
    b = drawn(RenderRequest(str(PLAIN), Seed(8))).astype(int)
    assert np.abs(pixels(tmp_path / "out" / "seed0003.png") - b).max() <= 2, "it leads to B"
    far = decode_set((tmp_path / "d.directions.json").read_bytes(), "d")
    ws = Pipeline(EngineOptions(device="cpu", threads=1)).latent
    exact = direction_of(far.components[0], far.arrival)
    moved = ws(RenderRequest(str(PLAIN), Seed(3), directions=(exact,)))
    np.testing.assert_allclose(moved, ws(RenderRequest(str(PLAIN), Seed(8))), atol=1e-5)


def test_all_latents_of_a_file_count_for_a_boundary_and_one_elsewhere(call, tmp_path):
    ws = Pipeline(EngineOptions(device="cpu", threads=1)).latent
    several = [ws(RenderRequest(str(PLAIN), Seed(seed)))[0] for seed in range(5)]
    np.save("five.npy", np.stack(several))
    base = "directions", "find", "--network", PLAIN, "--a", "five.npy", "--b"
    outcome = call(*base, "10-12", "--method", "boundary", "--output", "b.json")
    assert "Boundary between 5 and 3 pictures" in outcome.out, outcome.err
    outcome = call(*base, "10", "--method", "difference", "--output", "d.npz")
    assert outcome.code == 0
    assert "five.npy holds 5 latents: the first is used." in outcome.err
    away = ws(RenderRequest(str(PLAIN), Seed(10)))[0, 0] - several[0][0]
    found = np.load(tmp_path / "d.npz")["directions"][0, 0]
    np.testing.assert_allclose(
        found / np.linalg.norm(found), away / np.linalg.norm(away), atol=1e-5
    )


def test_groups_that_tell_nothing_are_said_to(call):
    base = "directions", "find", "--network", PLAIN, "--method", "boundary", "--output"
    same = call(*base, "a.json", "--a", "1-9", "--b", "9,1-8")
    assert same.code == 1
    assert "The two groups are the same." in same.err
    overlapping = call(*base, "b.json", "--a", "1-9", "--b", "1-8,20")
    assert overlapping.code == 0
    assert "8 pictures in A and in B at once." in overlapping.err
    assert "no better than chance" in overlapping.err
    said = re.search(r", right for \d+% of unseen ones", overlapping.out)
    assert said
    assert said[0] in call("directions", "list", "b.json").out


@pytest.mark.parametrize(
    "options",
    [
        ("--method", "style", "--region", "2,2,4,4"),
        ("--method", "boundary", "--a", "1-4", "--b", "5-9"),
        ("--method", "difference", "--a", 1, "--b", 2),
    ],
)
def test_seeds_of_a_conditional_network_need_a_class(call, options):
    base = "directions", "find", "--network", CLASSES, "--output", "c.directions.json"
    outcome = call(*base, *options)
    assert outcome.code == 1
    assert "--class is needed" in outcome.err
    assert call(*base, *options, "--class", 1).code == 0


def test_what_was_found_in_another_network_is_told(call, found, tmp_path):
    other = (tmp_path / "copy.pkl").resolve()
    other.write_bytes(PLAIN.read_bytes())
    line = "pca.directions.json: found in sg2-uncond-32.pkl, not in copy.pkl."
    for network, lines in ((PLAIN, 0), (other, 1)):
        common = "--network", network, "--force"
        for outcome in (
            call("generate", *common, "--seeds", 1, "--direction", "pca.directions.json:0=1",
                 "--direction", "pca.directions.json:1=1", "--outdir", "out"),
            call("directions", "sheet", "pca.directions.json", *common, "--amounts", "0",
                 "--output", "s.png"),
        ):  # fmt: skip
            assert outcome.code == 0, outcome.err
            assert outcome.err.count(line) == lines


def test_of_a_file_of_many_only_what_is_used_is_measured(call, monkeypatch, tmp_path):
    np.save("big.npy", np.random.RandomState(0).randn(3000, 64).astype(np.float32))
    np.save("last.npy", np.load("big.npy")[-1])
    measured = []
    scaled = finding._scaled
    monkeypatch.setattr(finding, "_scaled", lambda *all: (measured.append(1), scaled(*all))[1])
    common = "generate", "--network", PLAIN, "--seeds", 5, "--force", "--direction"
    assert call(*common, "big.npy:2999=2", "--outdir", "out").code == 0
    assert call(*common, "big.npy:big 2999=2", "--outdir", "named").code == 0
    assert call(*common, "last.npy=2", "--outdir", "alone").code == 0
    alone = pixels(tmp_path / "alone" / "seed0005.png")
    for folder in ("out", "named"):
        np.testing.assert_array_equal(pixels(tmp_path / folder / "seed0005.png"), alone)
    assert len(measured) == 3
    listed = call("directions", "list", "big.npy", "--network", PLAIN).out.splitlines()
    assert len(measured) == 103
    assert len(listed) == 102
    assert listed[-1] == "and 2,900 more, which --all lists."
    whole = call("directions", "list", "big.npy", "--network", PLAIN, "--all").out.splitlines()
    assert len(whole) == 3001
    sheet = call("directions", "sheet", "big.npy", "--network", PLAIN, "--output", "s.png")
    assert "too many rows for a sheet" in sheet.err


def test_a_set_without_directions_is_refused_and_one_of_nothing_but_0_is_told(call, found):
    empty = structs.replace(found, components=())
    nothing = structs.replace(found.components[0], vector=bytes(4 * found.w_dim))
    still = structs.replace(found, components=(nothing,))
    for name, each in (("empty.json", empty), ("still.json", still)):
        with open(name, "wb") as file:
            file.write(encode_set(each))
    for command in (("list", "empty.json"), ("sheet", "empty.json", "--output", "s.png"),
                    ("list", "empty.json", "--network", PLAIN)):  # fmt: skip
        network = ("--network", PLAIN) if command[0] == "sheet" else ()
        assert "empty.json holds no directions." in call("directions", *command, *network).err
    outcome = call("generate", "--network", PLAIN, "--seeds", 5, "--direction", "still.json=2",
                   "--outdir", "out")  # fmt: skip
    assert outcome.code == 0
    assert "all numbers of PC 1 are 0" in outcome.err


def test_what_is_there_is_replaced_only_when_told_to(call, found):
    again = "directions", "find", "--network", PLAIN, "--output", "pca.directions.json"
    assert "--force" in call(*again).err
    assert call(*again, "--force", "--samples", 500).code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pca.directions.json", "no direction"),
        ("pca.directions.json:9=1", "no direction '9'"),
        ("pca.directions.json:smile=1", "0 PC 1"),
        ("pca.directions.json:0=1@9-99", "out of range"),
        ("pca.directions.json:0=1@3-1", "'3-1' go backwards. Write 1-3."),
        ("pca.directions.json:0=1..2", "two amounts"),
        ("pca.directions.json:0=1=2", "two amounts"),
        ("pca.directions.json:0=1e999", "--direction: the amount inf is out of range. Amounts go"),
        ("pca.directions.json:0=-1e30", "the amount -1e+30 is out of range"),
        ("nothing.npy=1", "does not exist"),
        (":0=1", "does not exist"),
        ("=1", "no direction"),
    ],
)
def test_what_is_wrong_with_a_direction_is_said(call, found, text, words):
    outcome = call("generate", "--network", PLAIN, "--seeds", 5, "--direction", text,
                   "--outdir", "out")  # fmt: skip
    assert outcome.code == 1
    assert words in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("name", "more"),
    [("a.npy:0=-1000", ""), ("a.npy:0=-1000.5", "from -1000 to 1000 standard deviations.")],
)
def test_amounts_have_a_range_in_every_command(call, tmp_path, name, more):
    np.save("a.npy", np.ones(64, np.float32))
    code, amount = bool(more), name.rpartition("=")[2]
    common = "--network", PLAIN, "--seeds", 5
    for outcome in (
        call("generate", *common, "--direction", name, "--outdir", "out"),
        call("video", *common, "--w-frames", 2, "--direction", name.replace("=", "=0.."),
             "--output", "frames"),
        call("directions", "sheet", "a.npy", "--network", PLAIN, "--amounts", f"{amount},3",
             "--output", "s.png"),
    ):  # fmt: skip
        assert outcome.code == code, outcome.err
        assert more in outcome.err
    direction = Direction(np.ones(64, "<f4").tobytes(), float(amount))
    stored = msgspec.json.encode(RenderRequest(str(PLAIN), directions=(direction,))).decode()
    outcome = call("generate", "--request", stored, "--outdir", "again")
    assert outcome.code == code
    assert more in outcome.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--output", "a.txt"), "does not end in"),
        (("--output", "a.json", "--a", "3"), "boundary and difference"),
        (("--output", "a.json", "--method", "boundary", "--a", "1-3"), "--b names no latent"),
        (("--output", "a.json", "--method", "boundary", "--a", "1", "--b", "2"), "2 pictures"),
        (("--output", "a.json", "--method", "difference", "--a", "1-2", "--b", "2"), "one --a"),
        (("--output", "a.json", "--method", "sefa", "--rows", "99"), "too large"),
        (("--output", "a.json", "--class", "1"), "no classes"),
        (("--output", "missing/a.json", "--samples", "100"), "missing"),
    ],
)
def test_what_cannot_be_found_is_said(call, options, words):
    outcome = call("directions", "find", "--network", PLAIN, *options)
    assert outcome.code == 1
    assert words in outcome.err


def test_a_stored_request_is_not_moved(call, found):
    request = msgspec.json.encode(RenderRequest(str(PLAIN))).decode()
    outcome = call("generate", "--request", request, "--direction", "pca.directions.json:0=1",
                   "--outdir", "out")  # fmt: skip
    assert outcome.code == 0
    assert "--direction: without effect" in outcome.err
    assert "just as it was" in outcome.err
