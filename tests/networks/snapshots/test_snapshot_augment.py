"""What the discriminator saw pictures through, out of a snapshot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from common.errors import UserError
from networks.augment import GROUPS, AugmentPipe
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.snapshot_files import DATA, nvidia_pickle, tiny_networks

EARTH = DATA / "earth64-run" / "network-snapshot-000040.pkl"
WANTED = ("D", "augment_pipe")


def test_a_real_run_gives_the_discriminator_and_its_pipeline_and_nothing_else() -> None:
    snapshot = open_snapshot(EARTH, names=WANTED)
    assert set(snapshot.networks) == set(WANTED)
    pipe = snapshot["augment_pipe"]
    assert pipe.config == GROUPS["blit"] | GROUPS["color"]
    assert float(pipe.p) == pytest.approx(0.0896, abs=1e-6)
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    assert snapshot.D(pipe(images)).shape == (2, 1)


def test_ours_keeps_strengths_and_p(tmp_path: Path) -> None:
    pipe = AugmentPipe(xflip=0.5, noise=1)
    pipe.p.fill_(0.375)
    path = tmp_path / "a.safetensors"
    write_snapshot(path, {**tiny_networks(), "augment_pipe": pipe})
    snapshot = open_snapshot(path, names=WANTED)
    assert snapshot["augment_pipe"].strengths == pipe.strengths
    assert float(snapshot["augment_pipe"].p) == snapshot.augment_p == 0.375


def test_what_differs_from_the_published_pipeline_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    spreads = {"xflip": 1, "hue": 0.5, "rotate90": 0.0, "hue_max": 0.25, "cutout_size": 0.5}
    path.write_bytes(nvidia_pickle(tiny_networks(), pipe=spreads))
    snapshot = open_snapshot(path, names=WANTED)
    assert snapshot["augment_pipe"].config == {"xflip": 1.0, "hue": 0.5}
    (note,) = [n for n in snapshot.metadata["notes"] if n.startswith("augment_pipe")]
    assert "hue_max is 0.25" in note


def test_a_pipeline_that_only_tells_its_p_is_none_that_can_be_applied(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(nvidia_pickle(tiny_networks()))
    assert open_snapshot(path, names=None).available == ("G_ema", "D")
    assert open_snapshot(path).augment_p == 0.25
    with pytest.raises(UserError, match="no network augment_pipe"):
        open_snapshot(path, names=WANTED)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"blur": 1}, "no augmentation is called blur"),
        ({"hue": -1}, "strength of hue"),
        ({"hue": 1e9}, "'hue' is out of range"),
        ({"hue": "much"}, "'hue' is out of range"),
    ],
)
def test_strengths_that_are_none_are_refused(tmp_path: Path, config: dict, reason: str) -> None:
    path = tmp_path / "a.safetensors"
    write_snapshot(path, {**tiny_networks(), "augment_pipe": AugmentPipe(hue=1)})
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["ganscope"])
    header["networks"]["augment_pipe"]["config"] = config
    del header["digests"]["augment_pipe.config"]  # as in files from before it was written
    save_file(load_file(path), path, {"ganscope": json.dumps(header)})
    with pytest.raises(UserError, match=reason):
        open_snapshot(path, names=WANTED)
    assert open_snapshot(path).G_ema.resolution == 8, "the generator does not need it"
