"""What real pictures gave is kept, and used only for the same data and network."""

from __future__ import annotations

import os
import zipfile

import pytest
import torch
from PIL import Image

from common.errors import UserError
from tests.training.metrics.fake_features import colours
from tests.training.tiny_runs import suns, write_data
from training.data.dataset import ImageDataset
from training.metrics.cache import Cache
from training.metrics.collect import Team
from training.metrics.moments import Moments, Sums
from training.metrics.names import parse
from training.metrics.networks import FeatureNetwork
from training.metrics.pictures import Real
from training.metrics.reference import Reference
from training.run.distributed import Group

CPU = torch.device("cpu")


class Look:
    """Counts the pictures it sees."""

    def __init__(self, key="colours"):
        self.seen = 0
        self.network = FeatureNetwork(key, self, 6)

    def __call__(self, images):
        self.seen += len(images)
        return colours(images)


@pytest.fixture
def told():
    return []


@pytest.fixture
def prepared(tmp_path, told):
    """Makes a reference for metrics of a data set; returns it and how many pictures it saw."""

    def prepare(data, *names, key="colours", mirror=False):
        look = Look(key)
        real = Real(ImageDataset(data, mirror=mirror), CPU)
        reference = Reference(real, look.network, Cache(tmp_path / "cache", told.append), 8)
        reference.prepare([parse(name) for name in names], Team(Group()))
        return reference, look.seen

    return prepare


@pytest.fixture
def data(tmp_path):
    return write_data(tmp_path / "suns", 20)


@pytest.mark.parametrize("name", ["fd8_lite", "fid8_full", "kid8_full"])
def test_the_second_time_no_picture_is_read(prepared, data, name, monkeypatch):
    first, seen = prepared(data, name)
    assert seen == {"fd8_lite": 16, "fid8_full": 20, "kid8_full": 20}[name]

    def unread(self, index):
        raise AssertionError("the data was read")

    with monkeypatch.context() as patch:
        patch.setattr(ImageDataset, "__getitem__", unread)
        again, seen = prepared(data, name)
    assert seen == 0
    assert torch.equal(first.features, again.features)
    if name.startswith("fid"):
        assert torch.equal(first.moments.cov, again.moments.cov)
        expected = Moments.of(colours(torch.from_numpy(suns(20)).permute(0, 3, 1, 2)))
        torch.testing.assert_close(again.moments.cov, expected.cov)
        assert again.moments.count == 20


def test_more_pictures_replace_fewer_and_serve_both(prepared, data):
    few, _ = prepared(data, "fd4_lite")
    more, seen = prepared(data, "fd10_lite")
    assert (len(few.features), len(more.features), seen) == (8, 20, 20)
    assert torch.equal(more.features[:8], few.features)
    again, seen = prepared(data, "fd4_lite", "kd10_lite")
    assert seen == 0
    assert torch.equal(again.features[:8], few.features)


def test_one_look_serves_fid_and_kid(prepared, data):
    both, seen = prepared(data, "fid50k_full", "kid50k_full", mirror=True)
    assert seen == 40
    assert both.moments.count == 40
    torch.testing.assert_close(both.moments.mean, both.features.double().mean(0))


def test_other_data_or_another_network_is_looked_at_anew(prepared, data, tmp_path):
    prepared(data, "fd8_lite")
    assert prepared(data, "fd8_lite", key="others")[1] == 16
    assert prepared(data, "fd8_lite", mirror=True)[1] == 16
    picture = data / "img00003.png"
    stat = picture.stat()
    Image.new("RGB", (16, 16)).save(picture)
    os.utime(picture, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert prepared(data, "fd8_lite")[1] == 16
    assert prepared(data, "fd8_lite")[1] == 0


def test_a_zip_is_known_by_its_checksums_wherever_it_lies(prepared, data, tmp_path):
    def packed(name, compression):
        with zipfile.ZipFile(tmp_path / name, "w", compression) as file:
            for picture in sorted(data.iterdir()):
                file.write(picture, picture.name)
        return tmp_path / name

    prepared(packed("a.zip", zipfile.ZIP_STORED), "fd8_lite")
    assert prepared(packed("b.zip", zipfile.ZIP_DEFLATED), "fd8_lite")[1] == 0
    Image.new("RGB", (16, 16)).save(data / "img00003.png")
    assert prepared(packed("a.zip", zipfile.ZIP_STORED), "fd8_lite")[1] == 16


@pytest.mark.parametrize("names", [["fid8_full"], ["fid8_full", "kid50k_full"]])
def test_what_the_first_rank_alone_computes_fails_where_no_other_waits(
    prepared, data, monkeypatch, names
):
    def full(self):
        raise MemoryError("full")

    with monkeypatch.context() as patch:
        patch.setattr(Sums, "moments", full)
        reference, _ = prepared(data, *names)
        with pytest.raises(MemoryError):
            reference.moments  # noqa: B018
    assert reference.moments.count == 20


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 100, None])
def test_a_damaged_file_is_made_again(prepared, data, tmp_path, told, damage):
    first, _ = prepared(data, "fd8_lite")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-50] if damage is None else damage)
    again, seen = prepared(data, "fd8_lite")
    assert seen == 16
    assert torch.equal(first.features, again.features)
    assert len(told) == 1
    assert f"{file} cannot be used" in told[0]
    assert prepared(data, "fd8_lite")[1] == 0


def test_a_folder_that_cannot_be_written_stops_nothing(prepared, data, tmp_path, told):
    (tmp_path / "cache").write_text("a file")
    assert prepared(data, "fd8_lite")[1] == 16
    assert "cannot write" in told[0]


def test_images_that_are_gone_are_told(data):
    dataset = ImageDataset(data)
    (data / "img00003.png").unlink()
    with pytest.raises(UserError, match=r"img00003\.png of .* cannot be read: no such file"):
        dataset.archive.fingerprint(dataset.names)
