"""Checkpoints of lucidrains' `stylegan2-pytorch` draw what that program draws."""

from __future__ import annotations

import ast
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch
from torch import Tensor

from common.errors import UserError
from networks.base import Generator, NoiseInput, truncate
from networks.families.lucidrains.noise import standardised
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.foreign import SMALL

FILE: Final = SMALL / "lucidrains" / "model_16-depth4-lr01.pt"
EVERYTHING: Final = Path(os.environ.get("GANSCOPE_FOREIGN", "")) / "lucidrains"
SETTINGS: Final = {
    "image_size": 16,
    "network_capacity": 2,
    "lr_mlp": 0.01,
    "transparent": False,
    "fq_layers": [],
    "fq_dict_size": 256,
    "attn_layers": [],
    "no_const": False,
}


def placed(folder: Path, settings: Any = SETTINGS, file: Path = FILE) -> Path:
    """A file in a folder as that program keeps it, with its settings."""
    folder.mkdir(exist_ok=True)
    if settings is not None:
        (folder / ".config.json").write_text(json.dumps(settings))
    return Path(shutil.copyfile(file, folder / file.name))


def changed(tmp_path: Path, change: dict[str, Tensor | None]) -> Path:
    held = torch.load(FILE, weights_only=True)
    for name, value in change.items():
        if value is None:
            del held["GAN"][name]
        else:
            held["GAN"][name] = value
    path = placed(tmp_path / "changed")
    torch.save(held, path)
    return path


def drawn(G: Generator, seeds: Any, psi: float, mean: Tensor, noise: NoiseInput) -> np.ndarray:
    """Our pictures in their range, which is 0…1."""
    pictures = []
    for seed in seeds:
        z = np.random.RandomState(int(seed)).randn(1, G.z_dim).astype(np.float32)
        with torch.inference_mode():
            ws = G.map(torch.from_numpy(z))[:, None].expand(-1, G.num_ws, -1)
            pictures.append(G.render(truncate(ws, mean, psi), noise))
    return (torch.cat(pictures).numpy() + 1) / 2


def their_noise(G: Generator) -> NoiseInput:
    """The picture of noise of the references, which is the other way round in their program."""
    side = G.resolution
    picture = np.random.RandomState(77).rand(1, side, side, 1).astype(np.float32)[0, :, :, 0].T
    whole = standardised(torch.from_numpy(picture))
    sides = {layer.name: layer.resolution for layer in G.layers if layer.noise}
    return NoiseInput(maps={name: whole[:size, :size] for name, size in sides.items()})


def check(path: Path, references: Path) -> None:
    G = open_snapshot(path).G_ema
    with np.load(references) as theirs:
        mean = torch.from_numpy(theirs["w_mean"])[0]
        assert (G.w_avg - mean).abs().max() < 0.01 * mean.abs().max()
        for key, noise in (("fixed", their_noise(G)), ("half", NoiseInput("none"))):
            for psi, expected in zip(theirs["psi"], theirs[f"images_f32_{key}"], strict=True):
                ours = drawn(G, theirs["seeds"], float(psi), mean, noise)
                assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max(), (key, psi)


def test_their_pictures(tmp_path: Path) -> None:
    check(placed(tmp_path / "default"), FILE.parent / "references.npz")


@pytest.mark.skipif(not EVERYTHING.is_dir(), reason="GANSCOPE_FOREIGN names no such folder")
def test_all_their_pictures(tmp_path: Path) -> None:
    paths = sorted(EVERYTHING.glob("*.pt"))
    assert paths
    for path in paths:
        references = path.with_suffix(".npz")
        made_with = ast.literal_eval(str(np.load(references)["config"]))
        settings = {**SETTINGS, "lr_mlp": made_with.get("lr_mlp", 0.1)}
        check(placed(tmp_path / path.stem, settings, path), references)


def test_every_stage_leaves_a_picture_of_the_same_range(tmp_path: Path) -> None:
    """What is summed is of −1…1 from the first block on, so that drafts have the right colours."""
    G = open_snapshot(placed(tmp_path / "default")).G_ema
    left: dict[str, Tensor] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        left[name] = x
        return x * 0 if name.endswith("torgb") else x

    G.render(torch.zeros(1, G.num_ws, G.w_dim), tap=tap)
    for size in (4, 8, 16):  # without any colours all of it is their 0
        assert torch.allclose(left[f"b{size}.image"], torch.full((), -1.0))
    assert G.preview(left["b4.image"]).shape == left["b16.image"].shape
    assert torch.allclose(G.preview(left["b4.image"]), left["b16.image"])


def test_drawn_noise_is_one_picture_for_all_layers(tmp_path: Path) -> None:
    G: Any = open_snapshot(placed(tmp_path / "default")).G_ema
    seen: list[Tensor] = []
    for block in G.synthesis.values():
        for conv in (block.conv0, block.conv1):
            conv.noise_strength.data.fill_(1)
            conv.weight.data.zero_()
            conv.bias.data.fill_(50.0)  # so that nothing is negative where it is rectified

    def tap(name: str, x: Tensor) -> Tensor:
        if ".conv" in name:
            seen.append(x[0, 0] - 50)
        return x

    ws = torch.zeros(1, G.num_ws, G.w_dim)
    G.render(ws, NoiseInput("random", 5), tap)
    whole = seen[-1]
    for picture in seen:
        side = len(picture)
        assert torch.allclose(picture, whole[:side, :side], atol=1e-4)
    assert float(whole.abs().max()) <= 3**0.5 + 1e-4  # even numbers of variance 1
    assert 0.8 < float(whole.std()) < 1.2
    seen.clear()
    G.render(ws, NoiseInput("random", 5, layers={"b8.conv0": 0.0}, strength=2.0), tap)
    assert torch.allclose(seen[-1], 2 * whole, atol=1e-4)
    assert torch.allclose(seen[2], torch.zeros(8, 8), atol=1e-4)


def test_what_lies_beside_the_file_is_used_or_said(tmp_path: Path) -> None:
    found = open_snapshot(placed(tmp_path / "with"))
    assert found.format == "lucidrains StyleGAN2 checkpoint"
    assert found.G_ema.config["mapping_lr_multiplier"] == 0.01
    assert found.available == ("G_ema", "G")
    assert "lr_mlp" not in " ".join(found.metadata["notes"])
    for folder, settings in (("without", None), ("of another program", {"lr_mlp": 5})):
        found = open_snapshot(placed(tmp_path / folder, settings))
        assert found.G_ema.config["mapping_lr_multiplier"] == 0.1
        assert "(lr_mlp) is taken to be 0.1" in " ".join(found.metadata["notes"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"image_size": 32}, "pictures of 32 pixels a side, and not of 16"),
        ({"transparent": True}, "alpha"),
        ({"attn_layers": [1]}, "attention"),
        ({"lr_mlp": "fast"}, "lr_mlp"),
        ({"lr_mlp": -1}, "lr_mlp"),
        ({"of_mine": 1}, "the setting 'of_mine' is no part of"),
    ],
)
def test_settings_of_another_network_are_refused(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        open_snapshot(placed(tmp_path / "changed", {**SETTINGS, **settings}))


def test_damaged_settings_are_as_none(tmp_path: Path) -> None:
    path = placed(tmp_path / "damaged")
    (path.parent / ".config.json").write_bytes(b"\xff{[" * 10)
    assert "lr_mlp" in " ".join(open_snapshot(path).metadata["notes"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"GE.attns.1.0.fn.to_q.weight": torch.zeros(2)}, "attention"),
        ({"GE.to_initial_block.weight": torch.zeros(2)}, "--no-const"),
        ({"GE.blocks.0.to_rgb.upsample.1.f": torch.ones(3)}, "none of 1, 2, 1"),
        ({"GE.blocks.1.to_rgb.upsample.1.f": None}, "upsample.1.f is missing"),
        ({"GE.initial_conv.weight": None}, "GE.initial_conv.weight is missing"),
        ({"SE.net.0.weight": None}, "the tensor SE.net.0.weight is missing"),
        ({"GE.blocks.0.to_style1.weight": None}, "to_style1.weight is missing"),
        ({"X.weight": torch.zeros(2)}, "'X.weight' is no part of"),
        (
            {"GE.blocks.1.to_noise1.weight": torch.zeros(3, 1)},
            r"to_noise1.weight has the shape \[3, 1\], not \[8, 1\]",
        ),
    ],
)
def test_what_is_no_part_of_it_is_refused(
    tmp_path: Path, change: dict[str, Tensor | None], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        open_snapshot(changed(tmp_path, change))


def test_its_discriminator_is_named_beside_a_generator_that_opens(tmp_path: Path) -> None:
    found = open_snapshot(
        changed(tmp_path, {"D.blocks.0.conv_res.weight": torch.zeros(2, 3, 1, 1)})
    )
    assert "discriminator of lucidrains' StyleGAN2" in " ".join(found.metadata["notes"])


def test_written_by_us_it_is_the_same(tmp_path: Path) -> None:
    G = open_snapshot(placed(tmp_path / "default")).G_ema
    write_snapshot(tmp_path / "ours.safetensors", {"G_ema": G})
    again = open_snapshot(tmp_path / "ours.safetensors").G_ema
    with np.load(FILE.parent / "references.npz") as theirs:
        both = [
            drawn(network, theirs["seeds"], 0.7, network.w_avg, NoiseInput())
            for network in (G, again)
        ]
    assert (both[0] == both[1]).all()
