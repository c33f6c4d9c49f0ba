"""Configurations: published heuristics, and networks that can be built of every row."""

from __future__ import annotations

import pytest

from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from training.learn.loss import LossOptions
from training.run.configs import CONFIGS, configure


@pytest.mark.parametrize(
    ("resolution", "gpus", "expected"),
    # mb, mbstd, fmaps, lr, gamma, ema as NVIDIA's published trainer resolves `auto`.
    [
        (64, 1, (32, 4, 0.5, 0.0025, 0.0256, 10)),
        (256, 1, (16, 4, 0.5, 0.0025, 0.8192, 5)),
        (256, 8, (64, 4, 0.5, 0.0025, 0.2048, 20)),
        (512, 2, (16, 4, 1, 0.0025, 3.2768, 5)),
        (1024, 1, (4, 4, 1, 0.002, 52.4288, 1.25)),
        (1024, 8, (32, 4, 1, 0.002, 6.5536, 10)),
    ],
)
def test_auto(resolution: int, gpus: int, expected: tuple[float, ...]) -> None:
    c = configure("auto", resolution, gpus)
    assert (c.mb, c.mbstd, c.fmaps, c.lr, c.gamma, c.ema) == pytest.approx(expected)
    assert c.ref_gpus == gpus


def test_a_batch_of_ones_own() -> None:
    auto, paper = configure("auto", 256, batch=32), configure("paper256", 256, batch=32)
    assert (auto.mb, auto.gamma, auto.ema) == pytest.approx((32, 0.4096, 10))
    assert (paper.mb, paper.gamma, paper.ema) == (32, 1, 20)
    assert (configure("auto", 64, gpus=3).mb, configure("auto", 64, batch=6).mbstd) == (63, 3)
    with pytest.raises(ValueError, match="among 3 GPUs"):
        configure("paper256", 256, gpus=3)
    with pytest.raises(ValueError, match="groups of 4"):
        configure("small", 64, batch=6)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_row_makes_networks(name: str) -> None:
    c = configure(name, 8)
    G = StyleGAN2Generator(c_dim=0, img_resolution=8, **c.generator)
    D = StyleGAN2Discriminator(c_dim=0, img_resolution=8, **c.discriminator)
    assert G.z_dim == G.w_dim == c.dim
    assert D.config["mbstd_group_size"] == c.mbstd
    assert LossOptions(**c.loss).r1_gamma == c.gamma
