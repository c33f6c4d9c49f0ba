"""What nobody looks at stays in the file."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from common.errors import UserError
from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.pickles.data import Names
from networks.pickles.file_bytes import SMALL, FileBytes, OpenFile, part_of
from networks.pickles.machine import unpickle
from networks.snapshots.snapshot import open_snapshot, source_of
from tests.snapshot_files import nvidia_pickle, save


@pytest.fixture
def whole(tmp_path: Path) -> tuple[bytes, FileBytes]:
    """Some bytes, and the same in a file in the middle of others."""
    data = np.random.RandomState(0).bytes(300_000)
    (tmp_path / "file").write_bytes(b"before" + data + b"after")
    return data, FileBytes(OpenFile(str(tmp_path / "file")), 6, len(data))


def test_it_is_the_bytes_in_the_file(whole: tuple[bytes, FileBytes]) -> None:
    data, file = whole
    assert len(file) == len(data)
    assert bytes(file) == data
    rng = np.random.RandomState(1)
    for _ in range(200):
        begin, end = sorted(rng.randint(-len(data), len(data) + 10, 2).tolist())
        piece = file[begin:end]
        assert bytes(piece) == data[begin:end]
        assert isinstance(piece, bytes) == (len(data[begin:end]) < SMALL)
        assert bytes(part_of(file, 7, max(7, end))) == data[7 : max(7, end)]
        at = int(rng.randint(-len(data), len(data)))
        assert file[at] == data[at]
        inner = file[1000:200_000]
        assert bytes(inner[5:50]) == data[1005:1050]
    with pytest.raises(IndexError):
        file[len(data)]
    with pytest.raises(ValueError, match="order"):
        file[::2]


def test_pickles_are_read_alike_from_memory_and_from_a_file(tmp_path: Path) -> None:
    value = {"a": [1, 2.5, "text", None], "b": b"x" * 100, "c": b"y" * 10_000}
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(value, 4))
    found, end = unpickle(source_of(path).file, Names(()))
    assert {**found, "c": bytes(found["c"])} == value
    assert isinstance(found["c"], FileBytes)
    assert end == path.stat().st_size


@pytest.mark.parametrize("kind", ["pickle", "zip", "legacy"])
def test_only_the_network_that_is_wanted_is_read(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = {"c_dim": 0, "img_resolution": 32, "channel_base": 4096, "channel_max": 128}
    G, D = StyleGAN2Generator(z_dim=64, w_dim=64, **plan), StyleGAN2Discriminator(**plan)
    path, state = tmp_path / "file", G.state_dict()
    if kind == "pickle":
        path.write_bytes(nvidia_pickle({"G": G, "D": D, "G_ema": G}))
    else:
        tables = {"G": {k: v + 1 for k, v in state.items()}, "D": D.state_dict(), "G_ema": state}
        save(tables, path, zipped=kind == "zip")
    wanted, size = sum(v.nbytes for v in state.values()), path.stat().st_size
    assert wanted < 0.4 * size
    counts: list[int] = []
    read = OpenFile.read

    def counted(self: OpenFile, begin: int, count: int) -> bytes:
        counts.append(count)
        return read(self, begin, count)

    monkeypatch.setattr(OpenFile, "read", counted)
    opened = open_snapshot(path).G_ema
    assert torch.equal(opened.w_avg, G.w_avg)
    assert wanted < sum(counts) < 0.75 * size, "each of many storages has a head that is read"
    assert max(counts) < 0.3 * size


def test_a_file_that_becomes_shorter_is_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = {"c_dim": 0, "img_resolution": 16, "channel_base": 512, "channel_max": 64}
    path = save(StyleGAN2Generator(z_dim=64, w_dim=64, **plan).state_dict(), tmp_path / "a.pt")
    from networks.snapshots import snapshot

    build = snapshot.build

    def shortened(*args, **kwargs):
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
        return build(*args, **kwargs)

    monkeypatch.setattr(snapshot, "build", shortened)
    with pytest.raises(UserError, match="became shorter"):
        open_snapshot(path)
