"""Configurations: published heuristics, and networks that can be built of every row."""

from __future__ import annotations

import pytest

from training.learn.family import trainable_family
from training.learn.loss import LossOptions
from training.run.configs import CONFIGS, ConfigName, configure


@pytest.mark.parametrize(
    ("resolution", "gpus", "expected"),
    # Batch, group, width, learning rate, gamma and average as NVIDIA's published trainer resolves
    # `auto`.
    [
        (64, 1, (32, 4, 16384, 0.0025, 0.0256, 10)),
        (256, 1, (16, 4, 16384, 0.0025, 0.8192, 5)),
        (256, 8, (64, 4, 16384, 0.0025, 0.2048, 20)),
        (512, 2, (16, 4, 32768, 0.0025, 3.2768, 5)),
        (1024, 1, (4, 4, 32768, 0.002, 52.4288, 1.25)),
        (1024, 8, (32, 4, 32768, 0.002, 6.5536, 10)),
    ],
)
def test_auto(resolution: int, gpus: int, expected: tuple[float, ...]) -> None:
    c = configure("auto", resolution, gpus)
    derived = (c.batch, c.stddev_group, c.channel_base, c.learning_rate, c.r1_gamma, c.average_kimg)
    assert derived == pytest.approx(expected)


def test_a_batch_of_ones_own() -> None:
    auto, paper = configure("auto", 256, batch=32), configure("paper256", 256, batch=32)
    assert (auto.batch, auto.r1_gamma, auto.average_kimg) == pytest.approx((32, 0.4096, 10))
    assert (paper.batch, paper.r1_gamma, paper.average_kimg) == (32, 1, 20)
    assert configure("auto", 64, gpus=3).batch == 63
    assert configure("auto", 64, batch=6).stddev_group == 3
    with pytest.raises(ValueError, match="among 3 GPUs"):
        configure("paper256", 256, gpus=3)
    with pytest.raises(ValueError, match="groups of 4"):
        configure("small", 64, batch=6)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_row_makes_networks(name: ConfigName) -> None:
    c = configure(name, 8)
    family = trainable_family(c.family)
    facts = {"c_dim": 0, "img_resolution": 8, "img_channels": 3}
    G = family.generator(**facts, **c.G_kwargs)
    D = family.discriminator(**facts, **c.D_kwargs)
    assert (G.family, D.family, G.resolution, D.resolution) == (c.family, c.family, 8, 8)
    assert G.z_dim == G.w_dim == c.latent_dim
    assert D.config.get("mbstd_group_size") == c.stddev_group
    assert LossOptions(**c.loss_kwargs).r1_gamma == c.r1_gamma
