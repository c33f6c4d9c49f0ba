"""DCGAN draws what the same layers of torch draw, and can learn."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.base import NoiseInput
from networks.families.dcgan.discriminator import DCGANDiscriminator
from networks.families.dcgan.generator import DCGANGenerator


def test_published_sizes_are_the_defaults() -> None:
    G, D = DCGANGenerator(), DCGANDiscriminator()
    assert (G.resolution, G.img_channels, G.num_ws, G.w_is_z, G.w_avg) == (64, 3, 1, True, None)
    assert [layer.resolution for layer in G.layers] == [4, 8, 16, 32, 64]
    assert not any(layer.noise for layer in G.layers)
    img = G.eval().render(G.map(torch.randn(2, 100))[:, None])
    assert img.shape == (2, 3, 64, 64)
    assert img.abs().max() <= 1
    assert D(img).shape == (2, 1)


def test_running_statistics_are_used_outside_of_training() -> None:
    torch.manual_seed(0)
    G = DCGANGenerator(z_dim=5, channels=(6, 4, 3), **LISTS)
    z = torch.randn(8, 5)
    G.train().render(z[:, None])
    stages: Any = G.stages
    assert stages[0].norm.running_mean.abs().sum() > 0
    G.eval()
    alone = torch.cat([G.render(z[i : i + 1, None]) for i in range(8)])
    assert torch.allclose(alone, G.render(z[:, None]), atol=1e-6)


LISTS: dict[str, Any] = {
    "kernels": (4, 4, 4),
    "strides": (1, 2, 2),
    "paddings": (0, 1, 1),
    "extras": (0, 0, 0),
    "biases": (0, 0, 0),
    "norms": (1, 1, 0),
}


@pytest.mark.parametrize("c_dim", [0, 2])
def test_both_networks_learn(c_dim: int) -> None:
    torch.manual_seed(0)
    G = DCGANGenerator(z_dim=5, c_dim=c_dim, channels=(6, 4, 3), **LISTS)
    D = DCGANDiscriminator(c_dim, 16, channels=(4, 6), norms=(0, 1))
    c = torch.eye(2)[[0, 1, 0, 1]] if c_dim else None
    img = G.render(G.map(torch.randn(4, 5), c)[:, None], NoiseInput("random", None))
    F.softplus(-D(img, c)).mean().backward()
    for network in (G, D):
        assert all(p.grad is not None and p.grad.any() for p in network.parameters())
    real = torch.randn(4, 3, 16, 16, requires_grad=True)
    (slope,) = torch.autograd.grad(D(real, c).sum(), real, create_graph=True)
    slope.square().sum().backward()
    assert [x.shape[2] for x in D.features(real)] == [8, 4]


def test_layers_are_those_of_torch() -> None:
    torch.manual_seed(1)
    theirs = nn.Sequential(
        nn.ConvTranspose2d(5, 6, 4, 1, 0, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.ConvTranspose2d(6, 4, 4, 2, 1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.ConvTranspose2d(4, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    ).eval()
    G: Any = DCGANGenerator(z_dim=5, channels=(6, 4, 3), **LISTS).eval()
    for index, (conv, norm) in enumerate(((0, 1), (3, 4), (6, None))):
        stage = G.stages[index]
        stage.weight = theirs[conv].weight
        if norm is not None:
            for name, value in theirs[norm].state_dict().items():
                value = torch.rand_like(value) if value.ndim else value
                getattr(theirs[norm], name).data.copy_(value)
                if value.ndim:
                    getattr(stage.norm, name).data.copy_(value)
    z = torch.randn(3, 5)
    expected: Tensor = theirs(z[:, :, None, None])
    assert torch.equal(G.render(z[:, None]), expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": ()},
        {"kernels": (4, 4)},
        {"strides": (1, 2, 0)},
        {"strides": (1, 999, 999)},
        {"paddings": (0, 9, 9)},
        {"extras": (0, 0, -1)},
    ],
)
def test_what_no_network_has_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"convolution|least|pixels"):
        DCGANGenerator(**({"z_dim": 5, "channels": (6, 4, 3)} | LISTS | wrong))
    with pytest.raises(ValueError, match="do not bring 64 pixels to 4"):
        DCGANDiscriminator(channels=(4, 4))
