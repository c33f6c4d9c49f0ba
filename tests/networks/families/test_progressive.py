"""Progressive GAN and StyleGAN (2019): layers, growth, discriminators, and that they can learn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from networks.base import NoiseInput, State
from networks.families import families
from networks.families.pggan.discriminator import PGGANDiscriminator
from networks.families.pggan.generator import PGGANGenerator
from networks.families.pggan.growth import at_resolution
from networks.families.pggan.layers import downscaled_convolution, upscaled_convolution
from networks.families.stylegan1.discriminator import StyleGAN1Discriminator
from networks.families.stylegan1.generator import StyleGAN1Generator

SMALL: dict[str, Any] = {"img_resolution": 16, "channels": [6, 5, 4]}


def generators(**changes: Any) -> list[Any]:
    """One of each family with random weights, strengths of noise and biases included."""
    torch.manual_seed(0)
    made: list[Any] = [
        PGGANGenerator(z_dim=7, **({"c_dim": 0} | SMALL | changes)),
        StyleGAN1Generator(z_dim=7, w_dim=6, mapping_layers=3, **({"c_dim": 0} | SMALL | changes)),
    ]
    for network in made:
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter)
    return [network.eval() for network in made]


def rendered(network: Any, psi_rows: Tensor | None = None, noise: str = "const") -> Tensor:
    z = torch.from_numpy(np.random.RandomState(1).randn(2, network.z_dim).astype(np.float32))
    c = torch.eye(network.c_dim)[:2] if network.c_dim else None
    with torch.inference_mode():
        ws = network.map(z, c)[:, None].repeat(1, network.num_ws, 1)
        picture: Tensor = network.render(ws, NoiseInput(noise))  # type: ignore[arg-type]
    return picture


def test_convolutions_at_twice_and_half_the_resolution_are_what_they_stand_for() -> None:
    torch.manual_seed(0)
    x, weight = torch.randn(2, 3, 6, 8), torch.randn(4, 3, 3, 3)
    doubled = F.conv2d(F.interpolate(x, scale_factor=2), weight, padding=1)
    assert torch.allclose(upscaled_convolution(x, weight), doubled, atol=1e-5)
    halved = F.avg_pool2d(F.conv2d(x, weight, padding=1), 2)
    assert torch.allclose(downscaled_convolution(x, weight), halved, atol=1e-5)


@pytest.mark.parametrize("noise", ["const", "none", "random"])
def test_drawing_changes_nothing_in_the_network(noise: str) -> None:
    for network in generators():
        before = {name: value.clone() for name, value in network.state_dict().items()}
        first, second = rendered(network, noise=noise), rendered(network, noise=noise)
        assert torch.equal(first, second)
        after = network.state_dict()
        assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("lod", [0.0, 0.3, 1.0, 1.6, 2.0])
def test_every_layer_is_tapped_as_it_says_and_stages_can_be_resumed(lod: float) -> None:
    for network in generators(lod=lod):
        seen: dict[str, Tensor] = {}

        def tap(name: str, x: Tensor, seen: dict[str, Tensor] = seen) -> Tensor:
            assert name not in seen
            seen[name] = x
            return x

        ws = network.map(torch.randn(2, 7))[:, None].repeat(1, network.num_ws, 1)
        with torch.inference_mode():
            states = [State(None, None)]
            for stage in network.stages:
                states.append(stage(states[-1], ws, NoiseInput(), tap))
        layers = {layer.name: layer for layer in network.layers}
        assert list(seen) == list(layers)
        for name, x in seen.items():
            layer = layers[name]
            assert x.shape == (2, layer.channels, layer.resolution, layer.resolution)
        assert states[-1].img is not None
        assert states[-1].img.shape == (2, 3, 16, 16)
        with torch.inference_mode():
            again = network.stages[-1](states[-2], ws, NoiseInput())
        assert torch.equal(again.img, states[-1].img)


def activations(network: Any, ws: Tensor) -> dict[str, Tensor]:
    """What every layer makes of ws, by its name."""
    seen: dict[str, Tensor] = {}
    network.render(ws, tap=lambda name, x: seen.setdefault(name, x.clone()))
    return seen


@pytest.mark.parametrize("lod", [0.0, 0.4, 1.0])
def test_rows_of_w_reach_the_layers_that_they_say(lod: float) -> None:
    network = generators(lod=lod)[1]
    ws = network.map(torch.randn(1, 7))[:, None].repeat(1, network.num_ws, 1)
    for row in range(network.num_ws):
        other = ws.clone()
        other[:, row] += 1
        plain, moved = activations(network, ws), activations(network, other)
        changed = next(name for name in plain if not torch.equal(plain[name], moved[name]))
        assert {layer.name: layer.row for layer in network.layers}[changed] == row


def test_a_level_fades_in_without_a_step() -> None:
    for network in generators():
        pictures = []
        for lod in (0.0, 1e-5, 1 - 1e-5, 1.0, 1 + 1e-5):
            network.grow_to(lod)
            pictures.append(rendered(network))
        for first, second in pairwise(pictures):
            near = (first - second).abs().max() < 1e-3 * first.abs().max()
            assert near == (first is not pictures[1])
        with pytest.raises(ValueError, match="lod is from 0 to 2"):
            network.grow_to(2.5)


def test_a_network_that_is_cut_down_draws_what_it_drew() -> None:
    for network in generators():
        for lod, size in ((0.0, 16), (1.0, 8), (2.0, 4)):
            network.grow_to(lod)
            whole = rendered(network)
            smaller = rendered(at_resolution(network, size, 1.0))
            assert torch.equal(F.interpolate(smaller, scale_factor=16 // size), whole)
        with pytest.raises(ValueError, match="no level of 32"):
            at_resolution(network, 32, 1.0)


@pytest.mark.parametrize("family", ["pggan", "stylegan1"])
@pytest.mark.parametrize("c_dim", [0, 3])
@pytest.mark.parametrize("lod", [0.0, 0.5, 1.0])
def test_both_networks_learn_at_every_growth(family: str, c_dim: int, lod: float) -> None:
    """The gradient penalty's own derivative included (Gulrajani et al. 2017, eq. 3)."""
    torch.manual_seed(0)
    kind = families()[family]
    size = {"z_dim": 7, "c_dim": c_dim, **SMALL} | ({} if family == "pggan" else {"w_dim": 6})
    G: Any = kind.generator(**size)
    assert kind.discriminator is not None
    D: Any = kind.discriminator(c_dim=c_dim, **SMALL)
    assert D.config["channels"] == [6, 5, 4]
    for network in (G, D):
        network.grow_to(lod)
    c = torch.eye(3)[[0, 1, 2, 0]] if c_dim else None
    ws = G.map(torch.randn(4, 7), c)[:, None].repeat(1, G.num_ws, 1)
    img = G.render(ws, NoiseInput("random", None))
    logits = D(img, c)
    assert logits.shape == (4, 1)
    F.softplus(-logits).mean().backward()
    used = [stage for stage in G.stages if hasattr(stage, "conv1")]
    assert all(stage.conv1.weight.grad.any() for stage in used)
    assert used[-1].colours.torgb.weight.grad.any()
    real = torch.randn(4, 3, 16, 16, requires_grad=True)
    (slope,) = torch.autograd.grad(D(real, c).sum(), real, create_graph=True)
    penalty = slope.square().sum()
    assert penalty > 0
    penalty.backward()
    assert D.b4.fc.weight.grad.abs().sum() > 0


def test_the_discriminator_fades_as_the_generator_does() -> None:
    torch.manual_seed(0)
    for kind in (PGGANDiscriminator, StyleGAN1Discriminator):
        D = kind(c_dim=0, **SMALL).eval()
        img = torch.randn(4, 3, 16, 16)
        found = []
        for lod in (1 - 1e-6, 1.0):
            D.grow_to(lod)
            found.append(D(img))
        assert torch.allclose(*found, atol=1e-4)
        doubled = F.interpolate(F.avg_pool2d(img, 2), scale_factor=2)
        assert torch.allclose(D(doubled), found[1], atol=1e-5)  # it sees no more than 8x8 pixels


def test_labels_are_told_apart() -> None:
    torch.manual_seed(0)
    img = torch.randn(2, 3, 16, 16)
    D = StyleGAN1Discriminator(c_dim=3, **SMALL)
    logits = [D(img, torch.eye(3)[[k, k]]) for k in range(3)]
    assert not torch.allclose(logits[0], logits[1])
    for network in generators(c_dim=3):
        with pytest.raises(ValueError, match="conditional"):
            network.map(torch.randn(1, 7))


@pytest.mark.parametrize(
    "wrong",
    [
        {"img_resolution": 12},
        {"img_resolution": 1 << 20},
        {"lod": -0.5},
        {"lod": 3.0},
        {"channels": [4, 4]},
        {"channels": [4, 4, 0]},
        {"activation": "swish"},
    ],
)
def test_what_no_network_has_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"img_resolution|lod|channels|activation"):
        generators(**wrong)
    with pytest.raises(ValueError, match=r"img_resolution|lod|channels|activation"):
        PGGANDiscriminator(c_dim=0, **(SMALL | wrong))
