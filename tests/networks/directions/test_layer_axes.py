"""Axes of the output of a layer, led back to w: equal to numpy's, and bounded in memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from networks.base import Generator
from networks.directions.layer_axes import SKETCH, LayerSampling
from networks.directions.spread import Draws
from networks.families.stylegan2.generator import StyleGAN2Generator

COUNT = 400


def network(channels: int = 8) -> Generator:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        made = StyleGAN2Generator(
            8, 2, 8, 32, mapping_layers=2, channel_base=32 * channels, channel_max=channels
        )
    return made.eval().requires_grad_(False)


def sampled(G: Generator, layer: str, seed: int = 0, label: int | None = None) -> LayerSampling:
    sampling = LayerSampling(G, layer, COUNT, seed, label)
    while not sampling.finished:
        sampling.step()
    return sampling


def plainly(G: Generator, layer: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The directions, by all outputs at once, a singular value decomposition, and least squares."""
    w, caught = Draws(G, 0, None).w(COUNT), []

    def look(name: str, x: torch.Tensor) -> torch.Tensor:
        if name == layer:
            caught.append(x)
        return x

    with torch.inference_mode():
        G.render(w[:, None].repeat(1, G.num_ws, 1), tap=look)
    y = caught[0].reshape(COUNT, -1).double().numpy()
    _, size, axes = np.linalg.svd(y - y.mean(0), full_matrices=False)
    x = (y - y.mean(0)) @ axes[:count].T
    away = w.double().numpy()
    led = np.linalg.lstsq(x, away - away.mean(0), rcond=None)[0]
    return led / np.linalg.norm(led, axis=1)[:, None], (size**2 / (size**2).sum())[:count]


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0", "b16.conv1"])
def test_a_small_layer_is_exact(layer: str) -> None:
    G = network()
    found, (expected, share) = sampled(G, layer).axes(5), plainly(G, layer, 5)
    assert (found.vectors * expected).sum(1).__abs__() == pytest.approx(np.ones(5), abs=1e-6)
    np.testing.assert_allclose(found.strength, share, rtol=1e-5)
    largest = np.take_along_axis(found.vectors, np.abs(found.vectors).argmax(1)[:, None], 1)
    assert (largest > 0).all()


def test_a_large_one_is_sketched_and_its_first_axes_stay() -> None:
    G, layer = network(16), "b32.conv1"
    size = next(e.channels * e.resolution**2 for e in G.layers if e.name == layer)
    assert size > SKETCH
    sampling = sampled(G, layer)
    found, (expected, share) = sampling.axes(3), plainly(G, layer, 3)
    assert np.abs((found.vectors * expected).sum(1)) == pytest.approx(np.ones(3), abs=0.02)
    np.testing.assert_allclose(found.strength, share, rtol=0.1)
    assert sampling._moments.mean.shape == (SKETCH + G.w_dim,)


def test_order_and_sign_depend_on_the_seed_alone_and_hardly_on_that() -> None:
    G = network()
    one, again, other = (sampled(G, "b8.conv1", seed).axes(3) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.vectors, again.vectors)
    assert abs(one.vectors[0] @ other.vectors[0]) > 0.9
    assert sampled(G, "b8.conv1", label=1).axes(1).vectors[0] @ one.vectors[0] < 1 - 1e-6


def test_a_layer_that_is_always_the_same_has_no_axes() -> None:
    assert len(sampled(network(), "b4.const").axes(4).vectors) == 0
    with pytest.raises(ValueError, match="two samples"):
        LayerSampling(network(), "b8.conv1", 1, 0, None)
