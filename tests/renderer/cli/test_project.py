"""`project`: files that other tools read, the same bytes again, and what is wrong in one line."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import common.files
from common.files import disk_full
from common.projection import ProjectionStep
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, SavedW, Seed
from renderer.pictures.metadata import read_request
from renderer.pictures.projected import ProgressVideo
from renderer.pictures.video import read_first
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.projecting import RunningProjection
from tests.paths import BUSTS, DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"
CLASSES = DATA / "sg2-cond-16.pkl"
TRANSPARENT = DATA / "foreign" / "sg2ada" / "rgba-16.pkl"
QUICK = ("--num-steps", 6, "--num-seeds", 8, "--distance", "pixels", "--save-video", 0)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A picture of the bundled network, of seed 5."""
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    pixels = pipeline.render(RenderRequest(str(BUSTS), Seed(5))).pixels
    Image.fromarray(pixels[..., :3]).save(tmp_path / "mine.png")
    return tmp_path / "mine.png"


@pytest.fixture
def project(monkeypatch, capsys, tmp_path):
    """Calls project with one thread; files go to tmp_path / out."""

    def call(*options, network=PLAIN, outdir=tmp_path / "out"):
        fixed = ("--threads", 1, "--device", "cpu", "--network", network, "--outdir", outdir)
        return run(monkeypatch, capsys, "project", *fixed, *options)

    return call


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_the_files(project, target, tmp_path, monkeypatch, capsys) -> None:
    outcome = project("--target", target, *QUICK[:-2], network=BUSTS)
    assert outcome.code == 0, outcome.err
    out = tmp_path / "out"
    names = {"target.png", "proj.png", "projected_w.npz", "projection.json", "proj.mp4"}
    assert {file.name for file in out.iterdir()} == names
    assert (pixels(out / "target.png") == pixels(target)).all()
    facts = json.loads((out / "projection.json").read_text())
    assert len(facts["distances"]) == 6
    assert facts["complete"] is True
    assert facts["settings"]["seed"] == 303
    assert facts["psnr"] is None, "seed 5 was among those compared: it is the same picture"
    assert read_first(out / "proj.mp4").shape == (64, 128, 4)
    with np.load(out / "projected_w.npz") as saved:
        assert saved["w"].shape == (1, 10, 128)
        assert saved["w"].dtype == np.float32
        assert saved["noise.b64.conv1"].shape == (64, 64)
    # The picture carries its request, and other commands draw the same.
    request = read_request(out / "proj.png")
    assert request.source == SavedW(str(out / "projected_w.npz"))
    w = ("--projected-w", out / "projected_w.npz", "--outdir", tmp_path / "again")
    drawn = run(monkeypatch, capsys, "generate", "--network", BUSTS, "--threads", 1, *w)
    assert drawn.code == 0, drawn.err
    assert (pixels(tmp_path / "again" / "proj00.png") == pixels(out / "proj.png")).all()


def test_the_same_seed_gives_the_same_bytes(project, target, tmp_path) -> None:
    more = ("--target", target, *QUICK, "--start", "average")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert project(*more, "--seed", seed, outdir=tmp_path / name).code == 0
    a, b, c = ((tmp_path / name / "projected_w.npz").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_several_get_a_folder_each_and_a_bad_one_stops_none(project, target, tmp_path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.png").write_bytes(target.read_bytes())
    (folder / "b.png").write_bytes(b"no picture")
    (folder / "c.png").write_bytes(target.read_bytes())
    outcome = project("--target", folder, *QUICK)
    assert outcome.code == 1
    assert "b.png cannot be projected" in outcome.err
    assert "1 of 3 pictures failed: b.png" in outcome.err
    assert (tmp_path / "out" / "a" / "proj.png").exists()
    assert (tmp_path / "out" / "c" / "proj.png").exists()
    assert not (tmp_path / "out" / "b" / "proj.png").exists()


def test_tuning_writes_a_network_that_opens(project, target, tmp_path) -> None:
    assert project("--target", target, *QUICK, "--tune", 3).code == 0
    out = tmp_path / "out"
    request = read_request(out / "proj.png")
    assert request.snapshot == str(out / "tuned.safetensors")
    drawn = Pipeline(EngineOptions(device="cpu", threads=1)).render(request).pixels[..., :3]
    assert (drawn == pixels(out / "proj.png")).all()
    assert len(json.loads((out / "projection.json").read_text())["distances"]) == 9


def test_ctrl_c_keeps_the_best_so_far(project, target, tmp_path, monkeypatch) -> None:
    taken = RunningProjection.step

    def step(self) -> ProjectionStep:
        if len(self.history) == 4:
            raise KeyboardInterrupt
        return taken(self)

    monkeypatch.setattr(RunningProjection, "step", step)
    outcome = project("--target", target, *QUICK)
    assert outcome.code == 130
    assert "best so far" in outcome.out
    facts = json.loads((tmp_path / "out" / "projection.json").read_text())
    assert facts["complete"] is False
    assert len(facts["distances"]) == 4
    assert (tmp_path / "out" / "proj.png").exists()


def test_what_is_stopped_before_there_is_anything_leaves_nothing(
    project, target, tmp_path, monkeypatch
) -> None:
    def step(self) -> ProjectionStep:
        raise KeyboardInterrupt

    monkeypatch.setattr(RunningProjection, "step", step)
    assert project("--target", target, *QUICK[:-2]).code != 0
    assert list((tmp_path / "out").iterdir()) == [], "the same call is not refused then"


def test_what_is_there_is_kept(project, target, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "projected_w.npz").write_bytes(b"mine")
    outcome = project("--target", target, *QUICK)
    assert outcome.code == 1
    assert "--force" in outcome.err
    assert (tmp_path / "out" / "projected_w.npz").read_bytes() == b"mine"


def test_a_class_of_a_grey_network_and_starts(project, target, tmp_path) -> None:
    more = ("--target", target, *QUICK)
    assert "conditional" in project(*more, network=CLASSES).err
    outcome = project(*more, "--class", 1, "--start", 3, network=CLASSES)
    assert outcome.code == 0, outcome.err
    again = ("--start", tmp_path / "out" / "projected_w.npz", "--space", "w", "--noise", "off")
    outcome = project(*more, *again, "--class", 1, network=CLASSES, outdir=tmp_path / "two")
    assert outcome.code == 0, outcome.err
    with np.load(tmp_path / "two" / "projected_w.npz") as saved:
        assert saved.files == ["w"]
        assert (saved["w"] == saved["w"][:, :1]).all()


def test_a_small_network_of_transparent_pictures(project, tmp_path) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((200, 60, 60, 255), (20, 0, 40, 40))
    clear.save(tmp_path / "clear.png")
    options = ("--target", tmp_path / "clear.png", "--num-steps", 4, "--num-seeds", 4)
    outcome = project(*options, network=TRANSPARENT)
    assert outcome.code == 0, outcome.err
    for name in ("target.png", "proj.png"):
        with Image.open(tmp_path / "out" / name) as image:
            assert (image.size, image.mode) == ((16, 16), "RGBA")
            assert name == "proj.png" or image.getextrema()[3] == (0, 255)


def test_the_discriminator_as_a_distance(project, target, tmp_path) -> None:
    options = ("--target", target, *QUICK[:4], "--save-video", 0, "--distance", "discriminator")
    assert project(*options).code == 0
    outcome = project(*options, network=BUSTS, outdir=tmp_path / "two")
    assert outcome.code == 1
    assert "only the averaged generator" in outcome.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--start", "middle"), "best, average, a seed"),
        (("--distance", "mse"), "lite, discriminator, pixels, lpips"),
        (("--distance", "lpips"), "--weights"),
        (("--crop", "1,2"), "X,Y,SIZE"),
        (("--crop", "50,0,20"), "64×64"),
        (("--background", "white"), "RRGGBB"),
        (("--class", "1"), "no classes"),
        (("--outdir", " "), "No folder is named"),
        (("--target", ""), "no picture is named"),
    ],
)
def test_what_is_wrong_with_a_call(project, target, options, words) -> None:
    outcome = project("--target", target, *QUICK, *options)
    assert outcome.code == 1
    assert words in outcome.err
    assert outcome.err.count("Error") == 1


def test_targets_that_are_none(project, tmp_path) -> None:
    assert "does not exist" in project("--target", tmp_path / "none.png").err
    assert "no picture in" in project("--target", tmp_path).err


def test_w_of_another_network(project, target, tmp_path) -> None:
    np.savez(tmp_path / "w.npz", w=np.zeros((1, 4, 7), np.float32))
    outcome = project("--target", target, *QUICK, "--start", tmp_path / "w.npz")
    assert "saved from another network" in outcome.err


def test_the_noise_of_a_start_is_the_start_of_the_noise(project, target, tmp_path) -> None:
    begun = project("--target", target, *QUICK, outdir=tmp_path / "first")
    assert begun.code == 0, begun.err
    start = tmp_path / "first" / "projected_w.npz"
    plain = tmp_path / "plain.npz"
    with np.load(start) as saved:
        np.savez(plain, w=saved["w"])
    first = ("--target", target, *QUICK, "--num-steps", 1, "--start")
    for name, file in (("with", start), ("without", plain)):
        outcome = project(*first, file, outdir=tmp_path / name)
        assert outcome.code == 0, outcome.err
    # After one step the best is the start itself.
    with np.load(start) as saved, np.load(tmp_path / "with" / "projected_w.npz") as found:
        noise = [name for name in saved.files if name != "w"]
        assert noise
        for name in noise:
            np.testing.assert_array_equal(found[name], saved[name])
    with np.load(start) as saved, np.load(tmp_path / "without" / "projected_w.npz") as found:
        assert any((found[name] != saved[name]).any() for name in noise)


def test_a_result_that_finds_no_room_is_kept_for_the_user(
    project, target, tmp_path, monkeypatch
) -> None:
    write, spare = common.files.replace_file, tmp_path / "spare"
    spare.mkdir()

    def replace_file(path: Path, data: bytes) -> None:
        if path.name == "proj.png" and path.parent == tmp_path / "out":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, data)

    monkeypatch.setattr(common.files, "replace_file", replace_file)
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    outcome = project("--target", target, *QUICK)
    assert outcome.code == 1
    (folder,) = [path for path in spare.iterdir() if path.name.startswith("ganscope-")]
    assert "the disk is full" in outcome.err
    assert f"What was found is in {folder}." in outcome.err
    assert read_request(folder / "proj.png").source == SavedW(str(folder / "projected_w.npz"))


def test_where_nothing_can_be_written_nothing_is_searched(
    project, target, tmp_path, monkeypatch
) -> None:
    def replace_file(path: Path, data: bytes) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    def step(self: object) -> ProjectionStep:
        raise AssertionError("it was searched")

    monkeypatch.setattr(common.files, "replace_file", replace_file)
    monkeypatch.setattr(RunningProjection, "step", step)
    outcome = project("--target", target, *QUICK)
    assert outcome.code == 1
    assert "Cannot write" in outcome.err


def test_a_video_that_finds_no_room_costs_nothing_else(
    project, target, tmp_path, monkeypatch
) -> None:
    def add(self: object, picture: object) -> None:
        raise disk_full("proj.mp4")

    monkeypatch.setattr(ProgressVideo, "add", add)
    outcome = project("--target", target, *QUICK[:-2])
    assert outcome.code == 1
    assert "Cannot write proj.mp4: the disk is full." in outcome.err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"target.png", "proj.png", "projected_w.npz", "projection.json"}
