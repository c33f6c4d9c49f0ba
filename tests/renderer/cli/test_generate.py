"""`generate` makes the window's pictures, and says in one line what is wrong with a call."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from common.errors import UserError
from renderer.cli.options import arguments
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from renderer.pictures.metadata import read_request, write_png
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"
CLASSES = DATA / "sg2-cond-16.pkl"


@pytest.fixture
def generate(monkeypatch, capsys, tmp_path):
    """Calls generate with one thread; files go to tmp_path / out."""

    def call(*options, outdir=tmp_path / "out"):
        fixed = ("--threads", 1, "--device", "cpu", "--outdir", outdir)
        return run(monkeypatch, capsys, "generate", *fixed, *options)

    return call


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def window(request):
    """The pixels that the window shows for a request."""
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    pipeline.render(RenderRequest(request.snapshot, Seed(99)))
    return pipeline.render(request).pixels[..., :3]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_seeds_give_the_published_pictures_and_those_of_the_window(generate, tmp_path):
    facts = np.load(DATA / "sg2-uncond-32.npz")
    seeds = ",".join(str(seed) for seed in facts["seeds"])
    outcome = generate("--network", PLAIN, "--seeds", seeds)
    assert outcome.code == 0, outcome.err
    assert outcome.out == f"3 pictures in {tmp_path / 'out'}\n"
    assert names(tmp_path / "out") == [f"seed{seed:04d}.png" for seed in sorted(facts["seeds"])]
    for seed, expected in zip(facts["seeds"], facts["image_const_uint8"], strict=True):
        path = tmp_path / "out" / f"seed{seed:04d}.png"
        assert np.abs(pixels(path).astype(int) - expected).max() <= 1
        request = read_request(path)
        assert request == RenderRequest(str(PLAIN), Seed(int(seed)))
        assert np.array_equal(pixels(path), window(request))


def test_options_end_up_in_the_request(generate, tmp_path):
    options = ("--trunc", 0.5, "--trunc-cutoff", 3, "--class", "1:4:0.25", "--noise-mode", "none")
    outcome = generate("--network", CLASSES, "--point=1.5,-2", "--step", 7, *options)
    assert outcome.code == 0, outcome.err
    path = tmp_path / "out" / "point_1.5_-2.png"
    request = read_request(path)
    assert request == RenderRequest(
        str(CLASSES),
        Plane(1.5, -2.0, 7),
        ClassLabel(1, 4, 0.25),
        Truncation(0.5, 3),
        noise=Noise("none"),
    )
    assert np.array_equal(pixels(path), window(request))


def test_random_noise_is_fresh_but_kept_and_repeatable_by_seed(generate, tmp_path):
    for name, options in (("a", ()), ("b", ()), ("c", ("--noise-seed", 5))):
        done = generate(
            *("--network", PLAIN, "--seeds", "1-2", "--noise-mode", "random", *options),
            outdir=tmp_path / name,
        )
        assert done.code == 0, done.err
    found = {n: read_request(tmp_path / n / "seed0001.png").noise for n in "abc"}
    assert found["a"].seed != found["b"].seed
    assert found["c"] == Noise("random", 5)
    for name in "abc":
        path = tmp_path / name / "seed0002.png"
        assert np.array_equal(pixels(path), window(read_request(path)))


def test_saved_w_is_drawn_as_it_is(generate, tmp_path):
    w = np.random.RandomState(0).randn(2, 8, 64).astype(np.float32)
    np.savez(tmp_path / "projected_w.npz", w=w)
    options = ("--projected-w", tmp_path / "projected_w.npz", "--trunc", 0.3)
    outcome = generate("--network", PLAIN, *options)
    assert outcome.code == 0, outcome.err
    assert names(tmp_path / "out") == ["proj00.png", "proj01.png"]
    request = read_request(tmp_path / "out" / "proj01.png")
    assert request == RenderRequest(str(PLAIN), SavedW(str(tmp_path / "projected_w.npz"), 1))
    assert np.array_equal(pixels(tmp_path / "out" / "proj01.png"), window(request))


def test_as_many_w_as_the_network_has_rows_are_drawn_one_each_and_said_to_be(generate, tmp_path):
    num_ws = 8
    for rows, told in ((num_ws, True), (num_ws - 1, False)):
        np.save(tmp_path / "w.npy", np.zeros((rows, 64), np.float32))
        options = ("--network", PLAIN, "--projected-w", tmp_path / "w.npy")
        outcome = generate(*options, outdir=tmp_path / str(rows))
        assert outcome.code == 0, outcome.err
        assert f"{rows} pictures" in outcome.out
        assert ("w.npy: each of its 8 rows is taken as a w" in outcome.err) == told
        assert ("save it as [1, 8, 64]" in outcome.err) == told


def test_any_state_of_the_window_is_drawn_again_from_its_png(generate, tmp_path):
    request = RenderRequest(
        str(PLAIN),
        Plane(0.25, 7.5, 30),
        truncation=Truncation(curve=(0.5, -1, 2)),
        mix=(MixSource(Seed(4), (0, 0.5, 1)), MixSource(Plane(1.5, 0), (0.75,))),
        noise=Noise("random", 3, 0.5, (("b8.conv1", 2.0),)),
        edits=(ChannelEdit("b16.conv0", 3, 5.0),),
        view=LayerView("b16.conv1", "atlas", colormap="magma"),
    )
    shown = window(request)
    write_png(tmp_path / "a.png", shown, request)
    (tmp_path / "other").mkdir()
    write_png(tmp_path / "other" / "a.png", shown, request)
    json = msgspec.json.encode(request).decode()
    files = (tmp_path / "a.png", tmp_path / "other" / "a.png", json)
    outcome = generate(*(part for file in files for part in ("--request", file)))
    assert outcome.code == 0, outcome.err
    assert names(tmp_path / "out") == ["a-2.png", "a.png", "request.png"]
    assert np.array_equal(pixels(tmp_path / "out" / "request.png"), shown)
    assert np.array_equal(pixels(tmp_path / "out" / "a.png"), shown)
    assert read_request(tmp_path / "out" / "a-2.png") == request


@pytest.mark.parametrize(
    "path", ["assets/busts64.safetensors", "/other/place/busts128.safetensors"]
)
def test_the_bundled_network_is_found_from_any_folder(generate, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    request = RenderRequest(path, Seed(3))
    json = msgspec.json.encode(request).decode()
    write_png(tmp_path / "a.png", np.zeros((2, 2, 4), np.uint8), request)
    outcome = generate("--request", tmp_path / "a.png", "--request", json)
    assert outcome.code == 0, outcome.err
    for name in ("a.png", "request.png"):
        made = read_request(tmp_path / "out" / name)
        assert made.snapshot == str(bundled_snapshot().with_name(Path(path).name))


def test_a_request_whose_snapshot_is_gone_needs_another(generate, tmp_path):
    request = RenderRequest("/gone/net.pkl", Seed(3))
    write_png(tmp_path / "a.png", np.zeros((2, 2, 4), np.uint8), request)
    outcome = generate("--request", tmp_path / "a.png")
    assert outcome.code == 1
    assert "was made from /gone/net.pkl, which is not here. Give --network" in outcome.err
    assert generate("--request", tmp_path / "a.png", "--network", PLAIN).code == 0
    made = read_request(tmp_path / "out" / "a.png")
    assert made == RenderRequest(str(PLAIN), Seed(3))


BAD = {
    ("--seeds", "1,x"): r"--seeds: 'x' is no number and no range. Write 0-31,40.",
    ("--seeds", ""): r"--seeds: '' is no number",
    ("--seeds", "3,"): r"--seeds: '' is no number",
    ("--seeds", "-5"): r"--seeds: '-5' is no number",
    ("--seeds", "9-3"): r"--seeds: the range '9-3' runs backwards",
    ("--seeds", "4294967296"): r"'4294967296' is too large. Seeds go from 0 to 4294967295",
    ("--seeds", "0-4294967295"): "more than 1,000,000 numbers",
    ("--point", "1"): "--point: '1' is no point",
    ("--point", "1,inf"): "not finite",
    ("--seeds", "1", "--trunc", "nan"): "--trunc: nan is no finite number",
    (
        "--seeds",
        "1",
        "--trunc-cutoff",
        "9",
    ): "--trunc-cutoff: 9 is out of range. sg2-uncond-32.pkl has 8",
    ("--seeds", "1", "--trunc-cutoff", "-1"): "--trunc-cutoff: -1 is out of range",
    ("--seeds", "1", "--class", "2"): "has no classes. Leave --class out",
    ("--seeds", "1", "--device", "cuda:77"): "There is no device 'cuda:77' here.",
    (): "There is nothing to generate",
    ("--projected-w", "none.npz"): "none.npz does not exist",
    ("--request", "none.png"): "none.png does not exist",
    ("--request", '{"source": 3}'): "--request holds no request: Expected `object`",
}


@pytest.mark.parametrize(("options", "message"), BAD.items(), ids=[" ".join(o) for o in BAD])
def test_a_call_that_is_wrong_gets_one_clear_line(generate, tmp_path, options, message):
    outcome = generate("--network", PLAIN, *options)
    assert outcome.code == 1
    assert message in outcome.err
    assert outcome.err.startswith("Error: ")
    assert outcome.err.count("\n") == 1
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is conditional: --class is needed. Its classes are 0 to 4."),
        ("5", "has no class 5. Its classes are 0 to 4."),
        ("cat", "--class: 'cat' is no class. Write 3, or 3:5:0.25."),
        ("0:9:0.5", "has no class 9"),
        ("0:1:1.5", "the blend 1.5 is out of range"),
    ],
)
def test_classes_are_required_and_checked(generate, text, message):
    label = () if text is None else ("--class", text)
    outcome = generate("--network", CLASSES, "--seeds", "1", *label)
    assert outcome.code == 1
    assert message in outcome.err


def test_files_and_folders_that_are_not_usable(generate, tmp_path):
    (tmp_path / "file").write_text("x")
    outcome = generate("--network", PLAIN, "--seeds", "1", outdir=tmp_path / "file")
    assert outcome.code == 1
    assert "Cannot make the folder" in outcome.err
    outcome = generate("--network", tmp_path / "file", "--seeds", "1")
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert str(tmp_path / "file") in outcome.err
    assert "No network is named" in generate("--seeds", "1").err


def test_a_full_disk_ends_the_call_with_the_reason(generate, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    outcome = generate("--network", PLAIN, "--seeds", "1-50")
    assert outcome.code == 1
    assert "the disk is full" in outcome.err
    assert names(tmp_path / "out") == []


def test_stopping_half_way_leaves_whole_files_only(generate, tmp_path, monkeypatch):
    render, drawn = Pipeline.render, []

    def interrupted(self, request):
        drawn.append(request)
        if len(drawn) == 4:
            raise KeyboardInterrupt
        return render(self, request)

    monkeypatch.setattr(Pipeline, "render", interrupted)
    assert generate("--network", PLAIN, "--seeds", "0-9").code == 130
    assert names(tmp_path / "out") == [f"seed000{i}.png" for i in range(3)]
    for path in (tmp_path / "out").iterdir():
        assert pixels(path).shape == (32, 32, 3)


@given(st.lists(st.integers(0, 300) | st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1))
def test_number_lists_are_read_as_written(parts):
    texts, expected = [], []
    for part in parts:
        if isinstance(part, int):
            texts.append(str(part))
            expected.append(part)
        else:
            texts.append(f" {part[0]}-{part[0] + part[1]} ")
            expected += range(part[0], part[0] + part[1] + 1)
    assert arguments.numbers(",".join(texts), "--seeds") == list(dict.fromkeys(expected))


@given(st.text("0123456789-, x", max_size=12))
def test_any_text_is_numbers_or_a_user_error(text):
    with contextlib.suppress(UserError):
        assert all(0 <= n <= 99 for n in arguments.numbers(text, "--seeds", 99))


def test_a_size_is_that_of_the_shorter_side_and_sampled_as_in_the_window(generate, tmp_path):
    drawn = window(RenderRequest(str(PLAIN), Seed(3)))
    assert generate("--network", PLAIN, "--seeds", 3, "--size", 128)[0] == 0
    assert (pixels(tmp_path / "out" / "seed0003.png") == drawn.repeat(4, 0).repeat(4, 1)).all()
    smooth = tmp_path / "smooth"
    options = ("--network", PLAIN, "--seeds", 3, "--size", 100, "--smooth")
    assert generate(*options, outdir=smooth)[0] == 0
    made = pixels(smooth / "seed0003.png")
    assert made.shape == (100, 100, 3)
    assert read_request(smooth / "seed0003.png").source == Seed(3)
    code, _, error = generate("--network", PLAIN, "--seeds", 3, "--size", 9000)
    assert code != 0
    assert "9000" in error
