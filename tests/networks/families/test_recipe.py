"""A family is one folder: it is found, and its files are opened, with no other change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from common.errors import UserError
from networks import families
from networks.base import NoiseInput
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.added_package import added_to

CODE = '''
"""A family as CONTRIBUTING describes it: pictures of one colour, w itself."""
import torch
from torch import nn

from networks.base import Generator, Layer, Stage, State
from networks.families import Family


class OneColour(Stage):
    rows, layers = range(1), (Layer("colour", 4, 3, row=0),)

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 3)

    def forward(self, state, ws, noise, tap=None):
        x = self.linear(ws[:, 0])[:, :, None, None].expand(-1, -1, 4, 4)
        x = x if tap is None else tap("colour", x)
        return State(None, x)


class Plain(Generator):
    family = "plain"
    z_dim, c_dim, w_dim, num_ws, resolution, img_channels = 2, 0, 2, 1, 4, 3

    def __init__(self):
        super().__init__()
        self.config = {}
        self.stage = OneColour()

    @property
    def stages(self):
        return [self.stage]

    def map(self, z, c=None):
        return z

    def set_precision(self, precision):
        pass


FAMILY = Family(generator=Plain)
'''


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[families.Family]:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "__init__.py").write_text(CODE)
    with added_to(families, tmp_path):
        yield families.families()["plain"]


def test_a_folder_is_found_and_its_files_are_opened(plain: families.Family, tmp_path: Path) -> None:
    assert families.families().keys() >= {"plain", "stylegan2"}
    G = plain.generator()
    file = tmp_path / "plain.safetensors"
    write_snapshot(file, {"G_ema": G})
    opened = open_snapshot(file)
    assert opened.family == "plain"
    z = torch.randn(2, 2)
    expected = G.render(G.map(z)[:, None])
    assert torch.equal(opened.G_ema.render(z[:, None], NoiseInput("none")), expected)


def test_a_discriminator_that_the_family_lacks_is_refused(
    plain: families.Family, tmp_path: Path
) -> None:
    file = tmp_path / "plain.safetensors"
    write_snapshot(file, {"G_ema": plain.generator()})
    data = file.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    document = json.loads(header["__metadata__"]["ganscope"])
    document["networks"]["D"] = {"kind": "discriminator", "family": "plain", "config": {}}
    header["__metadata__"]["ganscope"] = json.dumps(document)
    text = json.dumps(header).encode()
    rest = data[8 + int.from_bytes(data[:8], "little") :]
    file.write_bytes(len(text).to_bytes(8, "little") + text + rest)
    with pytest.raises(UserError, match="unknown family"):
        open_snapshot(file, names=["D"])


def test_outside_of_the_program_nothing_is_left_of_it() -> None:
    assert "plain" not in families.families()
