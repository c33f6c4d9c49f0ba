"""StyleGAN3 draws what the public code draws, and computes in every layer what the paper says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from networks.base import truncate
from networks.families.stylegan3.filters import lowpass
from networks.families.stylegan3.generator import StyleGAN3Generator
from networks.formats.modules import Module, ModuleReader
from networks.formats.refusal import DATA_NAMES
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from ops import reference_path
from renderer.messages.request import Transform
from renderer.pipeline.synthesis.transform import matrix
from tests.networks.families.stylegan3.slow_stylegan3 import fourier, layer
from tests.paths import DATA

FILES = ["sg3-t-odd-32", "sg3-r-cond-32", "sg3-t-transform-32"]


def generator(name: str) -> StyleGAN3Generator:
    G = open_snapshot(DATA / f"{name}.pkl").G_ema
    assert isinstance(G, StyleGAN3Generator)
    return G


def latent(G: StyleGAN3Generator, seed: int, label: int = -1, psi: float = 1.0) -> Tensor:
    """ws [1, num_ws, w_dim] as NVIDIA's tools make them."""
    z = torch.from_numpy(np.random.RandomState(seed).randn(1, G.z_dim)).float()
    c = torch.eye(G.c_dim)[[label]] if G.c_dim else None
    w = G.map(z, c)
    return truncate(w[:, None].repeat(1, G.num_ws, 1), G.w_avg, psi)


def assert_close(actual: Tensor, expected: np.ndarray, bound: float = 1e-4) -> None:
    assert actual.shape == expected.shape
    error = np.abs(actual.numpy() - expected).max() / np.abs(expected).max()
    assert error <= bound, error


def read_module(name: str) -> tuple[Module, dict[str, np.ndarray]]:
    """A generator as its file has it: what its modules say of themselves, and its tensors."""
    budget, names = Budget(), Names(DATA_NAMES)
    root, _ = unpickle(memoryview((DATA / f"{name}.pkl").read_bytes()), names, budget=budget)
    tensors = Tensors(budget, names)
    module = ModuleReader(tensors).read(root["G_ema"])
    found = {key: tensors.ref(record).load() for key, record in module.all_tensors().items()}
    return module, {key: value.double().numpy() for key, value in found.items()}


@torch.inference_mode()
@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
@pytest.mark.parametrize("name", FILES)
def test_pictures_are_those_of_the_public_code(name: str, plain: bool) -> None:
    reference = np.load(DATA / f"{name}.npz")
    G = generator(name)
    for psi, images in zip(reference["psi"], reference["images_f32"], strict=True):
        for seed, image in zip(reference["seeds"], images, strict=True):
            ws = latent(G, seed, int(reference["label"]), float(psi))
            if plain:
                with reference_path():
                    assert_close(G.render(ws)[0], image)
            else:
                assert_close(G.render(ws)[0], image)


@torch.inference_mode()
@pytest.mark.parametrize("name", FILES)
def test_every_layer_is_what_its_definition_gives(name: str) -> None:
    module, tensors = read_module(name)
    G, taps = generator(name), {}

    def tap(name: str, x: Tensor) -> Tensor:
        taps[name] = x
        return x

    ws = latent(G, 3, label=1)
    G.render(ws, tap=tap)
    w = ws[0].double().numpy()

    def own(path: str) -> dict[str, np.ndarray]:
        return {k.removeprefix(path): v for k, v in tensors.items() if k.startswith(path)}

    part = module.child("synthesis.input")
    assert part is not None
    x = fourier(
        own("synthesis.input."),
        w[0],
        taps["input"].shape[2],
        part.attributes["sampling_rate"],
        part.attributes["bandwidth"],
    )
    assert_close(taps["input"][0], x, 1e-5)
    synthesis = module.child("synthesis")
    assert synthesis is not None
    assert list(taps) == ["input", *synthesis.attributes["layer_names"]]
    for row, layer_name in enumerate(synthesis.attributes["layer_names"], 1):
        part = synthesis.children[layer_name]
        x = layer(part.attributes, own(f"synthesis.{layer_name}."), x, w[row])
        assert_close(taps[layer_name][0], x, 2e-5)


@pytest.mark.parametrize("name", FILES)
def test_filters_are_designed_as_files_hold_them(name: str) -> None:
    G, count = generator(name), 0
    for plan in G.plans:
        held = G.synthesis[plan.name]
        for taps, signal, radial, f in (
            (plan.up_taps, plan.before, False, held.up_filter),
            (plan.down_taps, plan.after, plan.radial, held.down_filter),
        ):
            if f is not None:
                made = lowpass(taps, signal.cutoff, signal.half_width, plan.between, radial)
                assert_close(made, f.double().numpy(), 1e-6)
                count += 1
    assert count == 2 * (len(G.plans) - 1)


@torch.inference_mode()
def test_the_users_transform_is_the_one_that_files_store() -> None:
    # This file's own is the inverse of a rotation by 0.3 followed by a shift of (0.1, -0.15).
    stored = generator("sg3-t-transform-32")
    moved = np.load(DATA / "sg3-t-transform-32.npz")["images_f32"][0, 0]
    bare = generator("sg3-t-transform-32")
    bare.synthesis["input"].transform.copy_(torch.eye(3))
    transform = matrix(Transform(0.1, -0.15, math.degrees(0.3)))
    assert_close(bare.render(latent(bare, 0), transform=transform)[0], moved)
    # The user's acts on the picture that the file has moved.
    users = matrix(Transform(0.05, 0.2, 20, 0.9))
    both = bare.render(latent(bare, 0), transform=stored.synthesis["input"].transform @ users)
    assert_close(stored.render(latent(stored, 0), transform=users), both.numpy())
    assert (both[0] - torch.from_numpy(moved)).abs().max() > 0.01


@torch.inference_mode()
def test_pictures_do_not_depend_on_the_batch() -> None:
    G = generator("sg3-r-cond-32")
    both = torch.cat([latent(G, 0, 1), latent(G, 5, 2)])
    together = G.render(both)
    for one, img in zip(both, together, strict=True):
        alone = G.render(one[None])[0]
        assert (alone - img).abs().max() <= 1e-4 * alone.abs().max()


@torch.inference_mode()
@pytest.mark.parametrize("name", FILES)
def test_our_own_files_hold_the_same_network(tmp_path: Path, name: str) -> None:
    G = generator(name)
    write_snapshot(tmp_path / "x.safetensors", {"G_ema": G})
    again = open_snapshot(tmp_path / "x.safetensors").G_ema
    ws = latent(G, 1, 0)
    assert torch.equal(G.render(ws), again.render(ws))
