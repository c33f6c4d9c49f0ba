"""StyleGAN2 against numbers of an independent implementation: pictures, activations, logits,
and the gradients of the four training phases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import NoiseInput, truncate
from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.snapshots.snapshot import Snapshot, open_snapshot
from ops import reference_path
from tests.paths import DATA


def load(path: Path) -> dict[str, Tensor]:
    with np.load(path) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


def assert_close(actual: Tensor, expected: Tensor) -> None:
    assert actual.shape == expected.shape
    assert (actual - expected).abs().max() <= 1e-4 * expected.abs().max()


@pytest.fixture(scope="module", params=["sg2-uncond-32", "sg2-cond-16"])
def fixture(request: pytest.FixtureRequest) -> tuple[dict[str, Tensor], Snapshot]:
    snapshot = open_snapshot(DATA / f"{request.param}.pkl", names=("G_ema", "D"))
    return load(DATA / f"{request.param}.npz"), snapshot


@pytest.fixture(params=["fast", "reference"])
def path(request: pytest.FixtureRequest):
    with torch.no_grad():
        if request.param == "fast":
            yield
        else:
            with reference_path():
                yield


@pytest.mark.usefixtures("path")
class TestNumbers:
    def test_latents(self, fixture) -> None:
        data, snapshot = fixture
        G = snapshot.G_ema
        ws = G.map(data["z"], data["c"])[:, None].repeat(1, G.num_ws, 1)
        assert_close(ws, data["w"])
        cutoff = int(data["cutoff"])
        truncated = truncate(ws, G.w_avg, float(data["psi"]), cutoff if cutoff >= 0 else None)
        assert_close(truncated, data["w_truncated"])

    def test_pictures(self, fixture) -> None:
        data, snapshot = fixture
        G, ws = snapshot.G_ema, data["w"]
        assert_close(G.render(ws), data["image_const"])
        assert_close(G.render(ws, NoiseInput("none")), data["image_none"])
        assert_close(G.render(data["w_truncated"]), data["image_truncated"])
        mixed = ws[:1].clone()
        mixed[:, data["mixed_layers"]] = ws[1:2, data["mixed_layers"]]
        assert_close(G.render(mixed), data["image_mixed"])

    def test_every_activation(self, fixture) -> None:
        data, snapshot = fixture
        seen: dict[str, Tensor] = {}

        def look(name: str, x: Tensor) -> Tensor:
            seen[name] = x
            return x

        snapshot.G_ema.render(data["w"][:1], tap=look)
        expected = {name[4:]: x for name, x in data.items() if name.startswith("act/")}
        assert len(expected) >= 14
        for name, x in expected.items():
            # A block answers with its features and the picture so far.
            ours = name.replace(":0", ".conv1").replace(":1", ".image")
            assert_close(seen[ours], x)

    def test_logits(self, fixture) -> None:
        data, snapshot = fixture
        logits = snapshot.D(data["image_const"], data["c"])
        assert_close(logits, data["discriminator_logits"])


@pytest.mark.parametrize("name", ["sg2-uncond-32", "sg2-cond-16"])
def test_tensor_names_and_shapes(name: str) -> None:
    expected = json.loads((DATA / f"{name}.tensors.json").read_text())
    snapshot = open_snapshot(DATA / f"{name}.pkl", names=("G_ema", "D"))
    for network in ("G_ema", "D"):
        # Built anew from the configuration alone: what was loaded could have brought its names.
        built = type(snapshot[network])(**json.loads(json.dumps(snapshot[network].config)))
        shapes = {key: list(value.shape) for key, value in built.state_dict().items()}
        assert shapes == expected[network]


@pytest.fixture(scope="module")
def training() -> tuple[dict[str, Tensor], StyleGAN2Generator, StyleGAN2Discriminator]:
    data = load(DATA / "loss-16.npz")
    width = {"channel_base": 256, "channel_max": 16, "conv_clamp": None}
    G = StyleGAN2Generator(32, 0, 32, 16, mapping_layers=2, **width)
    D = StyleGAN2Discriminator(0, 16, **width)
    for prefix, network in (("G/", G), ("D/", D)):
        tensors = {key[2:]: value for key, value in data.items() if key.startswith(prefix)}
        network.load_state_dict(tensors)
    return data, G, D


def check_gradients(phase: str, network: nn.Module, loss: Tensor, data: dict[str, Tensor]) -> None:
    named = dict(network.named_parameters())
    gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    for (name, parameter), gradient in zip(named.items(), gradients, strict=True):
        # The gradient of a noise strength follows from noise that was drawn, not recorded.
        if not name.endswith("noise_strength"):
            expected = data[f"grad/{phase}/{name}"]
            assert_close(torch.zeros_like(parameter) if gradient is None else gradient, expected)


def generate(G: StyleGAN2Generator, z: Tensor) -> tuple[Tensor, Tensor]:
    ws = G.map(z)[:, None].expand(-1, G.num_ws, -1)
    return G.render(ws), ws


def test_gradients_of_the_main_phases(training) -> None:
    data, G, D = training
    check_gradients("Gmain", G, F.softplus(-D(generate(G, data["z"])[0])).mean(), data)
    fake = F.softplus(D(generate(G, data["z"])[0].detach())).mean()
    check_gradients("Dmain", D, fake + F.softplus(-D(data["real"])).mean(), data)


def test_gradients_of_r1(training) -> None:
    """Gradients of gradients through the discriminator."""
    data, _, D = training
    real = data["real"].clone().requires_grad_()
    (slope,) = torch.autograd.grad(D(real).sum(), real, create_graph=True)
    penalty = slope.square().sum((1, 2, 3)).mean() * (data["r1_gamma"] / 2)
    check_gradients("Dreg", D, penalty, data)


def test_gradients_of_the_path_length(training) -> None:
    """Gradients of gradients through the synthesis network (StyleGAN2, eq. 4)."""
    data, G, _ = training
    img, ws = generate(G, data["z"][:2])
    noise = data["pl_noise"] / (img.shape[2] * img.shape[3]) ** 0.5
    (slope,) = torch.autograd.grad((img * noise).sum(), ws, create_graph=True)
    lengths = slope.square().sum(2).mean(1).sqrt()
    mean = lengths.mean() * 0.01
    assert_close(mean.detach(), data["pl_mean_after"])
    check_gradients("Greg", G, (lengths - mean).square().mean() * data["pl_weight"], data)
