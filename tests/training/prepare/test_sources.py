"""Archives of classes, LMDB and broken containers as sources."""

from __future__ import annotations

import gzip
import importlib.util
import io
import os
import pickle
import struct
import sys
import tarfile
import zipfile

import numpy as np
import pytest

from common.errors import UserError
from tests.training.data.dataset_files import noise, nvidia_zip, png
from training.prepare.source import open_source

PIXELS = noise(7, 25, 3072)
LABELS = [i % 10 for i in range(25)]
NAMES = [f"class {i}" for i in range(10)]


def tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def python2_batch(pixels, labels, key="labels"):
    """A batch as Python 2 pickled it: texts and array bytes are SHORT_BINSTRING or BINSTRING."""

    def text(value: bytes) -> bytes:
        if len(value) < 256:
            return b"U" + bytes([len(value)]) + value
        return b"T" + struct.pack("<i", len(value)) + value

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    dtype = b"cnumpy\ndtype\n(" + text(b"u1") + number(0) + number(1) + b"tR"
    dtype += b"(" + number(3) + text(b"|") + b"NNN" + number(-1) * 2 + number(0) + b"tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(" + number(0) + b"t"
    array += text(b"b") + b"tR(" + number(1)
    array += b"(" + b"".join(map(number, pixels.shape)) + b"t" + dtype + b"\x89"
    array += text(pixels.tobytes()) + b"tb"
    listed = b"](" + b"".join(map(number, labels)) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(key.encode()) + listed + b"u."


def cifar10(path, write):
    files = {"cifar-10-batches-py/readme.html": b"<html>", "cifar-10-batches-py/test_batch": b"?"}
    meta = {"label_names": NAMES, "num_cases_per_batch": 10000}
    files["cifar-10-batches-py/batches.meta"] = pickle.dumps(meta, 2)
    for number in (2, 1, 10):
        part = slice(0, 20) if number == 1 else slice(20, 23) if number == 2 else slice(23, 25)
        data = write(PIXELS[part], LABELS[part])
        files[f"cifar-10-batches-py/data_batch_{number}"] = data
    return tar(path, files)


def newer(protocol):
    def write(pixels, labels):
        return pickle.dumps({b"data": pixels, b"labels": labels}, protocol)

    return write


@pytest.mark.parametrize("write", [python2_batch, newer(2), newer(4)])
def test_cifar10(tmp_path, write):
    source = open_source(cifar10(tmp_path / "cifar.tar.gz", write))
    assert source.classes == NAMES
    items = list(source)
    assert len(source) == len(items) == 25
    assert [item.label for item in items] == LABELS
    assert items[20].name == "data_batch_2[0]"
    for item, row in zip(items, PIXELS, strict=True):
        assert item.payload.shape == (32, 32, 3)
        # A row is the red plane, then green, then blue.
        assert item.payload[5, 9].tolist() == [row[c * 1024 + 5 * 32 + 9] for c in range(3)]
    assert [i.label for i in open_source(tmp_path / "cifar.tar.gz", "none")] == [None] * 25


def test_the_independent_reading_of_a_python2_batch():
    again = pickle.loads(python2_batch(PIXELS, LABELS), encoding="latin-1")  # made above
    assert np.array_equal(again["data"], PIXELS)
    assert again["labels"] == LABELS


def test_a_batch_as_large_as_the_real_ones(tmp_path):
    # CIFAR-10 packs 31 MB into one string; the reader of snapshots stops at 16 MiB.
    pixels = np.zeros((6000, 3072), np.uint8)
    pixels[-1] = 7
    path = tar(tmp_path / "c.tar.gz", {"c/data_batch_1": python2_batch(pixels, [1] * 6000)})
    source = open_source(path)
    assert len(source) == 6000
    assert source.batches[0][1].max() == 7


def test_cifar100_has_the_fine_classes(tmp_path):
    batch = {"data": PIXELS, "coarse_labels": [0] * 25, "fine_labels": [99 - i for i in LABELS]}
    files = {
        "cifar-100-python/train": pickle.dumps(batch, 2),
        "cifar-100-python/test": pickle.dumps(batch, 2),
        "cifar-100-python/meta": pickle.dumps(
            {"fine_label_names": ["x"] * 100, "coarse_label_names": ["y"]}, 2
        ),
    }
    source = open_source(tar(tmp_path / "cifar-100-python.tar.gz", files))
    assert len(source) == 25
    assert [item.label for item in source] == [99 - i for i in LABELS]
    assert source.classes == ["x"] * 100


class Evil:
    def __reduce__(self):
        return (print, ("executed",))


BAD_BATCHES = {
    "it wants to import builtins.print, which is refused": pickle.dumps(Evil()),
    "`data` is not a uint8 array [N, 3072]": newer(2)(PIXELS[:, :3071], LABELS),
    "`labels` is not a list of 25 classes": newer(2)(PIXELS, LABELS[:-1]),
    "is not a CIFAR file": pickle.dumps([1, 2]),
    "is refused: it ends in the middle": newer(2)(PIXELS, LABELS)[:-500],
}


@pytest.mark.parametrize("message", BAD_BATCHES)
def test_a_cifar_archive_that_is_wrong_or_evil(tmp_path, capsys, message):
    path = tar(tmp_path / "c.tar.gz", {"x/data_batch_1": BAD_BATCHES[message]})
    with pytest.raises(UserError) as error:
        open_source(path)
    assert message in str(error.value)
    assert f"x/data_batch_1 of {path}" in str(error.value)
    assert "executed" not in capsys.readouterr().out


def float_data(pixels, labels):
    return pickle.dumps({"data": pixels.astype(np.float64), "labels": labels}, 2)


def test_data_of_another_type_is_refused_and_another_tar_explained(tmp_path):
    path = tar(tmp_path / "c.tar.gz", {"x/data_batch_1": float_data(PIXELS, LABELS)})
    with pytest.raises(UserError, match="is not a uint8 array"):
        open_source(path)
    with pytest.raises(UserError, match="Unpack it and give the folder"):
        open_source(tar(tmp_path / "d.tar.gz", {"x/a.png": b"png"}))


def idx(magic, array):
    head = struct.pack(f">I{array.ndim}I", magic, *array.shape)
    return head + array.tobytes()


@pytest.mark.parametrize("packed", [True, False])
def test_mnist_is_padded_to_32(tmp_path, packed):
    images = noise(1, 6, 28, 28)
    labels = np.array([5, 0, 4, 1, 9, 2], np.uint8)
    pack, end = (gzip.compress, ".gz") if packed else (bytes, "")
    path = tmp_path / f"train-images-idx3-ubyte{end}"
    path.write_bytes(pack(idx(0x803, images)))
    assert [item.label for item in open_source(path)] == [None] * 6
    beside = tmp_path / f"train-labels-idx1-ubyte{end}"
    beside.write_bytes(pack(idx(0x801, labels)))
    source = open_source(path)
    items = list(source)
    assert [item.label for item in items] == labels.tolist()
    padded = np.zeros((6, 32, 32), np.uint8)
    padded[:, 2:30, 2:30] = images
    assert np.array_equal(np.stack([item.payload for item in items]), padded)
    beside.write_bytes(pack(idx(0x801, labels[:4])))
    with pytest.raises(UserError, match=r"has 4 labels, .* 6 images"):
        open_source(path)
    path.write_bytes(pack(idx(0x803, images)[:-1]))
    with pytest.raises(UserError, match="promises 6 × 28 × 28 values and holds 4703"):
        open_source(path)


def test_mnist_labels_are_found_packed_or_not_and_missed_aloud(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(0x803, noise(1, 3, 28, 28))))
    assert open_source(path).notes == [
        "No labels: there is no train-labels-idx1-ubyte.gz beside train-images-idx3-ubyte.gz."
    ]
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(0x801, np.array([7, 8, 9], np.uint8)))
    source = open_source(path)
    assert [item.label for item in source] == [7, 8, 9]
    assert source.notes == []


@pytest.mark.skipif(importlib.util.find_spec("lmdb") is None, reason="needs the package lmdb")
def test_lmdb_in_the_order_of_its_keys(tmp_path):
    import lmdb

    with (
        lmdb.open(str(tmp_path / "db"), map_size=1 << 20) as database,
        database.begin(write=True) as transaction,
    ):
        for key in (b"b", b"a", b"\xff"):
            transaction.put(key, png(noise(key[0], 8, 8)))
    for path in (tmp_path / "db", tmp_path / "db" / "data.mdb"):
        source = open_source(path)
        assert len(source) == 3
        assert [item.name for item in source] == ["a", "b", "\\xff"]
        assert [item.payload for item in source][1] == png(noise(ord("b"), 8, 8))
    (tmp_path / "db" / "data.mdb").write_bytes(b"x" * 100)
    with pytest.raises(UserError, match="cannot be opened"):
        open_source(tmp_path / "db")


@pytest.mark.skipif(importlib.util.find_spec("lmdb") is None, reason="needs the package lmdb")
def test_of_an_lmdb_with_several_sizes_one_is_taken_and_said(tmp_path):
    import lmdb

    with (
        lmdb.open(str(tmp_path / "db"), map_size=1 << 20) as database,
        database.begin(write=True) as transaction,
    ):
        for size in (8, 16, 128):
            for i in range(3):
                transaction.put(f"{size}-{i:05d}".encode(), png(noise(i, size, size)))
        transaction.put(b"length", b"3")
    for size, taken in ((None, 128), (16, 16), (8, 8), (64, 128)):
        source = open_source(tmp_path / "db", size=size)
        assert [item.name for item in source] == [f"{taken}-{i:05d}" for i in range(3)]
        assert len(source) == 3
        assert f"the sizes 8, 16, 128: {taken} is taken" in source.notes[0]


@pytest.mark.skipif(importlib.util.find_spec("lmdb") is None, reason="needs the package lmdb")
def test_keys_of_an_lmdb_cannot_steer_a_terminal(tmp_path):
    import lmdb

    with (
        lmdb.open(str(tmp_path / "db"), map_size=1 << 20) as database,
        database.begin(write=True) as transaction,
    ):
        transaction.put(b"\x1b[31m", b"x")
        transaction.put(b"length", b"x")  # a key like any other where none is sized
    source = open_source(tmp_path / "db")
    assert [item.name for item in source] == ["\\x1b[31m", "length"]
    assert len(source) == 2


def test_lmdb_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lmdb", None)
    (tmp_path / "data.mdb").write_bytes(b"")
    with pytest.raises(UserError, match="pip install lmdb"):
        open_source(tmp_path)


def test_a_damaged_or_encrypted_zip_entry_is_left_out_alone(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in "abc":
            archive.writestr(f"{name}.png", png(noise(ord(name), 8, 8)))
        archive.writestr("__MACOSX/._a.png", b"resource fork")
    data = bytearray(path.read_bytes())
    data[data.find(b"IDAT") + 20] ^= 1  # in a.png
    entry = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 1)
    data[entry + 8] |= 1  # b.png claims to be encrypted
    data[data.find(b"b.png") - 24] |= 1
    path.write_bytes(data)
    items = list(open_source(path))
    assert [item.reason for item in items] == ["damaged in the zip", "encrypted", ""]
    assert items[2].payload == png(noise(ord("c"), 8, 8))


def test_links_to_folders_are_followed_without_end(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "real" / "a.png").write_bytes(png(noise(0, 8, 8)))
    try:
        (tmp_path / "in" / "link").symlink_to(tmp_path / "real")
        (tmp_path / "real" / "loop").symlink_to(tmp_path / "in")
    except OSError:
        pytest.skip("no links here")
    assert [item.name for item in open_source(tmp_path / "in")] == ["link/a.png"]


def test_a_folder_that_may_not_be_read_is_an_error_not_a_gap(tmp_path, monkeypatch):
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "in" / "a.png").write_bytes(png(noise(0, 8, 8)))
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(UserError, match=r"closed cannot be read: permission denied"):
        open_source(tmp_path / "in")


def test_a_zip_that_is_cut_short_is_told_as_such(tmp_path):
    nvidia_zip(tmp_path / "x.zip", [noise(i, 8, 8, 3) for i in range(3)])
    whole = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(whole[:-40])
    with pytest.raises(UserError, match=r"x\.zip is no whole zip"):
        open_source(tmp_path / "x.zip")


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.gz", "x.png"])
def test_what_is_no_source(tmp_path, name):
    with pytest.raises(UserError, match="does not exist"):
        open_source(tmp_path / name)
    for junk in (b"", b"junk" * 99, b"\x1f\x8b\x08" + b"\0" * 50, png(noise(0, 8, 8))):
        (tmp_path / name).write_bytes(junk)
        with pytest.raises(UserError, match=name):
            open_source(tmp_path / name)
