"""`video`: a loop through W without a seam, as an MP4 or as PNGs."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs
from PIL import Image

from renderer.cli.video import keyframes, loop
from renderer.messages.options import EngineOptions
from renderer.messages.request import MixSource, Noise, RenderRequest, Seed, Truncation
from renderer.pictures import video
from renderer.pictures.metadata import read_request, write_png
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"


@pytest.fixture
def make(monkeypatch, capsys, tmp_path):
    def call(*options, network=PLAIN, output="out", seeds="1,2,3"):
        fixed = ("--threads", 1, "--device", "cpu", "--output", tmp_path / output)
        named = () if network is None else ("--network", network)
        return run(monkeypatch, capsys, "video", *named, "--seeds", seeds, *options, *fixed)

    return call


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1))


def walk(pipeline, seeds, between):
    """w along a loop: [frames, w_dim]."""
    base = RenderRequest(str(PLAIN))
    return np.stack([pipeline.latent(r)[0, 0] for r in loop(base, seeds, between, 8)])


def test_the_curve_passes_every_seed_and_is_the_spline_of_the_paper(pipeline):
    seeds, between = [5, 6, 7, 8], 8
    w = walk(pipeline, seeds, between)
    assert len(w) == len(seeds) * between
    points = np.stack([pipeline.latent(RenderRequest(str(PLAIN), Seed(s)))[0, 0] for s in seeds])
    assert (w[::between] == points).all(), "bit for bit"
    # Hermite form: from p to q with tangents of half the way between their neighbours.
    for k in range(len(seeds)):
        before, p, q, after = (points[(k + i) % 4] for i in (-1, 0, 1, 2))
        for i in range(between):
            t = i / between
            h = [2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, 3 * t**2 - 2 * t**3, t**3 - t**2]
            expected = h[0] * p + h[1] * (q - before) / 2 + h[2] * q + h[3] * (after - p) / 2
            assert np.abs(w[k * between + i] - expected).max() < 1e-5


@pytest.mark.parametrize("seeds", [[1, 2], [1, 2, 3], [4, 5, 4, 6]])
def test_few_and_repeated_seeds_make_a_smooth_loop_too(pipeline, seeds):
    w = walk(pipeline, seeds, 60)
    steps = np.diff(w, axis=0, append=w[:1])
    turns = np.linalg.norm(np.diff(steps, axis=0, append=steps[:1]), axis=1)
    assert turns.max() < 0.1 * np.linalg.norm(steps, axis=1).max(), "no corner, no jump"


def test_seeds_are_shared_among_the_cells():
    assert keyframes(range(6), 3, None) == [[0, 1], [2, 3], [4, 5]]
    assert keyframes([7, 8, 9], 2, 2) == [[7, 8], [9, 8]]
    again = keyframes(range(8), 4, 4)
    assert len({tuple(cell) for cell in again}) == 4, "no two cells show the same"


def test_a_video_of_a_grid(make, tmp_path):
    outcome = make("--grid", "2x1", "--w-frames", 3, "--fps", 10, output="a.mp4", seeds="0-3")
    assert outcome.code == 0, outcome.err
    assert "6 frames, 0.6 s" in outcome.out
    assert video.read_first(tmp_path / "a.mp4").shape == (32, 66, 4), "65 wide, made even"
    assert read_request(tmp_path / "a.mp4") == RenderRequest(str(PLAIN), Seed(0))
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_the_frames_of_the_seeds_are_their_pictures(make, pipeline, tmp_path):
    assert make("--w-frames", 2, "--trunc", 0.7, "--scale", 2).code == 0
    files = sorted((tmp_path / "out").iterdir())
    assert [f.name for f in files] == [f"out-00000{i}.png" for i in range(6)]
    for file, seed in zip(files[::2], (1, 2, 3), strict=True):
        request = RenderRequest(str(PLAIN), Seed(seed), truncation=Truncation(0.7))
        assert read_request(file) == request
        expected = pipeline.render(request).pixels[..., :3].repeat(2, 0).repeat(2, 1)
        assert (pixels(file) == expected).all()
    assert not (pixels(files[0]) == pixels(files[1])).all()


def test_a_session_gives_all_but_the_latent(make, tmp_path):
    stored = RenderRequest(
        str(PLAIN), Seed(99), None, Truncation(0.3), (MixSource(Seed(8), (1.0,)),), Noise("none")
    )
    write_png(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8), stored)
    outcome = make("--session", tmp_path / "a.png", "--w-frames", 1, network=None)
    assert outcome.code == 0, outcome.err
    first = read_request(tmp_path / "out" / "out-000000.png")
    assert first == structs.replace(stored, source=Seed(1), mix=())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"options": ("--grid", "2by2")}, "--grid: '2by2' is no grid. Write 3x2"),
        ({"options": ("--grid", "0x2")}, "--grid: '0x2' is no grid."),
        ({"options": ("--grid", "2x1")}, "3 seeds cannot be shared equally among 2 cells"),
        ({"seeds": "4"}, "a way through W needs two seeds"),
        ({"seeds": "4-"}, "--seeds: '4-' is no number"),
        ({"network": None}, "No network is named"),
        ({"output": "a.avi"}, "a.avi: .avi files are not written. Name a film (.mp4, .webm"),
        ({"output": "a.mp3"}, "a.mp3: .mp3 files are not written. Name a film (.mp4, .webm"),
        ({"output": "a.xyz"}, "or a folder for PNGs, whose name has no ending"),
        ({"options": ("--size", 64, "--canvas", "64x64")}, "--size and --canvas both say"),
        ({"options": ("--smooth", "--lanczos")}, "--smooth and --lanczos both say"),
        (
            {"options": ("--canvas", "9by9")},
            "--canvas: '9by9' is no size of a film. Write 1920",
        ),
        ({"options": ("--sound", "no.wav")}, "no.wav does not exist"),
        ({"output": "a.png"}, "360 pictures do not fit into a.png"),
        ({"options": ("--fps", "0")}, "0 frames per second cannot be written"),
        ({"options": ("--scale", "-1")}, "scale of a picture has to be a positive number"),
    ],
)
def test_a_call_that_is_wrong_gets_one_clear_line(make, tmp_path, options, message):
    outcome = make(*options.pop("options", ()), **options)
    assert outcome.code == 1
    assert message in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_number_in_the_name_of_a_folder_is_no_ending(make, tmp_path):
    assert make("--w-frames", 1, output="psi-0.7").code == 0
    assert len(list((tmp_path / "psi-0.7").iterdir())) == 3


def test_a_size_is_that_of_the_whole_grid(make, tmp_path):
    options = ("--grid", "3x1", "--num-keyframes", 2, "--w-frames", 1, "--size", 90)
    assert make(*options)[0] == 0
    assert pixels(tmp_path / "out" / "out-000000.png").shape == (90, 272, 3)
    code, _, error = make(*options, "--scale", 2, output="again")
    assert code != 0
    assert "Give one" in error
