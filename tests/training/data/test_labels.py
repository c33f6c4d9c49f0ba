"""Label files as other tools and hands write them: read where they are clear, else both sides."""

from __future__ import annotations

import codecs
import json
import zipfile

import numpy as np
import pytest

from common.errors import UserError
from tests.training.data.dataset_files import noise, png
from training.data.archive import Archive
from training.data.dataset import ImageDataset
from training.data.labels import read_labels
from training.data.matching import match
from training.prepare.source import open_source

NAMES = ["a/0.png", "a/1.png", "b/2.png"]
CLASSES = [0, 2, 1]


def labelled(path, label_file: bytes, *, names=NAMES, at="dataset.json"):
    with zipfile.ZipFile(path, "w") as archive:
        for i, name in enumerate(names):
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: ZipInfo would change backslashes on Windows
            archive.writestr(info, png(noise(i, 8, 8, 3)))
        archive.writestr(at, label_file)
    return path


def pairs(labels=CLASSES, names=NAMES) -> dict:
    return {"labels": [list(pair) for pair in zip(names, labels, strict=True)]}


def encoded(contents: object, encoding: str = "utf-8") -> bytes:
    return json.dumps(contents, ensure_ascii=False).encode(encoding)


CLEAR = {
    "as ours": encoded(pairs()),
    "with a byte order mark": codecs.BOM_UTF8 + encoded(pairs()),
    "UTF-16 of Windows": codecs.BOM_UTF16_LE + encoded(pairs(), "utf-16-le"),
    "UTF-16, the other way round": codecs.BOM_UTF16_BE + encoded(pairs(), "utf-16-be"),
    "UTF-16 without a mark": encoded(pairs(), "utf-16-le"),
    "names with ./": encoded(pairs(names=[f"./{name}" for name in NAMES])),
    "names with backslashes": encoded(pairs(names=[r".\a\0.png", r"a\1.png", r"b\2.png"])),
    "names without folders": encoded(pairs(names=["0.png", "1.png", "2.png"])),
    "names with folders too many": encoded(pairs(names=[f"/home/x/data/{n}" for n in NAMES])),
    "classes as digits": encoded(pairs(["0", "2", "1"])),
    "classes as fractions": encoded(pairs([0.0, 2.0, 1.0])),
    "a table under labels": encoded({"labels": dict(zip(NAMES, CLASSES, strict=True))}),
    "a table alone": encoded(dict(zip(NAMES, CLASSES, strict=True))),
}


@pytest.mark.parametrize("how", CLEAR)
def test_what_can_mean_only_one_thing_is_read(tmp_path, how):
    path = labelled(tmp_path / "x.zip", CLEAR[how])
    data = ImageDataset(path, use_labels=True)
    assert (data.label_dim, data.labels.tolist()) == (3, CLASSES)
    assert [item.label for item in open_source(path)] == CLASSES


def test_a_label_file_in_the_folder_of_the_images(tmp_path):
    inside = [f"data/{name}" for name in NAMES]
    path = labelled(tmp_path / "x.zip", encoded(pairs()), names=inside, at="data/dataset.json")
    data = ImageDataset(path, use_labels=True)
    assert data.labels.tolist() == CLASSES
    items = list(open_source(path))
    assert [(item.name, item.label) for item in items] == list(zip(inside, CLASSES, strict=True))
    labelled(path, encoded(pairs([1, 2, 0])), names=inside, at="data/dataset.json")
    assert ImageDataset(path, use_labels=True).fingerprint() != data.fingerprint()


@pytest.mark.parametrize(
    "written", [[r"a\0.png", r"a\1.png", r"b\2.png"], ["./" + n for n in NAMES]]
)
def test_a_zip_whose_own_names_have_backslashes_or_dots(tmp_path, written):
    path = labelled(tmp_path / "x.zip", encoded(pairs()), names=written)
    data = ImageDataset(path, use_labels=True)
    assert data.names == NAMES
    assert data.labels.tolist() == CLASSES
    assert np.array_equal(data[2][0], noise(2, 8, 8, 3).transpose(2, 0, 1))
    assert open_source(path, "folders").classes == ["a", "b"]


def test_classes_from_1_are_numbered_from_0_and_said(tmp_path):
    path = labelled(tmp_path / "x.zip", encoded(pairs([1, 3, 2])))
    source = open_source(path)
    assert [item.label for item in source] == [0, 2, 1]
    assert source.notes == ["The classes are numbered 1 to 3: they are written as 0 to 2."]


@pytest.mark.parametrize(
    ("labels", "more"),
    [
        ([1, 3, 3], {}),  # 2 is missing too: a part of a larger set
        ([0, 1, 2], {}),
        ([1, 1, 1], {}),
        ([1, 3, 2], {"classes": ["none", "cat", "dog", "cow"]}),  # class 0 has a name
        ([[1.0], [2.0], [3.0]], {}),
    ],
)
def test_other_classes_keep_their_numbers(tmp_path, labels, more):
    source = open_source(labelled(tmp_path / "x.zip", encoded({**pairs(labels), **more})))
    assert [item.label for item in source] == labels
    assert source.notes == []


UNCLEAR = {
    # What is shown, for the names of the data and those of the label file.
    ("0.png", "a/0.png or b/0.png"): (["a/0.png", "b/0.png"], ["0.png", "1.png"]),
    ("0.png twice: as x/0.png and as y/0.png",): (["0.png", "1.png"], ["x/0.png", "y/0.png"]),
    ("c/0.png", "a/0.png"): (["a/0.png", "a/1.png"], ["c/0.png", "c/1.png"]),
}


@pytest.mark.parametrize("shown", UNCLEAR)
def test_what_is_unclear_shows_a_name_from_each_side(tmp_path, shown):
    names, named = UNCLEAR[shown]
    path = labelled(tmp_path / "x.zip", encoded(pairs([0, 1], named)), names=names)
    for read in (lambda: ImageDataset(path, use_labels=True), lambda: open_source(path)):
        with pytest.raises(UserError) as error:
            read()
        for text in shown:
            assert text in str(error.value)
        assert error.value.remedy


def test_labels_of_images_that_are_not_there_are_counted(tmp_path):
    path = labelled(tmp_path / "x.zip", encoded(pairs()), names=NAMES[:2])
    items = list(open_source(path))
    assert [(i.name, i.label, i.reason) for i in items] == [
        ("a/0.png", 0, ""),
        ("a/1.png", 2, ""),
        ("b/2.png", None, "labelled in dataset.json, but not there"),
    ]
    with pytest.raises(UserError, match=r"3 labels for 2 images: b/2\.png is not there"):
        ImageDataset(path, use_labels=True)


def test_several_label_files_are_an_error_and_not_ignored(tmp_path):
    path = labelled(tmp_path / "x.zip", encoded(pairs()), at="a/dataset.json")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b/dataset.json", encoded(pairs()))
    with pytest.raises(UserError, match=r"a/dataset\.json and b/dataset\.json"):
        open_source(path)
    assert len(open_source(path, "none")) == 3


def test_an_exact_name_goes_before_a_loose_one():
    images = ["0.png", "a/0.png", "b/1.png"]
    assert match(["a/0.png", "0.png", "1.png"], images, "", "x") == {
        "a/0.png": "a/0.png",
        "0.png": "0.png",
        "1.png": "b/1.png",
    }
    assert match(["c/0.png", "0.png"], images, "", "x") == {"0.png": "0.png"}


HOSTILE = {
    "nested too deep": b"[" * 100_000 + b"]" * 100_000,
    "nested too deep for": b'{"labels":' * 100_000,
    "is not valid JSON": b"\xff\xfe\0",
    "is not of the form": b'"labels"',
    "is neither a class number": encoded({**dict.fromkeys(NAMES, 0), NAMES[0]: "9" * 5000}),
    "is class 1": b'{"a/0.png": 1%s}' % (b"0" * 30),
    "is neither": b'{"a/0.png": [1e308]}',
    "larger than": b"[" + b" " * 2_000_000 + b"]",
    "it unpacks to far more than it is": b'{"labels":[' + b"[]," * (2 << 20) + b"[]]}",
    r"\x1b[31m\u202e": encoded({"\x1b[31m\u202e": "red"}),
}


@pytest.mark.parametrize("message", HOSTILE)
def test_hostile_label_files_are_refused_in_words(tmp_path, message):
    path = labelled(tmp_path / "x.zip", b"")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/0.png", png(noise(0, 8, 8, 3)))
        archive.writestr("dataset.json", HOSTILE[message])
    with pytest.raises(UserError) as error:
        read_labels(Archive(path), ["a/0.png"])
    assert message in str(error.value)
    assert "dataset.json of " in str(error.value)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 1000
