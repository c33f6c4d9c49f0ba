"""The `dataset` command from end to end: transforms, labels, formats, reports and refusals."""

from __future__ import annotations

import json
import os
import struct
import sys
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.renderer.cli.command_line import run
from tests.training.data.dataset_files import contents, jpeg, noise, nvidia_zip, png, read
from training.data.dataset import ImageDataset


@pytest.fixture
def dataset(monkeypatch, capsys, tmp_path):
    def call(*options, source="in", dest="out.zip", workers=1):
        paths = ("--source", tmp_path / source, "--dest", tmp_path / dest)
        return run(monkeypatch, capsys, "dataset", *paths, "--workers", workers, *options)

    return call


@pytest.fixture
def photos(tmp_path):
    """12 pictures of three shapes, named so that plain sorting puts img10 before img2."""
    folder = tmp_path / "in"
    folder.mkdir()
    shapes = [(40, 60, 3), (60, 40, 3), (50, 50, 3)]
    pictures = [noise(i, *shapes[i % 3]) for i in range(12)]
    for i, pixels in enumerate(pictures):
        (folder / f"img{i}.png").write_bytes(png(pixels))
    return pictures


def left_over(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def expected(pixels, kind, resample):
    """The transforms, by Pillow and slices."""
    h, w = pixels.shape[:2]
    if kind is None:
        return np.asarray(Image.fromarray(pixels).resize((32, 32), resample))
    if kind == "center-crop":
        s = min(h, w)
        crop = pixels[(h - s) // 2 :, (w - s) // 2 :][:s, :s]
        return np.asarray(Image.fromarray(crop).resize((32, 32), resample))
    ch, cw = min(h, round(w * 24 / 32)), min(w, round(h * 32 / 24))
    crop = pixels[(h - ch) // 2 :, (w - cw) // 2 :][:ch, :cw]
    square = np.zeros((32, 32, 3), np.uint8)
    square[4:28] = np.asarray(Image.fromarray(crop).resize((32, 24), resample))
    return square


@pytest.mark.parametrize("kind", [None, "center-crop", "center-crop-wide"])
@pytest.mark.parametrize("name", ["lanczos", "box"])
@pytest.mark.parametrize("dest", ["out.zip", "out"])
def test_pixels_are_pillows_in_natural_order(dataset, tmp_path, photos, kind, name, dest):
    transform = ["--transform", kind] if kind else []
    height = 24 if kind == "center-crop-wide" else 32
    outcome = dataset(
        *transform, "--width", 32, "--height", height, "--resize-filter", name, dest=dest
    )
    assert outcome.code == 0, outcome.err
    files = contents(tmp_path / dest)
    names = [f"00000/img{i:08d}.png" for i in range(12)]
    assert sorted(files) == [*names, "dataset.json"]
    assert json.loads(files["dataset.json"]) == {"labels": None}
    resample = {"lanczos": Image.Resampling.LANCZOS, "box": Image.Resampling.BOX}[name]
    for file, pixels in zip(names, photos, strict=True):
        assert np.array_equal(read(files[file]), expected(pixels, kind, resample)), file
    assert "12 images of 32×32 pixels, RGB." in outcome.out
    assert ImageDataset(tmp_path / dest, resolution=32).raw_count == 12
    assert not left_over(tmp_path)


def test_a_zip_is_stored_and_the_same_whatever_the_workers(dataset, tmp_path, photos):
    for workers, dest in ((1, "a.zip"), (2, "b.zip")):
        many = tmp_path / "in" / "more"
        many.mkdir(exist_ok=True)
        for i in range(60):
            (many / f"{i}.png").write_bytes(png(noise(i, 9, 9, 3)))
        size = ("--width", 16)
        assert dataset(*size, dest=dest, workers=workers).code == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_what_nvidias_tool_wrote_goes_through_unchanged(dataset, tmp_path):
    images = [noise(i, 16, 16, 3) for i in range(5)]
    nvidia_zip(tmp_path / "in.zip", images, [2, 0, 1, 1, 0])
    assert dataset(source="in.zip", dest="out").code == 0
    data = ImageDataset(tmp_path / "out", use_labels=True)
    assert [int(np.argmax(data.label_of(i))) for i in range(5)] == [2, 0, 1, 1, 0]
    assert all(np.array_equal(data[i][0].transpose(1, 2, 0), images[i]) for i in range(5))
    assert dataset("--labels", "none", source="in.zip", dest="bare").code == 0
    assert json.loads((tmp_path / "bare/dataset.json").read_text()) == {"labels": None}


@pytest.mark.parametrize("inside", ["", "all/pictures/"])
def test_labels_from_folders(dataset, tmp_path, inside):
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for i, name in enumerate(["dog/1", "cat/a/9", "cat/2", "10/x", "9/x"]):
            archive.writestr(f"{inside}{name}.png", png(noise(i, 8, 8, 3)))
    outcome = dataset("--labels", "folders", source="in.zip")
    assert outcome.code == 0, outcome.err
    assert "4 classes" in outcome.out
    files = contents(tmp_path / "out.zip")
    metadata = json.loads(files["dataset.json"])
    assert metadata["classes"] == ["9", "10", "cat", "dog"]
    number = {read(files[name]).tobytes(): label for name, label in metadata["labels"]}
    assert [number[noise(i, 8, 8, 3).tobytes()] for i in range(5)] == [3, 2, 2, 1, 0]
    assert dataset(source="out.zip", dest="again.zip").code == 0
    assert json.loads(contents(tmp_path / "again.zip")["dataset.json"]) == metadata


def test_images_outside_class_folders_are_an_error(dataset, tmp_path, photos):
    outcome = dataset("--labels", "folders", "--width", 16)
    assert outcome.code == 1
    assert "img0.png" in outcome.err
    assert "lies in no class folder" in outcome.err


def test_grey_stays_grey_until_the_first_colour_and_then_all_is_rgb(dataset, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(20):
        (folder / f"{i}.png").write_bytes(png(noise(i, 8, 8)))
    assert "grey" in dataset(dest="grey.zip").out
    assert ImageDataset(tmp_path / "grey.zip").channels == 1
    assert dataset("--channels", 3, dest="three.zip").code == 0
    (folder / "15.png").write_bytes(png(noise(15, 8, 8, 3)))
    for workers in (1, 2):
        assert "RGB" in dataset("--force", workers=workers).out
        data = ImageDataset(tmp_path / "out.zip")
        assert data.channels == 3
        data.verify()
        for i in range(20):
            pixels = noise(i, 8, 8, 3) if i == 15 else noise(i, 8, 8)[..., None]
            assert np.array_equal(data[i][0].transpose(1, 2, 0), np.broadcast_to(pixels, (8, 8, 3)))
    assert ImageDataset(tmp_path / "three.zip").channels == 3
    assert dataset("--channels", 1, "--force").code == 0
    assert ImageDataset(tmp_path / "out.zip").channels == 1
    assert not left_over(tmp_path)


@pytest.mark.parametrize(("format_", "suffix"), [("jpeg", ".jpg"), ("webp", ".webp")])
def test_lighter_formats_are_read_too(dataset, tmp_path, photos, format_, suffix):
    assert dataset("--width", 16, "--format", format_, "--quality", 90).code == 0
    data = ImageDataset(tmp_path / "out.zip")
    assert data.names[0] == f"00000/img00000000{suffix}"
    assert data[0][0].shape == (3, 16, 16)


def test_max_images_are_the_first_usable_ones(dataset, tmp_path, photos):
    (tmp_path / "in" / "img1.png").write_bytes(b"broken")
    outcome = dataset("--width", 16, "--max-images", 3)
    assert outcome.code == 0
    files = contents(tmp_path / "out.zip")
    assert len(files) == 4
    third = np.asarray(Image.fromarray(photos[3]).resize((16, 16), Image.Resampling.LANCZOS))
    assert np.array_equal(read(files["00000/img00000002.png"]), third)


def test_what_is_skipped_or_changed_is_counted_and_named(dataset, tmp_path, photos):
    folder = tmp_path / "in"
    (folder / "notes.txt").write_text("no image")
    (folder / "half.jpg").write_bytes(b"\xff\xd8\xff\xe0 half of it")
    (folder / "none.png").write_bytes(b"")
    (folder / "no_extension").write_bytes(png(noise(1, 70, 70, 3)))
    (folder / ".hidden.png").write_bytes(b"not looked at")
    (folder / "see-through.png").write_bytes(png(noise(3, 50, 50, 4)))
    outcome = dataset("--width", 64)
    assert outcome.code == 0, outcome.err
    assert "14 images of 64×64 pixels, RGB." in outcome.out
    assert "Skipped 3:" in outcome.out
    assert "1  no image file, by its name and first bytes: notes.txt" in outcome.out
    assert "1  empty file: none.png" in outcome.out
    assert "1  transparency laid on the background: see-through.png" in outcome.out
    assert "13  smaller than the size asked for: enlarged: img0.png, img1.png" in outcome.out
    assert "Skipped none.png: empty file" in outcome.err
    assert "Skipped half.jpg: " in outcome.err
    assert "hidden" not in outcome.out + outcome.err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are always text")
def test_names_that_are_no_text_are_shown_escaped(dataset, tmp_path):
    folder = os.fsencode(tmp_path / "in")
    os.makedirs(folder + b"/\xe9t\xe9")
    for name, data in ((b"/\xe9t\xe9/a.png", png(noise(0, 8, 8))), (b"/\xe9t\xe9/b\n.png", b"x")):
        with open(folder + name, "wb") as file:
            file.write(data)
    with open(folder + b"/\xe9t\xe9.png", "wb") as file:
        file.write(b"")
    outcome = dataset()
    assert outcome.code == 0, outcome.err
    assert "\\udce9t\\udce9/b\\n.png" in outcome.out
    assert "Skipped \\udce9t\\udce9.png: empty file\n" in outcome.err
    os.remove(folder + b"/\xe9t\xe9.png")
    os.mkdir(folder + b"/z")
    os.rename(folder + b"/\xe9t\xe9/b\n.png", folder + b"/z/b.png")
    assert dataset("--labels", "folders", "--force").code == 0
    metadata = json.loads(contents(tmp_path / "out.zip")["dataset.json"])
    assert metadata["classes"] == ["z", "\\udce9t\\udce9"]


def test_center_crop_wide_leaves_out_what_is_too_small(dataset, tmp_path, photos):
    wide = ("--transform", "center-crop-wide", "--width", 64, "--height", 32)
    outcome = dataset(*wide)
    assert outcome.code == 1
    assert "No image could be used: 12 × smaller than 64×32." in outcome.err
    (tmp_path / "in" / "large.png").write_bytes(png(noise(0, 32, 64, 3)))
    assert dataset(*wide).code == 0
    assert not read(contents(tmp_path / "out.zip")["00000/img00000000.png"])[:16].any()


REFUSED = {
    "--transform center-crop needs --width and --height": ["--transform", "center-crop"],
    "--transform center-crop-wide needs --width and --height": [
        "--transform",
        "center-crop-wide",
        "--width",
        64,
    ],
    "it is taller than wide": ["--transform", "center-crop-wide", "--width", 32, "--height", 64],
    "48×48 is asked for, but networks": ["--width", 48],
    "64×32 is asked for, but networks": ["--width", 64, "--height", 32],
    "img0.png has 60×40 pixels, but networks are trained on squares whose side is a power of two. "
    "Use --width 32 --height 32": [],
    "--background: 'reddish' is no colour": ["--background", "reddish", "--width", 16],
    "has no labels in dataset.json": ["--labels", "json", "--width", 16],
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_call_that_is_wrong_gets_one_clear_line(dataset, tmp_path, photos, message):
    outcome = dataset(*REFUSED[message])
    assert outcome.code == 1
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_pictures_that_lose_their_shape_are_reported(dataset, tmp_path, photos):
    note = "8  stretched to a square; --transform center-crop keeps shapes: img0.png, img1.png"
    assert note in dataset("--width", 32).out
    crop = dataset("--width", 32, "--transform", "center-crop", dest="cropped.zip")
    assert "stretched" not in crop.out


def test_mixed_sizes_name_both_images_and_the_remedy(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    for i, side in enumerate((16, 16, 32)):
        (tmp_path / "in" / f"{i}.png").write_bytes(png(noise(i, side, side, 3)))
    outcome = dataset()
    assert outcome.code == 1
    assert "2.png has 32×32 pixels, 0.png 16×16." in outcome.err
    assert "--transform center-crop --width 16 --height 16" in outcome.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_nothing_usable_is_an_error_that_says_why(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    assert "there is none" in dataset().err
    (tmp_path / "in" / "a.txt").write_text("x")
    (tmp_path / "in" / "b.png").write_text("x")
    outcome = dataset()
    assert outcome.code == 1
    assert "1 × no image file, by its name and first bytes" in outcome.err
    assert "1 × not an image of a kind that is read" in outcome.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_what_is_there_is_not_replaced_unasked(dataset, tmp_path, photos):
    size = ("--width", 16)
    (tmp_path / "out.zip").write_bytes(b"precious")
    assert "exists already" in dataset(*size).err
    assert "is not a data set" in dataset(*size, "--force").err
    assert (tmp_path / "out.zip").read_bytes() == b"precious"
    (tmp_path / "out.zip").unlink()
    assert dataset(*size, "--max-images", 2).code == 0
    assert dataset(*size, "--force").code == 0
    assert len(contents(tmp_path / "out.zip")) == 13

    (tmp_path / "new").mkdir()
    assert dataset(*size, dest="new").code == 0  # an empty folder is taken
    assert "is not empty" in dataset(*size, dest="new").err
    assert dataset(*size, "--max-images", 2, "--force", dest="new").code == 0
    assert len(contents(tmp_path / "new")) == 3
    (tmp_path / "new" / "thesis.txt").write_text("precious")
    outcome = dataset(*size, "--force", dest="new")
    assert "holds more than a data set (thesis.txt)" in outcome.err
    assert "lie one inside the other" in dataset(*size, dest="in/out.zip").err
    assert not left_over(tmp_path)


def test_labels_that_are_missing_in_dataset_json_are_reported(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(3):
        (tmp_path / "in" / f"{i}.png").write_bytes(png(noise(i, 8, 8)))
    pairs = [["2.png", 4], ["0.png", 1]]
    (tmp_path / "in" / "dataset.json").write_text(json.dumps({"labels": pairs}))
    outcome = dataset()
    assert outcome.code == 0
    assert "1  no label in dataset.json; --labels none takes such images too: 1.png" in outcome.out
    assert outcome.err == ""
    labels = json.loads(contents(tmp_path / "out.zip")["dataset.json"])["labels"]
    assert labels == [["00000/img00000000.png", 1], ["00000/img00000001.png", 4]]


@pytest.mark.parametrize("dest", ["photos.zip", "photos"])
@pytest.mark.parametrize("name", ["holiday.jpg", "00000/holiday.jpg", "00000/img1.png"])
def test_what_is_no_data_set_is_not_replaced_even_by_force(dataset, tmp_path, photos, dest, name):
    assert dataset("--width", 16, dest=dest).code == 0
    if dest == "photos":
        (tmp_path / dest / name).write_bytes(b"precious")
    else:
        with zipfile.ZipFile(tmp_path / dest, "a") as archive:
            archive.writestr(name, b"precious")
    before = contents(tmp_path / dest)
    outcome = dataset("--width", 16, "--force", dest=dest)
    assert outcome.code == 1
    assert f"holds more than a data set ({name}), so --force will not replace it" in outcome.err
    assert contents(tmp_path / dest) == before
    assert not left_over(tmp_path)


def test_what_nvidias_tool_wrote_is_replaced_by_force(dataset, tmp_path, photos):
    nvidia_zip(tmp_path / "out.zip", [noise(0, 8, 8, 3)])
    assert dataset("--width", 16, "--force").code == 0
    assert len(contents(tmp_path / "out.zip")) == 13


def test_twelve_bits_in_sixteen_are_told_and_spread(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    for i in range(3):
        Image.fromarray(np.roll(ramp, i, 0)).save(tmp_path / "in" / f"{i}.png")
    outcome = dataset()
    assert "The 16-bit values reach 4095 of 65535, so the pictures are dark" in outcome.out
    assert "--range 0 4095" in outcome.out
    outcome = dataset("--range", 0, 4095, "--force")
    assert "dark" not in outcome.out
    pixels = read(contents(tmp_path / "out.zip")["00000/img00000000.png"])
    assert np.abs(pixels - ramp * (255 / 4095)).max() <= 0.5 + 1e-9
    assert dataset("--range", 1000, 3000, "--force").code == 0
    pixels = read(contents(tmp_path / "out.zip")["00000/img00000000.png"])
    assert np.abs(pixels - ((ramp - 1000.0) / 2000).clip(0, 1) * 255).max() <= 0.5 + 1e-9
    assert "is no range of 16-bit values" in dataset("--range", 5, 5, "--force").err
    Image.fromarray(ramp * 16).save(tmp_path / "in" / "bright.png")
    assert "dark" not in dataset("--force").out


def test_sixteen_bits_of_colour_that_are_hardly_used_are_told(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(deep_rgb(noise(0, 8, 8, 3).astype(np.uint16) * 16))
    (tmp_path / "in" / "b.png").write_bytes(deep_rgb(noise(1, 8, 8, 3).astype(np.uint16) * 256))
    outcome = dataset()
    assert "2  16-bit colour cut to 8 bits: a.png, b.png" in outcome.out
    assert "1  dark: a small part of the 16-bit range is used: a.png" in outcome.out


def deep_rgb(pixels):
    """A PNG of 16 bits a channel, which Pillow cannot write: one zlib stream of big-endian rows."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize("kind", ["gif", "png", "webp", "tiff"])
def test_of_animations_the_first_frame_is_taken_and_said(dataset, tmp_path, kind):
    (tmp_path / "in").mkdir()
    frames = [Image.fromarray(np.full((8, 8, 3), 80 * i, np.uint8)) for i in range(3)]
    options = {"lossless": True} if kind == "webp" else {}
    first, *others = frames
    first.save(tmp_path / "in" / f"a.{kind}", save_all=True, append_images=others, **options)
    frames[1].save(tmp_path / "in" / f"still.{kind}", **options)
    outcome = dataset()
    assert "1  an animation, or several pages: only the first is taken: a." in outcome.out
    assert not read(contents(tmp_path / "out.zip")["00000/img00000000.png"]).any()


def test_files_are_images_by_content_where_their_names_say_nothing(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    files = {
        "a.jfif": jpeg(noise(0, 8, 8, 3)),
        "b": png(noise(1, 8, 8, 3)),
        "c.0001": png(noise(2, 8, 8, 3)),
        "d.JPE": jpeg(noise(3, 8, 8, 3)),
        "README": b"words",
        "e.dat": b"BM words",
    }
    for name, data in files.items():
        (tmp_path / "in" / name).write_bytes(data)
    outcome = dataset()
    assert "4 images" in outcome.out
    assert "2  no image file, by its name and first bytes: README, e.dat" in outcome.out
    assert ImageDataset(tmp_path / "in").names == ["a.jfif", "b", "c.0001", "d.JPE"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_left_out_and_not_waited_for(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(png(noise(0, 8, 8, 3)))
    os.mkfifo(tmp_path / "in" / "b.png")
    os.mkfifo(tmp_path / "in" / "c")
    outcome = dataset()
    assert outcome.code == 0
    assert "Skipped b.png: neither a file nor a folder, but a pipe" in outcome.err
    os.mkfifo(tmp_path / "in.gz")
    assert "is a named pipe, not a file" in dataset("--force", source="in.gz").err


def test_transparency_is_kept_as_a_fourth_channel(dataset, tmp_path):
    (tmp_path / "in").mkdir()
    clear, solid = noise(0, 8, 8, 4), noise(1, 8, 8, 3)
    (tmp_path / "in" / "0.png").write_bytes(png(clear))
    (tmp_path / "in" / "1.png").write_bytes(png(solid))
    (tmp_path / "in" / "2.png").write_bytes(png(noise(2, 8, 8)))
    outcome = dataset("--channels", 4)
    assert "3 images of 8×8 pixels, RGBA." in outcome.out
    data = ImageDataset(tmp_path / "out.zip")
    assert (data.channels, data.resolution) == (4, 8)
    data.verify()
    assert np.array_equal(data[0][0].transpose(1, 2, 0), clear)
    assert np.array_equal(data[1][0][:3].transpose(1, 2, 0), solid)
    assert (data[1][0][3] == 255).all()
    assert dataset(source="out.zip", dest="flat.zip").code == 0
    assert ImageDataset(tmp_path / "flat.zip").channels == 3
    assert "holds no transparency" in dataset("--channels", 4, "--format", "jpeg", "--force").err
    wide = ("--transform", "center-crop-wide", "--width", 8, "--height", 4)
    assert dataset("--channels", 4, "--force", *wide).code == 0
    bars = ImageDataset(tmp_path / "out.zip")[0][0][:, :2]
    assert not bars[:3].any()
    assert (bars[3] == 255).all()
