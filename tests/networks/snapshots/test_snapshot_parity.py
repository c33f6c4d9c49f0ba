"""Every readable format gives the pictures of the reference implementations."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from networks.augment import GROUPS
from networks.base import NoiseInput, truncate
from networks.snapshots.snapshot import Snapshot, open_snapshot, write_snapshot
from renderer.messages.bundled import bundled_snapshot
from tests.paths import BUSTS
from tests.snapshot_files import DATA, rosinality_state, save

EARTH = DATA / "earth64-run" / "network-snapshot-000040.pkl"


def pictures(snapshot: Snapshot, seeds: list[int], psi: float = 1.0) -> np.ndarray:
    """uint8 [N, H, W, C] with constant noise, as NVIDIA's tools make them."""
    G = snapshot.G_ema
    z = np.stack([np.random.RandomState(seed).randn(1, G.z_dim)[0] for seed in seeds])
    with torch.inference_mode():
        w = G.map(torch.from_numpy(z.astype(np.float32)))
        ws = truncate(w[:, None].repeat(1, G.num_ws, 1), G.w_avg, psi)
        img = G.render(ws, NoiseInput("const"))
    return (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()


def assert_close(actual: torch.Tensor, expected: np.ndarray) -> None:
    assert actual.shape == expected.shape
    error = np.abs(actual.numpy() - expected).max() / np.abs(expected).max()
    assert error <= 1e-4, error


@pytest.mark.parametrize(("psi", "key"), [(1.0, "image_psi1_uint8"), (0.7, "image_psi0p7_uint8")])
def test_a_real_training_run_gives_the_public_tools_pictures(psi: float, key: str) -> None:
    reference = np.load(DATA / "earth64-000040.npz")
    snapshot = open_snapshot(EARTH)
    made = pictures(snapshot, reference["seeds"].tolist(), psi)
    difference = np.abs(made.astype(int) - reference[key])
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
    assert snapshot.kimg == 40
    assert snapshot.augment_p == pytest.approx(0.0896, abs=1e-6)
    assert snapshot.metadata["training_options"]["G_kwargs"]["z_dim"] == 128


@pytest.mark.parametrize("name", ["sg2-uncond-32", "sg2-cond-16"])
def test_nvidia_pickles_give_the_reference_numbers(name: str) -> None:
    reference = np.load(DATA / f"{name}.npz")
    snapshot = open_snapshot(DATA / f"{name}.pkl", names=None)
    G, c = snapshot.G_ema, torch.from_numpy(reference["c"])
    with torch.inference_mode():
        w = G.map(torch.from_numpy(reference["z"]), c if G.c_dim else None)
        ws = w[:, None].repeat(1, G.num_ws, 1)
        assert_close(ws, reference["w"])
        assert_close(G.render(ws, NoiseInput("const")), reference["image_const"])
        cutoff = None if reference["cutoff"] < 0 else int(reference["cutoff"])
        truncated = truncate(ws, G.w_avg, float(reference["psi"]), cutoff)
        assert_close(truncated, reference["w_truncated"])
        logits = snapshot.D(torch.from_numpy(reference["image_const"]), c if G.c_dim else None)
        assert_close(logits, reference["discriminator_logits"])
    assert snapshot.available == ("G_ema", "G", "D", "augment_pipe")
    assert snapshot["augment_pipe"].config == GROUPS["bgc"]
    assert snapshot.augment_p == pytest.approx(float(reference["augment_p"]))
    assert not any(p.requires_grad or p.is_meta for p in G.parameters())


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_rosinality_checkpoints_give_the_reference_numbers(tmp_path: Path, zipped: bool) -> None:
    reference = np.load(DATA / "rosinality-16.npz")
    checkpoint = {
        "g_ema": rosinality_state(),
        "latent_avg": torch.from_numpy(reference["latent_avg"]),
        "args": argparse.Namespace(iter=800_000, r1=10.0),
        "ada_aug_p": 0.125,
    }
    snapshot = open_snapshot(save(checkpoint, tmp_path / "550000.pt", zipped=zipped))
    G = snapshot.G_ema
    with torch.inference_mode():
        ws = G.map(torch.from_numpy(reference["z"]))[:, None].repeat(1, G.num_ws, 1)
        assert_close(ws[:, 0], reference["w"])
        assert_close(G.render(ws), reference["image"])
        assert_close(G.render(truncate(ws, G.w_avg, 0.6)), reference["image_truncated_0p6"])
    assert snapshot.augment_p == 0.125
    assert snapshot.metadata["args"] == {"iter": 800_000, "r1": 10.0}


def test_a_missing_w_avg_is_computed_and_said_so(tmp_path: Path) -> None:
    path = save(rosinality_state(), tmp_path / "state.pt")  # a bare state_dict
    first, second = open_snapshot(path), open_snapshot(path)
    G = first.G_ema
    z = torch.from_numpy(np.random.RandomState(7).randn(4000, 512).astype(np.float32))
    with torch.inference_mode():
        w = G.map(z)
    spread = w.std(0).norm()
    assert (G.w_avg - w.mean(0)).norm() < 0.05 * spread
    assert torch.equal(G.w_avg, second.G_ema.w_avg)
    assert any("w_avg" in note for note in first.metadata["notes"])


def test_our_file_gives_identical_pictures(tmp_path: Path) -> None:
    source = open_snapshot(EARTH, names=None)
    path = tmp_path / "copy.safetensors"
    write_snapshot(
        path, source.networks, metadata={"dataset": "earth"}, kimg=40, augment_p=source.augment_p
    )
    copy = open_snapshot(path, names=None)
    assert (pictures(source, [0, 85], 0.7) == pictures(copy, [0, 85], 0.7)).all()
    assert copy.available == ("G_ema", "G", "D", "augment_pipe")
    for name in copy.available:
        theirs, ours = source.networks[name].state_dict(), copy.networks[name].state_dict()
        assert theirs.keys() == ours.keys()
        assert all(torch.equal(theirs[key], ours[key]) for key in theirs)
        assert source.networks[name].config == copy.networks[name].config
    assert (copy.kimg, copy.augment_p) == (40.0, source.augment_p)
    assert copy.metadata == {"dataset": "earth"}
    assert [p.name for p in tmp_path.iterdir()] == ["copy.safetensors"]


def test_half_precision_keeps_vectors_and_nearly_the_picture(tmp_path: Path) -> None:
    source = open_snapshot(EARTH)
    path = tmp_path / "half.safetensors"
    write_snapshot(path, source.networks, dtype=torch.float16)
    half = open_snapshot(path)
    assert path.stat().st_size < 0.6 * 4 * sum(p.numel() for p in source.G_ema.parameters())
    assert torch.equal(half.G_ema.w_avg, source.G_ema.w_avg)
    difference = pictures(source, [0, 1]).astype(int) - pictures(half, [0, 1])
    assert np.abs(difference).max() <= 2


@pytest.mark.parametrize("path", [BUSTS, bundled_snapshot()])
def test_what_is_bundled_is_light_and_shows_heads(path: Path) -> None:
    assert path.stat().st_size < 12e6
    snapshot = open_snapshot(path)
    assert {"title", "licence", "training_options"} <= snapshot.metadata.keys()
    made = pictures(snapshot, list(range(32))).astype(float)
    # Heads differ (no collapse) in front of backdrops that are calm.
    assert made.std(0).mean() > 20
    side = made.shape[1] // 64
    heads, corners = made[:, 16 * side : 40 * side, 20 * side : 44 * side], made[:, :10, :10]
    assert corners.std((1, 2)).mean() < heads.std((1, 2)).mean()
