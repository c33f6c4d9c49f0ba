"""PCA of W and SeFa, held against their definitions in numpy, for every family of networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from networks.base import Generator
from networks.directions.spread import Sampling, Spread, mapping_digest
from networks.directions.without_labels import principal_axes, style_axes
from networks.families.dcgan.generator import DCGANGenerator
from networks.families.pggan.generator import PGGANGenerator
from networks.families.stylegan1.generator import StyleGAN1Generator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.families.stylegan3.generator import StyleGAN3Generator

SMALL: dict[str, Any] = {"channel_base": 64, "channel_max": 8}


def stylegan2(c_dim: int = 0) -> Generator:
    torch.manual_seed(1)
    network = StyleGAN2Generator(z_dim=6, c_dim=c_dim, w_dim=5, img_resolution=16, **SMALL)
    return network.eval()


def sampled(network: Generator, count: int = 2500, seed: int = 3, label: int | None = None):
    sampling = Sampling(network, count, seed, label)
    while not sampling.finished:
        sampling.step()
    return sampling.spread()


def all_w(network: Generator, count: int = 2500, seed: int = 3) -> np.ndarray:
    z = np.random.RandomState(seed).randn(count, network.z_dim).astype(np.float32)
    with torch.inference_mode():
        return network.map(torch.from_numpy(z)).double().numpy()


def test_the_spread_is_that_of_all_samples_at_once():
    network = stylegan2()
    w, spread = all_w(network), sampled(network)
    np.testing.assert_allclose(spread.mean, w.mean(0), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(spread.covariance, np.cov(w.T), rtol=1e-6, atol=1e-12)
    assert spread.samples == 2500
    direction = np.array([[1.0, 2, 0, 0, -1], [0.0, 0, 0, 0, 0]])
    unit = direction[0] / np.linalg.norm(direction[0])
    np.testing.assert_allclose(spread.deviation(direction), [(w @ unit).std(ddof=1), 0], rtol=1e-6)


def test_a_spread_far_from_zero_keeps_its_digits():
    network = stylegan2()
    with torch.no_grad():
        network.mapping.fc7.bias += 3e5  # 3000 after the learning rate's multiplier
    w = all_w(network)
    assert abs(w.mean()) > 1000
    np.testing.assert_allclose(sampled(network).covariance, np.cov(w.T), rtol=1e-6)


def test_principal_axes_are_those_of_the_singular_values_of_the_samples():
    network = stylegan2()
    w = all_w(network)
    axes = principal_axes(sampled(network), 4)
    _, size, rows = np.linalg.svd(w - w.mean(0), full_matrices=False)
    assert axes.vectors.shape == (4, 5)
    agreement = np.abs((axes.vectors * rows[:4]).sum(1))
    np.testing.assert_allclose(agreement, 1, atol=1e-6)
    np.testing.assert_allclose(axes.strength, (size**2 / (size**2).sum())[:4], rtol=1e-6)


def test_the_same_seed_gives_the_same_axes_and_another_one_the_same_order_and_signs():
    network = stylegan2()
    first, again = (principal_axes(sampled(network), 3).vectors for _ in range(2))
    np.testing.assert_array_equal(first, again)
    largest = np.take_along_axis(first, np.abs(first).argmax(1)[:, None], 1)
    assert (largest > 0).all()
    other = principal_axes(sampled(network, 20_000, seed=4), 2).vectors
    assert ((first[:2] * other).sum(1) > 0.9).all()


def test_the_class_of_the_samples_can_be_chosen():
    network = stylegan2(c_dim=3)
    with torch.no_grad():
        network.mapping.embed.weight *= 20
    z = np.random.RandomState(3).randn(500, 6).astype(np.float32)
    c = torch.eye(3)[torch.full((500,), 2)]
    with torch.inference_mode():
        w = network.map(torch.from_numpy(z), c).double().numpy()
    np.testing.assert_allclose(sampled(network, 500, label=2).mean, w.mean(0), rtol=1e-5)
    mixed = sampled(network, 500)
    assert np.trace(mixed.covariance) > np.trace(sampled(network, 500, label=2).covariance)


def first_weights(network: Generator) -> list[np.ndarray]:
    """What the first row of w is multiplied with, written out for each family."""
    stage: Any = network.stages[0]
    match network:
        case StyleGAN2Generator():
            return [stage.conv1.affine.weight / network.w_dim**0.5]
        case StyleGAN3Generator():
            return [stage.affine.weight / network.w_dim**0.5]
        case StyleGAN1Generator():
            return [stage.epilogue0.affine.weight / network.w_dim**0.5]
        case PGGANGenerator():
            return [stage.dense.weight * (2 / network.w_dim) ** 0.5 / 4]
        case _:
            return [stage.weight.reshape(len(stage.weight), -1).T]


@pytest.mark.parametrize(
    "network",
    [
        stylegan2(),
        StyleGAN3Generator(
            z_dim=6, c_dim=0, w_dim=5, img_resolution=16, num_layers=4, num_critical=1, **SMALL
        ),
        StyleGAN1Generator(z_dim=6, c_dim=0, w_dim=5, img_resolution=8, channels=[4, 4]),
        PGGANGenerator(z_dim=6, c_dim=2, img_resolution=8, channels=[4, 4]),
        DCGANGenerator(z_dim=6, channels=(4, 3), kernels=(4, 4), strides=(1, 2), paddings=(0, 1),
                       extras=(0, 0), biases=(0, 0), norms=(1, 0)),
    ],
    ids=lambda network: network.family,
)  # fmt: skip
def test_style_axes_are_the_eigenvectors_of_the_weights_of_every_family(network):
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape))
    weight = np.concatenate([w.detach().double().numpy() for w in first_weights(network)])
    weight = weight[:, : network.z_dim] if network.w_is_z else weight
    axes = style_axes(network, range(1), 3)
    _, size, rows = np.linalg.svd(weight, full_matrices=False)
    np.testing.assert_allclose(axes.strength, (size**2 / (size**2).sum())[:3], rtol=1e-5)
    agreement = np.abs((axes.vectors[:, : weight.shape[1]] * rows[:3]).sum(1))
    np.testing.assert_allclose(agreement[size[:3] > 1e-6], 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(axes.vectors, axis=1), 1)
    assert not axes.vectors[:, network.z_dim :].any() or not network.w_is_z


def test_style_axes_look_at_the_chosen_rows_alone():
    network = stylegan2()
    styles = [style for stage in network.stages for style in stage.style_weights()]
    assert [style.row for style in styles] == [0, 1, 1, 2, 3, 3, 4, 5]
    later = [(s.weight * s.gain).detach().double().numpy() for s in styles if s.row in (3, 4)]
    rows = np.linalg.svd(np.concatenate(later))[2]
    axes = style_axes(network, range(3, 5), 1)
    assert abs(axes.vectors[0] @ rows[0]) == pytest.approx(1, abs=1e-6)
    assert style_axes(network, range(40, 50), 1) is None


def test_axes_of_a_network_that_never_varies_are_no_fault():
    axes = principal_axes(Spread(np.zeros(3), np.zeros((3, 3)), 10), 2)
    assert np.isfinite(axes.vectors).all()
    np.testing.assert_array_equal(axes.strength, 0)


def test_a_spread_is_named_by_the_weights_that_it_depends_on():
    one, same = stylegan2(), stylegan2()
    name = mapping_digest(one, 100, 0, None)
    with torch.no_grad():
        same.synthesis.b4.conv1.bias += 1
        same.mapping.w_avg += 1
    assert mapping_digest(same, 100, 0, None) == name
    assert mapping_digest(one, 101, 0, None) != name
    assert mapping_digest(one, 100, 1, None) != name
    with torch.no_grad():
        same.mapping.fc0.weight[0, 0] += 1
    assert mapping_digest(same, 100, 0, None) != name
