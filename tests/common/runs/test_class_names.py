"""What the classes of a data set are called."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from common.errors import UserError
from common.runs.class_names import class_names


def zipped(path: Path, labels: bytes | None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0.png", b"")
        if labels is not None:
            archive.writestr("dataset.json", labels)
    return path


def test_names_are_read_from_a_zip_and_from_a_folder(tmp_path: Path) -> None:
    labels = json.dumps({"labels": [["0.png", 1]], "classes": ["cat", "dog\u202e"]}).encode()
    assert class_names(zipped(tmp_path / "pets.zip", labels))[0] == "cat"
    assert "\u202e" not in class_names(tmp_path / "pets.zip")[1], "it would turn the text around"
    folder = tmp_path / "pets"
    folder.mkdir()
    assert class_names(folder) == ()
    (folder / "dataset.json").write_bytes(labels)
    assert class_names(folder)[0] == "cat"


@pytest.mark.parametrize(
    "labels",
    [None, b"", b"null", b"[1]", b'{"labels": null}', b'{"classes": [1]}', b"[" * 100_000],
)
def test_data_without_names_has_none(tmp_path: Path, labels: bytes | None) -> None:
    assert class_names(zipped(tmp_path / "data.zip", labels)) == ()


def test_what_is_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(b"PK no zip")
    assert class_names(tmp_path / "data.zip") == ()
    with pytest.raises((OSError, UserError)):
        class_names(tmp_path / "gone.zip")
