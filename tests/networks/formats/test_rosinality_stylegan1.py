"""rosinality's StyleGAN (2019) checkpoints draw what that program draws, at every growth."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch
from torch import Tensor

from common.errors import UserError
from networks.base import Generator, NoiseInput, truncate
from networks.families.pggan.growth import at_resolution
from networks.snapshots.snapshot import open_snapshot
from tests.foreign import SMALL, picture

FOLDER: Final = SMALL / "rosinality-sg1"
FILE: Final = FOLDER / "010000.model"
EVERYTHING: Final = Path(os.environ.get("GANSCOPE_FOREIGN", "")) / "rosinality-sg1"
KEY: Final = r"step(\d)_alpha([\d.]+)_(zero|fixed)noise_psi([\d.]+?)(_every4)?"
"""What references are called: the level, its weight, the noise, psi; of some every 4th pixel."""


@pytest.fixture(scope="module")
def whole() -> Generator:
    return open_snapshot(FILE).G_ema


def drawn(whole: Generator, key: str, seeds: Any, mean: Tensor) -> Tensor:
    """Our pictures of a reference's seeds. Both convolutions of a level have the same noise."""
    match = re.fullmatch(KEY, key)
    assert match
    level, weight, psi = int(match[1]), float(match[2]), float(match[4])
    G: Any = at_resolution(whole, 4 << level, weight)
    maps = {}
    for layer in G.layers:
        seed, size = 100 + (layer.resolution.bit_length() - 3), layer.resolution
        values = np.random.RandomState(seed).randn(size, size).astype(np.float32)
        maps[layer.name] = torch.from_numpy(values)
    noise = NoiseInput("const", maps=maps) if match[3] == "fixed" else NoiseInput("none")
    pictures = []
    for seed in seeds:
        z = np.random.RandomState(int(seed)).randn(1, G.z_dim).astype(np.float32)
        with torch.inference_mode():
            ws = G.map(torch.from_numpy(z))[:, None].expand(-1, G.num_ws, -1)
            pictures.append(G.render(truncate(ws, mean, psi), noise))
    step = 4 if match[5] else 1
    return torch.cat(pictures)[:, :, ::step, ::step]


def check(whole: Generator, folder: Path) -> None:
    with np.load(folder / "references.npz") as references:
        keys = [key for key in references.files if key.startswith("step")]
        assert keys
        mean = torch.from_numpy(references["mean_style"])[0]
        for key in keys:
            theirs = references[key]
            ours = drawn(whole, key, references["seeds"][: len(theirs)], mean).numpy()
            assert ours.shape == theirs.shape
            assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max(), key


def test_their_pictures(whole: Generator) -> None:
    check(whole, FOLDER)


@pytest.mark.skipif(not EVERYTHING.is_dir(), reason="GANSCOPE_FOREIGN names no such folder")
def test_all_their_pictures() -> None:
    paths = sorted(EVERYTHING.glob("*.model"))
    assert paths
    for path in paths:
        check(open_snapshot(path).G_ema, EVERYTHING)


def test_what_the_file_lacks_is_made_and_said(whole: Generator) -> None:
    snapshot = open_snapshot(FILE)
    assert snapshot.format == "rosinality StyleGAN (2019) checkpoint"
    assert (whole.resolution, whole.num_ws, whole.family) == (1024, 18, "stylegan1")
    notes = " ".join(snapshot.metadata["notes"])
    assert "w_avg" in notes
    assert "noise" in notes
    with np.load(FOLDER / "references.npz") as references:
        mean = torch.from_numpy(references["mean_style"])[0]
    assert whole.w_avg is not None
    assert (whole.w_avg - mean).abs().max() < 0.1 * mean.abs().max()


def changed(tmp_path: Path, change: Callable[[dict[str, Tensor]], object]) -> Path:
    state = torch.load(FILE, weights_only=True)
    change(state)
    path = tmp_path / "changed.model"
    torch.save(state, path)
    return path


def test_levels_that_training_has_not_reached_are_left_out(tmp_path: Path) -> None:
    def untrain(state: dict[str, Tensor]) -> None:
        for level in range(4, 9):
            for index in (1, 2):
                state[f"generator.progression.{level}.noise{index}.weight_orig"].zero_()

    snapshot = open_snapshot(changed(tmp_path, untrain))
    assert snapshot.G_ema.resolution == 32
    assert "32×32" in " ".join(snapshot.metadata["notes"])
    whole = at_resolution(open_snapshot(FILE).G_ema, 32, 1)
    assert np.array_equal(picture(snapshot.G_ema), picture(whole))


def test_levels_beyond_the_step_in_its_name_are_said_to_be_doubtful(tmp_path: Path) -> None:
    for name, told in (("train_step-6.model", True), ("train_step-8.model", False)):
        path = tmp_path / name
        path.write_bytes(FILE.read_bytes())
        notes = " ".join(open_snapshot(path).metadata["notes"])
        assert ("`convert --resolution 256` writes it without" in notes) == told


def test_every_tensor_is_used_or_refused(tmp_path: Path) -> None:
    def blur_of_another_kind(state: dict[str, Tensor]) -> None:
        state["generator.progression.2.conv1.2.weight"][:] = 1 / 9

    changes: list[Callable[[dict[str, Tensor]], object]] = [blur_of_another_kind]
    # A blur is always the same one, and may be missing.
    names = [n for n in torch.load(FILE, weights_only=True) if not re.search(r"conv1\.\d\.w", n)]
    for name in names[:: len(names) // 12]:
        changes += [
            lambda state, name=name: state.pop(name),
            lambda state, name=name: state.update({f"{name}_of_a_fork": state.pop(name)}),
            lambda state, name=name: state.update({f"{name}_of_a_fork": state[name]}),
            lambda state, name=name: state.update({name: torch.zeros(3, 1, 4, 1, 5)}),
        ]
    for change in changes:
        path = changed(tmp_path, change)
        with pytest.raises(UserError):
            open_snapshot(path)


def test_its_discriminator_gives_their_logits(tmp_path: Path) -> None:
    """References of `discriminator-16.model`: pictures are RandomState(level).randn(4, 3, n, n)."""
    path = tmp_path / "train_step-3.model"
    D = torch.load(FOLDER / "discriminator-16.model", weights_only=True)
    torch.save({"g_running": torch.load(FILE, weights_only=True), "discriminator": D}, path)
    whole = open_snapshot(path, names=("D",)).D
    assert whole.resolution == 16
    with np.load(FOLDER / "discriminator-16.logits.npz") as references:
        for key in references.files:
            match = re.fullmatch(r"step(\d)_alpha([\d.]+)", key)
            assert match
            level, weight = int(match[1]), float(match[2])
            img = np.random.RandomState(level).randn(4, 3, 4 << level, 4 << level)
            ours: Any = at_resolution(whole, 4 << level, weight)
            logits = ours(torch.from_numpy(img.astype(np.float32))).numpy()
            assert np.abs(logits - references[key]).max() <= 1e-5 * np.abs(references[key]).max()
    for name in list(D):
        for change in (
            {k: v for k, v in D.items() if k != name},
            {k if k != name else f"{k}_of_a_fork": v for k, v in D.items()},
        ):
            torch.save({"g_running": {}, "discriminator": change}, path)
            if not re.search(r"conv2\.0\.weight", name) or len(change) == len(D):
                with pytest.raises(UserError):
                    open_snapshot(path, names=("D",))
