"""Files that cannot be opened say what they are, why, and what to do."""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from common.errors import Cancelled, UserError
from networks.formats.contents import FormatError
from networks.formats.nvidia_pytorch import DATA_NAMES
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle
from networks.snapshots.build import build
from networks.snapshots.snapshot import open_snapshot, read_contents, source_of, write_snapshot
from tests.snapshot_files import (
    DATA,
    call,
    nvidia_pickle,
    nvidia_settings,
    save,
    text,
    tiny_networks,
    typed_storage,
)

PICKLE = DATA / "sg2-cond-16.pkl"


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, data)
    return file.getvalue()


TENSORFLOW = b"\x80\x04cdnnlib.tflib.network\nNetwork\n)\x81}b0N."
HOSTILE = b"\x80\x04" + call("os", "system", text("touch canary")) + b"."
CONTENT = {
    "empty": (b"", "is empty"),
    "zeros": (bytes(5000), "zeros"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
    "html": (b"\n<!DOCTYPE html><html>404</html>", "a web page"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
    "json": (b'{"a": 1}', "a JSON document"),
    "text": (b"hello", "a text"),
    "protocol 0": (b"(lp0\nI1\na.S''\ncos.path\n", "protocol 0 or 1"),
    "data set": (zipped("dataset.json", b"{}"), "not one of torch.save"),
    "broken zip": (zipped("a/data.pkl", b"x" * 99)[:60], "damaged or incomplete"),
    "list": (pickle.dumps([1, 2], 4), "not of a network snapshot"),
    "other dict": (pickle.dumps({"model": 1, "epoch\x1b": 2}, 4), "it holds: 'model'"),
    "tensorflow": (TENSORFLOW, "a TensorFlow snapshot without the networks G, D and Gs"),
    "hostile": (HOSTILE, "os.system, which is refused"),
    "model": (pickle.dumps(Path("x"), 4), "refused"),
}


@pytest.mark.parametrize(("data", "words"), CONTENT.values(), ids=CONTENT.keys())
def test_wrong_files_are_named_for_what_they_are(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "network-snapshot-000001.pkl"
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        open_snapshot(path)
    assert words in str(caught.value)
    assert str(path) in caught.value.message
    assert str(caught.value).isprintable()


def test_a_directory_of_a_million_entries_is_not_read(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    directory = entry * 200_000
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 4, 0)
    path = tmp_path / "many.pt"
    path.write_bytes(b"PK\x03\x04" + directory + end)
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match="damaged"):
            open_snapshot(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(directory)
    finally:
        tracemalloc.stop()


def test_missing_files_and_directories(tmp_path: Path) -> None:
    if hasattr(os, "mkfifo"):  # reading one would wait for ever
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UserError, match="no file"):
            open_snapshot(tmp_path / "pipe")
    with pytest.raises(UserError, match="does not exist"):
        open_snapshot(tmp_path / "missing.pkl")
    with pytest.raises(UserError, match="is a directory"):
        open_snapshot(tmp_path)
    with pytest.raises(UserError, match="Cannot read"):
        open_snapshot("nul\0byte")


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.999])
@pytest.mark.parametrize("source", ["pkl", "pt", "legacy", "safetensors"])
def test_truncated_files_say_that_they_are_incomplete(
    tmp_path: Path, source: str, share: float
) -> None:
    path = tmp_path / "snapshot"
    networks = tiny_networks()
    if source == "pkl":
        path.write_bytes(nvidia_pickle(networks))
    elif source == "safetensors":
        write_snapshot(path, networks)
    else:
        save({"g_ema": {"input.input": torch.ones(1, 4, 4, 4)}}, path, zipped=source == "pt")
    data = path.read_bytes()
    path.write_bytes(data[: max(9, int(len(data) * share))])
    with pytest.raises(UserError, match="incomplete"):
        open_snapshot(path)


def edited(tmp_path: Path, key: str, value: torch.Tensor | None) -> Path:
    """A tiny snapshot with one tensor of G_ema replaced or left out."""
    networks = tiny_networks()
    state = networks["G_ema"].state_dict()

    class Edited(torch.nn.Module):
        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            changed = {**state, key: value}
            return {k: v for k, v in changed.items() if v is not None}

    path = tmp_path / "edited.pkl"
    settings = nvidia_settings(networks["G_ema"])
    path.write_bytes(nvidia_pickle({"G_ema": Edited()}, settings=settings))
    return path


def test_tensors_that_do_not_fit_are_named_with_their_shapes(tmp_path: Path) -> None:
    path = edited(tmp_path, "synthesis.b8.conv0.affine.bias", torch.zeros(5))
    with pytest.raises(UserError) as caught:
        open_snapshot(path)
    assert "synthesis.b8.conv0.affine.bias has the shape [5], not [4]" in str(caught.value)
    path = edited(tmp_path, "synthesis.b4.conv1.bias", None)
    with pytest.raises(UserError, match=r"synthesis\.b4\.conv1\.bias is missing"):
        open_snapshot(path)
    path = edited(tmp_path, "synthesis.b4.extra.bias", torch.zeros(2))
    with pytest.raises(UserError, match=r"synthesis\.b4\.extra .* is no part of"):
        open_snapshot(path)


def test_other_networks_are_named(tmp_path: Path) -> None:
    path = edited(tmp_path, "synthesis.input.freqs", torch.zeros(4, 2))
    with pytest.raises(UserError, match="with what settings its network was made"):
        open_snapshot(path)
    other = tmp_path / "other.pt"
    save({"state_dict": {"w": torch.zeros(2)}, "epoch": 3}, other)
    with pytest.raises(UserError, match=r"no network of a known family \(tensors: w\)"):
        open_snapshot(other)
    foreign = tmp_path / "foreign.safetensors"
    save_file({"lora.up": torch.zeros(2)}, foreign)
    with pytest.raises(UserError, match="something else"):
        open_snapshot(foreign)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("img_resolution", 1 << 40, "out of range"),
        ("img_resolution", 24, "power of two"),
        ("mapping_layers", 10**6, "out of range"),
        ("channel_max", 1 << 15, "larger network|has the shape"),
        ("w_dim", 1 << 16, "larger network"),
        ("z_dim", -1, "no network can be built|has the shape"),
        ("z_dim", float("inf"), "no JSON|out of range"),
        ("conv_clamp", "a lot", "out of range"),
        ("resample_filter", [1.0] * 1000, "out of range"),
        ("unknown", 1, "unexpected keyword"),
    ],
)
def test_settings_out_of_range_are_refused(
    tmp_path: Path, field: str, value: Any, words: str
) -> None:
    path = tmp_path / "x.safetensors"
    write_snapshot(path, {"G_ema": tiny_networks()["G_ema"]})
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    document = json.loads(header["__metadata__"]["ganscope"])
    document["networks"]["G_ema"]["config"][field] = value
    del document["digests"]["G_ema.config"]  # as in files from before it was written
    header["__metadata__"]["ganscope"] = json.dumps(document)
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data[8 + length :])
    with pytest.raises(UserError, match=words):
        open_snapshot(path)


class TensorCall:
    """Pickles as a call that makes a view of four numbers."""

    def __init__(self, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> None:
        self.args = (typed_storage(torch.zeros(4)), offset, size, stride, False, {})

    def __reduce__(self) -> Any:
        return torch._utils._rebuild_tensor_v2, self.args


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((5,), (1,), 0),
        ((2,), (4,), 0),
        ((1,), (1,), 4),
        ((4,), (1,), -1),
        ((1 << 39, 1 << 39), (0, 0), 0),
        ((2,), (-1,), 1),
        ((2, 2), (1,), 0),
    ],
)
def test_tensors_never_reach_beyond_their_storage(
    size: tuple[int, ...], stride: tuple[int, ...], offset: int
) -> None:
    data = bytearray(pickle.dumps(TensorCall(size, stride, offset), 4))
    names, budget = Names(DATA_NAMES), Budget()
    record, _ = unpickle(memoryview(data), names, budget=budget)
    with pytest.raises(FormatError):
        Tensors(budget, names).ref(record)


def test_tensors_that_share_data_cannot_grow_without_end() -> None:
    path = DATA / "sg2-cond-16.pkl"
    data = read_contents(source_of(path), ("G_ema",)).networks["G_ema"]
    needed = 4 * sum(math.prod(ref.shape) for ref in data.tensors.values())
    build(data, limit=needed)
    with pytest.raises(FormatError, match="far more data"):
        build(data, limit=needed - 1)


def test_networks_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "only.safetensors"
    write_snapshot(path, {"G_ema": tiny_networks()["G_ema"]})
    with pytest.raises(UserError, match=r"no network D \(it has G_ema\)"):
        open_snapshot(path, names=("G_ema", "D"))
    snapshot = open_snapshot(path)
    with pytest.raises(UserError, match="G was not opened"):
        _ = snapshot.G


def test_a_file_of_a_newer_version_says_so(tmp_path: Path) -> None:
    path = tmp_path / "new.safetensors"
    document = json.dumps({"version": 99, "networks": {}})
    save_file({"G_ema.x": torch.zeros(1)}, path, metadata={"ganscope": document})
    with pytest.raises(UserError, match="newer ganscope"):
        open_snapshot(path)


def test_opening_reports_progress_and_can_be_cancelled() -> None:
    seen: list[float] = []
    open_snapshot(PICKLE, progress=lambda fraction, words: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == 1
    assert len(seen) > 10
    calls = iter([False] * 10 + [True] * 1000)
    with pytest.raises(Cancelled):
        open_snapshot(PICKLE, cancelled=lambda: next(calls))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    networks = {"G_ema": tiny_networks()["G_ema"]}
    write_snapshot(path, networks)
    before = path.read_bytes()
    with pytest.raises(UserError, match="Cannot write"):
        write_snapshot(path, networks, metadata={"p": np.zeros(2)})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with pytest.raises(UserError, match=r"Cannot write .*: no such file or directory\."):
        write_snapshot(tmp_path / "none" / "x.safetensors", networks)


def test_a_full_disk_is_an_error_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        # What the library says of an error of the system.
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("networks.formats.tensor_file.save_file", full)
    with pytest.raises(UserError, match="the disk is full"):
        write_snapshot(tmp_path / "x.safetensors", {"G_ema": tiny_networks()["G_ema"]})
    assert list(tmp_path.iterdir()) == []


def test_settings_missing_from_a_pickle_come_from_shapes(tmp_path: Path) -> None:
    path = tmp_path / "tiny.pkl"
    networks = tiny_networks(c_dim=3)
    for protocol in (2, 3, 4):
        path.write_bytes(nvidia_pickle(networks, protocol=protocol))
        snapshot = open_snapshot(path, names=None)
        assert (snapshot.G_ema.c_dim, snapshot.D.c_dim, snapshot.G_ema.resolution) == (3, 3, 8)
        for name, network in networks.items():
            state = snapshot.networks[name].state_dict()
            assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())
        assert snapshot.augment_p == 0.25
        assert snapshot.metadata["training_set_kwargs"]["path"] == "tiny.zip"
