"""A file of ours whose weights were lost after its header is refused, never drawn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import visualizer
from common.errors import UserError
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.formats import ganscope
from networks.formats.digests import digest
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.paths import BUSTS, DATA


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.safetensors"
    write_snapshot(path, {"G_ema": StyleGAN2Generator(32, 0, 32, 16, channel_max=16)})
    return path


def lose_second_half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))


def test_a_second_half_of_zeros_is_refused(file: Path) -> None:
    open_snapshot(file)
    lose_second_half(file)
    with pytest.raises(UserError, match=r"its tensor 'G_ema\..*' is not as it was written") as told:
        open_snapshot(file)
    assert "copy or download it again" in told.value.remedy


def test_one_bit_is_enough(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError, match="is not as it was written"):
        open_snapshot(file)


@pytest.mark.parametrize("flags", [(), ("--half",), ("--all",)])
def test_convert_writes_digests(tmp_path: Path, flags: tuple[str, ...]) -> None:
    dest = tmp_path / "copy.safetensors"
    call = ["convert", str(DATA / "sg2-uncond-32.pkl"), str(dest), *flags]
    assert CliRunner().invoke(visualizer.cli, call).exit_code == 0
    open_snapshot(dest, names=None)
    lose_second_half(dest)
    with pytest.raises(UserError, match="is not as it was written"):
        open_snapshot(dest, names=None)


def test_files_from_before_digests_open(file: Path) -> None:
    with safe_open(file, framework="pt") as opened:
        header = json.loads(opened.metadata()[ganscope.KEY])
    assert header.pop("digests").keys() == {*load_file(file), "G_ema.config"}
    save_file(load_file(file), file, metadata={ganscope.KEY: json.dumps(header)})
    open_snapshot(file)
    open_snapshot(BUSTS)


def test_a_digest_is_of_the_bytes_whatever_their_type_and_layout() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    assert digest(x) == digest(x.t().contiguous().t())
    assert digest(x) != digest(x.t())
    assert digest(torch.tensor(0.0)) != digest(torch.tensor(-0.0))
    for kind in (torch.bfloat16, torch.float16, torch.int64, torch.uint8):
        assert len(digest(x.to(kind))) == 32
    assert digest(torch.empty(0)) == digest(torch.empty(0, 7))
