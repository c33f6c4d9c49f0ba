"""ImageDataset on what NVIDIA's tool writes, and on data that is wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageOps

from common.errors import UserError
from tests.training.data.dataset_files import jpeg, noise, nvidia_zip, png
from training.data.dataset import ImageDataset, split

IMAGES = [noise(i, 16, 16, 3) for i in range(10)]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "ten.zip"
    nvidia_zip(path, IMAGES, [3, 0, 1, 2, 3, 0, 1, 2, 3, 5])
    return path


def test_a_zip_of_nvidias_tool(labelled):
    data = ImageDataset(labelled, use_labels=True)
    assert (data.name, data.resolution, data.channels) == ("ten", 16, 3)
    assert (data.label_dim, data.raw_count, len(data)) == (6, 10, 10)
    for i, pixels in enumerate(IMAGES):
        image, label = data[i]
        assert image.dtype == np.uint8
        assert np.array_equal(image, pixels.transpose(2, 0, 1))
        assert label.dtype == np.float32
        assert np.array_equal(label, np.eye(6)[[3, 0, 1, 2, 3, 0, 1, 2, 3, 5][i]])
        assert np.array_equal(label, data.label_of(i))
    with pytest.raises(IndexError):
        data[10]


def test_labels_are_left_alone_unless_asked_for(labelled):
    data = ImageDataset(labelled)
    assert data.label_dim == 0
    assert data[4][1].shape == (0,)


def test_a_folder_of_grey_images_with_vectors_and_backslashes(tmp_path):
    (tmp_path / "00000").mkdir()
    for i in range(3):
        (tmp_path / "00000" / f"img{i:08d}.png").write_bytes(png(noise(i, 8, 8)))
    pairs = [[f"00000\\img{i:08d}.png", [i / 4, -1, 2]] for i in (2, 0, 1)]
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": pairs}))
    data = ImageDataset(tmp_path, use_labels=True)
    assert (data.channels, data.resolution, data.label_dim) == (1, 8, 3)
    assert np.array_equal(data[2][0][0], noise(2, 8, 8))
    assert data[2][1].tolist() == [0.5, -1, 2]


def test_mirroring_doubles_with_flipped_images_of_the_same_label(labelled):
    data = ImageDataset(labelled, use_labels=True, mirror=True)
    assert (len(data), data.raw_count) == (20, 10)
    for i in range(10):
        assert np.array_equal(data[10 + i][0], data[i][0][:, :, ::-1])
        assert np.array_equal(data[10 + i][1], data[i][1])


def test_a_subset_depends_on_the_seed_alone_and_keeps_labels_with_images(labelled):
    whole = ImageDataset(labelled, use_labels=True)
    by_pixels = {whole[i][0].tobytes(): whole[i][1].tolist() for i in range(10)}
    subsets = [ImageDataset(labelled, use_labels=True, max_size=4, seed=s) for s in (0, 0, 1, 2)]
    names = [tuple(data.names) for data in subsets]
    assert names[0] == names[1]
    assert len(set(names)) > 1
    for data in subsets:
        assert (len(data), data.raw_count, data.label_dim) == (4, 10, 6)
        for i in range(4):
            assert by_pixels[data[i][0].tobytes()] == data[i][1].tolist()
    assert len(ImageDataset(labelled, max_size=100)) == 10


def test_pickled_it_is_small_and_reads_on(labelled):
    data = ImageDataset(labelled, use_labels=True)
    expected = data[7][0]  # opens the zip
    again = pickle.loads(pickle.dumps(data))
    assert np.array_equal(again[7][0], expected)
    assert len(pickle.dumps(data)) < 5000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_share_the_open_file(labelled):
    data = ImageDataset(labelled)
    data[0]
    context = multiprocessing.get_context("fork")

    def child(queue):
        queue.put(data.archive._opened().fp.fileno())
        queue.put(all(np.array_equal(data[i][0], IMAGES[i].transpose(2, 0, 1)) for i in range(10)))

    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    assert queue.get(timeout=60) != data.archive._opened().fp.fileno()
    assert queue.get(timeout=60)
    process.join()


def test_a_split_is_whole_disjoint_and_stable_when_images_are_added(tmp_path):
    many = [noise(0, 4, 4)] * 200
    nvidia_zip(tmp_path / "a.zip", many)
    nvidia_zip(tmp_path / "b.zip", many + many[:20])
    small, large = ImageDataset(tmp_path / "a.zip"), ImageDataset(tmp_path / "b.zip")
    train, held = split(small, 0.1, seed=3)
    assert sorted(train + held) == list(range(200))
    assert len(held) == 20
    assert (train, held) == split(small, 0.1, seed=3)
    assert held != split(small, 0.1, seed=4)[1]
    assert len(set(held) & set(split(large, 0.1, seed=3)[1])) >= 15
    assert [len(part) for part in split(small, 0.0001)] == [199, 1]
    with pytest.raises(UserError, match="cannot be held out"):
        split(small, 1.0)


def test_restricting_keeps_images_labels_and_mirroring_together(labelled):
    data = ImageDataset(labelled, use_labels=True, mirror=True)
    part = data.restrict([8, 2])
    assert (len(part), part.label_dim, len(data)) == (4, 6, 20)
    assert np.array_equal(part[0][0], data[8][0])
    assert np.array_equal(part[3][0], data[12][0])
    assert np.array_equal(part[1][1], data[2][1])


def broken_zip(path, change):
    """Two images of 8×8 with classes 0 and 1; `change` alters files and labels."""
    files = {f"{i}.png": png(noise(i, 8, 8, 3)) for i in range(2)}
    labels = [["0.png", 0], ["1.png", 1]]
    labels = change(files, labels) or labels
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if "dataset.json" not in files:
            archive.writestr("dataset.json", json.dumps({"labels": labels}))


def test_the_untouched_pair_opens(tmp_path):
    broken_zip(tmp_path / "x.zip", lambda files, labels: None)
    ImageDataset(tmp_path / "x.zip", use_labels=True).verify()


BAD_LABELS = {
    "no label for 1 of 2 images (first: 1.png)": lambda f, x: x[:1],
    "has 3 labels for 2 images: 7.png is not there": lambda f, x: [*x, ["7.png", 0]],
    "labels[1] (1.png) is class -1": lambda f, x: [x[0], ["1.png", -1]],
    "labels[1] (1.png) is class 99999999": lambda f, x: [x[0], ["1.png", 99999999]],
    "labels[0] (0.png) is neither": lambda f, x: [["0.png", "cat"], x[1]],
    "labels[1] (1.png) is neither": lambda f, x: [x[0], ["1.png", True]],
    "labels[0] is not [file, label]": lambda f, x: [["0.png"], x[1]],
    "labels[1] names 0.png a second time": lambda f, x: [x[0], x[0]],
    "1.png has a vector, 0.png a class": lambda f, x: [x[0], ["1.png", [0.5]]],
    "1.png has a vector of 2 numbers, 0.png of 1": (
        lambda f, x: [["0.png", [1]], ["1.png", [1, 2]]]
    ),
    "labels is not a list": lambda f, x: 7,
    "is not valid JSON": lambda f, x: f.update({"dataset.json": b'{"labels": [[0'}),
    "is not of the form": lambda f, x: f.update({"dataset.json": b"[1, 2]"}),
    "has no labels. Prepare it with `dataset --labels folders`": (
        lambda f, x: f.update({"dataset.json": b'{"labels": null}'})
    ),
}


@pytest.mark.parametrize("message", BAD_LABELS)
def test_labels_that_do_not_fit_are_named(tmp_path, message):
    broken_zip(tmp_path / "x.zip", BAD_LABELS[message])
    with pytest.raises(UserError) as error:
        ImageDataset(tmp_path / "x.zip", use_labels=True)
    assert message in str(error.value)
    assert "x.zip" in str(error.value)
    assert error.value.remedy


BAD_IMAGES = {
    "1.png of {} has 16×16 pixels, 0.png 8×8": lambda f: png(noise(1, 16, 16, 3)),
    "1.png of {} is L, 0.png RGB": lambda f: png(noise(1, 8, 8)),
    "1.png of {} cannot be read": lambda f: b"no image",
    "1.png of {} is damaged": lambda f: f["1.png"][:-80],
}


@pytest.mark.parametrize("message", BAD_IMAGES)
def test_an_image_that_does_not_fit_is_named_when_it_is_read(tmp_path, message):
    path = tmp_path / "x.zip"
    broken_zip(path, lambda f, x: f.update({"1.png": BAD_IMAGES[message](f)}))
    data = ImageDataset(path)
    data[0]
    with pytest.raises(UserError) as error:
        data[1]
    assert message.format(path) in str(error.value)
    assert error.value.remedy
    if "damaged" not in message:
        with pytest.raises(UserError, match=r"1\.png"):
            data.verify()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_pictures_are_turned_upright_as_exif_says(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = tmp_path / f"0.{suffix}"
    Image.fromarray(noise(0, 8, 8, 3)).save(file, exif=exif)
    with Image.open(file) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(ImageDataset(tmp_path)[0][0].transpose(1, 2, 0), upright)


def test_verifying_reads_headers_only_even_those_after_much_metadata(tmp_path, monkeypatch):
    files = {
        "0.jpg": jpeg(noise(0, 256, 256, 3)),
        "1.jpg": jpeg(noise(1, 256, 256, 3), icc_profile=bytes(100_000)),
    }
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    data = ImageDataset(tmp_path / "x.zip")
    read = []
    real = data.archive.read

    def counted(name, limit=-1):
        read.append(len(real(name, limit)))
        return real(name, limit)

    monkeypatch.setattr(data.archive, "read", counted)
    data.verify()
    assert read == [8192, 8192, len(files["1.jpg"])]


UNFIT = {
    "0.png of {} has 10×10 pixels; networks need": (10, 10, 3),
    "0.png of {} has 8×16 pixels; networks need": (16, 8, 3),
    "0.png of {} has 2×2 pixels; networks need": (2, 2, 3),
    "0.png of {} is RGBA, neither grey nor RGB": (8, 8, 4),
}


@pytest.mark.parametrize("message", UNFIT)
def test_images_that_no_network_takes_are_refused_on_opening(tmp_path, message):
    path = tmp_path / "x.zip"
    broken_zip(path, lambda f, x: f.update({"0.png": png(noise(1, *UNFIT[message]))}))
    with pytest.raises(UserError) as error:
        ImageDataset(path)
    assert message.format(path) in str(error.value)
    assert "`dataset" in error.value.remedy


def test_what_is_no_data_set(tmp_path, labelled):
    with pytest.raises(UserError, match="does not exist"):
        ImageDataset(tmp_path / "none.zip")
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(UserError, match=r"text\.zip cannot be opened as a zip"):
        ImageDataset(tmp_path / "text.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no images"):
        ImageDataset(tmp_path / "empty")
    with pytest.raises(UserError, match=r"16 pixels a side, not 32\. .*--width 32 --height 32"):
        ImageDataset(labelled, resolution=32)


def test_damage_inside_a_zip_is_found_by_its_checksum(tmp_path, labelled):
    data = bytearray(labelled.read_bytes())
    at = data.find(b"IDAT", data.find(b"00000/img00000003.png")) + 100
    data[at] ^= 0xFF
    labelled.write_bytes(data)
    with pytest.raises(UserError, match=r"img00000003\.png .* damaged in the zip"):
        ImageDataset(labelled)[3]
