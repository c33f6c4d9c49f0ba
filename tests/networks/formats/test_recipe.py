"""A format is one file: it is found, and its files are opened and listed, with no other change."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch

import networks.formats
from common.errors import UserError
from common.snapshot_files import SUFFIXES
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.snapshots.listing import list_pickle
from networks.snapshots.snapshot import open_snapshot, source_of
from tests.added_package import added_to

CODE = '''
"""A format as CONTRIBUTING describes it: four letters, and a file of torch after them."""
import io

import torch

from networks.formats import Format
from networks.formats.contents import Contents, FormatError, NetworkData, TensorRef

CONFIG = {"z_dim": 4, "c_dim": 0, "w_dim": 4, "img_resolution": 4, "channel_max": 4}


def recognises(source):
    return source.head.startswith(b"MINE")


def read(source, names):
    if len(source.data) < 10:
        raise FormatError("the header is cut off", "Copy the file again.")
    tensors = torch.load(io.BytesIO(source.data[4:]), weights_only=True)
    refs = {
        name: TensorRef(tuple(value.shape), value.dtype, value.clone)
        for name, value in tensors.items()
    }
    G_ema = NetworkData("generator", "stylegan2", CONFIG, refs)
    return Contents(available=("G_ema",), networks={"G_ema": G_ema})


FORMAT = Format(
    name="my checkpoint",
    order=30,
    recognises=recognises,
    read=read,
    made_by="my program",
    suffixes=(".ckpt",),
)
'''
PICKLED = '''
"""Pickles that begin with a number of their own, and may name what others may not."""
from networks.formats import Format
from networks.formats.contents import FormatError


def read(source, names):
    raise FormatError("it is only listed")


FORMAT = Format(
    name="listed",
    order=5,
    recognises=lambda source: source.head.startswith(b"\\x80\\x04K\\x2a"),
    read=read,
    pickled_names={"mine.Network"},
)
'''


def test_a_file_is_found_and_its_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CODE)
    G = StyleGAN2Generator(4, 0, 4, 4, channel_max=4)
    file = tmp_path / "network.ckpt"
    with open(file, "wb") as stream:
        stream.write(b"MINE")
        torch.save(G.state_dict(), stream)
    short, other = tmp_path / "short.ckpt", tmp_path / "other.ckpt"
    short.write_bytes(b"MINE")
    other.write_bytes(b"%PDF")
    with added_to(networks.formats, tmp_path):
        opened = open_snapshot(file)
        assert opened.format == "my checkpoint"
        read, written = opened.G_ema.state_dict(), G.state_dict()
        assert all(torch.equal(read[name], written[name]) for name in written)
        with pytest.raises(UserError, match=r"the header is cut off\..*Copy the file again"):
            open_snapshot(short)
        with pytest.raises(UserError, match=r"my program's \.ckpt, PyTorch's \.model"):
            open_snapshot(other)
    with pytest.raises(UserError, match="unknown binary data"):
        open_snapshot(file)


def test_its_pickles_are_listed_by_its_own_names(tmp_path: Path) -> None:
    (tmp_path / "listed.py").write_text(PICKLED)
    file = tmp_path / "a.pkl"
    file.write_bytes(b"\x80\x04K\x2acmine\nNetwork\ncos\nsystem\n.")
    with added_to(networks.formats, tmp_path):
        listing = list_pickle(source_of(file))
    assert listing is not None
    assert {use.name: use.data for use in listing.globals} == {
        "mine.Network": True,
        "os.system": False,
    }


def test_pickles_of_no_format_are_listed_too(tmp_path: Path) -> None:
    file = tmp_path / "old.pkl"
    file.write_bytes(pickle.dumps({"a": torch.float32}, protocol=0))
    assert list_pickle(source_of(file)) is not None
    file.write_bytes(b"plain text")
    assert list_pickle(source_of(file)) is None


def test_the_suffixes_that_the_window_knows_are_those_of_the_formats() -> None:
    known = {suffix for f in networks.formats.formats() for suffix in f.suffixes}
    assert known == set(SUFFIXES)
    assert networks.formats.what_can_be_opened() == (
        "PyTorch's .model, .pt, .pth, .tar, NVIDIA's .pkl and ganscope's .safetensors"
        " can be opened."
    )
