"""StyleGAN-XL draws what its own program draws, and truncates towards the mean of each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from networks.base import truncate
from networks.families.styleganxl.generator import StyleGANXLGenerator
from networks.formats.modules import ModuleReader
from networks.formats.refusal import DATA_NAMES
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from ops import reference_path
from tests.foreign import SMALL, difference, reference
from tests.networks.families.stylegan3.slow_stylegan3 import fourier, layer

HEAD = SMALL / "stylegan-xl" / "r-superres-cond6-32.pkl"
STEM = SMALL / "stylegan-xl" / "t-uncond-16.pkl"


def generator(path: Path) -> StyleGANXLGenerator:
    G = open_snapshot(path).G_ema
    assert isinstance(G, StyleGANXLGenerator)
    return G


def latent(G: StyleGANXLGenerator, seed: int, label: int | None, psi: float = 1.0) -> Tensor:
    z = torch.from_numpy(np.random.RandomState(seed).randn(1, G.z_dim)).float()
    c = None if label is None else torch.eye(G.c_dim)[[label]]
    return truncate(G.map(z, c)[:, None].repeat(1, G.num_ws, 1), G.w_avg, psi, c=c)


@torch.inference_mode()
@pytest.mark.parametrize(("path", "label"), [(HEAD, 4), (STEM, None)], ids=["head", "stem"])
def test_latents_and_pictures_are_theirs(path: Path, label: int | None) -> None:
    G, theirs = generator(path), reference(path)
    for row, psi in enumerate(theirs["psi"].tolist()):
        for seed, ws in zip(theirs["seeds"].tolist(), theirs["ws"][row], strict=True):
            assert np.abs(latent(G, seed, label, psi)[0].numpy() - ws).max() < 1e-6
        assert difference(G, theirs, psi) <= 1e-5
        with reference_path():
            assert difference(G, theirs, psi) <= 1e-5


@torch.inference_mode()
def test_every_layer_of_a_head_is_what_its_definition_gives() -> None:
    budget, names = Budget(), Names(DATA_NAMES, lenient=True)
    root, _ = unpickle(memoryview(HEAD.read_bytes()), names, budget=budget)
    tensors = Tensors(budget, names)
    module = ModuleReader(tensors).read(root["G_ema"])
    held = {k: tensors.ref(r).load().double().numpy() for k, r in module.all_tensors().items()}
    G, taps = generator(HEAD), {}

    def tap(name: str, x: Tensor) -> Tensor:
        taps[name] = x
        return x

    ws = latent(G, 3, 1)
    G.render(ws, tap=tap)
    w = ws[0].double().numpy()

    def own(path: str) -> dict[str, np.ndarray]:
        return {k.removeprefix(path): v for k, v in held.items() if k.startswith(path)}

    part: Any = module.child("synthesis.input")
    size, rate = taps["input"].shape[2], part.attributes["sampling_rate"]
    x = fourier(own("synthesis.input."), w[0], size, rate, part.attributes["bandwidth"])
    synthesis: Any = module.child("synthesis")
    layers = synthesis.attributes["layer_names"]
    assert list(taps) == ["input", *layers] == [layer.name for layer in G.layers]
    for row, name in enumerate(layers, 1):
        attributes = synthesis.children[name].attributes
        x = layer(attributes, own(f"synthesis.{name}."), x, w[row])
        assert np.abs(taps[name][0].numpy() - x).max() <= 2e-5 * np.abs(x).max(), name


def test_truncation_is_towards_the_mean_of_the_class() -> None:
    G = generator(HEAD)
    assert G.w_avg.shape == (6, G.w_dim)
    ws = torch.randn(2, G.num_ws, G.w_dim)
    c = torch.eye(6)[[4, 1]]
    centres = truncate(ws, G.w_avg, 0.0, c=c)
    assert torch.equal(centres, G.w_avg[[4, 1], None].expand_as(ws))
    halfway = truncate(ws, G.w_avg, 0.5, 3, c)
    assert torch.allclose(halfway[:, :3], (ws + centres)[:, :3] / 2)
    assert torch.equal(halfway[:, 3:], ws[:, 3:])
    blend = truncate(ws, G.w_avg, 0.0, c=torch.tensor([[0, 0.25, 0, 0, 0.75, 0]]))
    assert torch.allclose(blend[0, 0], 0.25 * G.w_avg[1] + 0.75 * G.w_avg[4], atol=1e-6)
    assert torch.equal(truncate(ws, G.w_avg, 1.0), ws)
    with pytest.raises(ValueError, match="labels"):
        truncate(ws, G.w_avg, 0.5)


def stack(heads: int = 2) -> dict[str, Any]:
    """A narrow stem of 16 pixels, and heads that each double it."""
    told: dict[str, Any] = {
        "rates": [16, 16, 16],
        "sizes": [24, 24, 24],
        "cutoffs": [2.0, 2.0, 4.0],
        "half_widths": [6.0, 6.0, 4.0],
        "channels": [6, 6, 5],
        "numbers": [0, 1],
        "kernels": [3, 3],
        "radial": [0, 1],
    }
    for head in range(heads):
        rate, last = 32 << head, told["cutoffs"][-1]
        # One at the rate below, then upwards; critical layers are left only by the last head.
        rows = [(rate // 2, last), (rate, last * 1.5)]
        for size, cutoff in rows:
            told["rates"].append(size)
            told["sizes"].append(size + 8)
            told["cutoffs"].append(cutoff)
            told["half_widths"].append(size / 2 - cutoff)
            told["channels"].append(4)
            told["numbers"].append(told["numbers"][-1] + 1)
            told["kernels"].append(1)
            told["radial"].append(1)
    told["critical"] = [0] * len(told["numbers"])
    rate = told["rates"][-1]
    for kernel, channels in ((1, 4), (1, 3)):
        for key, value in (
            *(("rates", rate), ("sizes", rate), ("cutoffs", rate / 2), ("half_widths", 3.0)),
            *(("channels", channels), ("kernels", kernel), ("radial", 0), ("critical", 1)),
        ):
            told[key].append(value)
        told["numbers"].append(told["numbers"][-1] + 1)
    count = len(told["numbers"])
    return {**told, "half": [0] * count, "clamps": [0, *[256] * (count - 1)]}


def stacked(heads: int = 2, c_dim: int = 3, **changes: Any) -> StyleGANXLGenerator:
    torch.manual_seed(0)
    told = stack(heads) | changes
    G = StyleGANXLGenerator(5, c_dim, 7, class_features=4, **told).eval().requires_grad_(False)
    for value in (*G.parameters(), G.mapping.w_avg):
        value.normal_()
    return G


@torch.inference_mode()
@pytest.mark.parametrize("c_dim", [0, 3])
def test_heads_on_heads_are_drawn_and_kept(tmp_path: Path, c_dim: int) -> None:
    G = stacked(2, c_dim)
    assert (G.resolution, G.num_ws) == (64, 9)
    ws = latent(G, 1, 2 if c_dim else None, 0.7)
    made = G.render(ws)
    assert made.shape == (1, 3, 64, 64)
    assert made.std() > 1e-3
    with reference_path():
        assert torch.allclose(G.render(ws), made, atol=1e-4 * float(made.abs().max()))
    write_snapshot(tmp_path / "x.safetensors", {"G_ema": G})
    again = generator(tmp_path / "x.safetensors")
    assert torch.equal(again.render(ws), made)
    assert torch.equal(again.w_avg, G.w_avg)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": [16, 16]},
        {"numbers": []},
        {"cutoffs": [-1.0] * 9},
        {"cutoffs": [9.0] * 9},
        {"half_widths": [0.0] * 9},
        {"half_widths": [float("nan")] * 9},
        {"kernels": [3] * 8},
        {"kernels": [True] * 8},
        {"sizes": [1 << 14] * 9},
        {"channels": [0] * 9},
        {"numbers": [0] * 8},
        {"numbers": [1 << 20] * 8},
        {"filter_size": 65},
        {"filter_size": 64, "lrelu_upsampling": 8},
        {"lrelu_upsampling": 0},
        {"rates": [16, 16, 16, 16, 24, 32, 64, 64, 64]},
        {"radial": [2] * 8},
        {"clamps": [-1] * 8},
        {"clamps": [float("inf")] * 8},
        {"clamps": [256]},
    ],
    ids=str,
)
def test_what_no_network_has_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        stacked(2, 0, **wrong)
