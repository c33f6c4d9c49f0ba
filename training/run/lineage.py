"""Configurations of the systems that StyleGAN2 descends from, as published, and small ones.

DC: Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks". PG: Karras et al. 2018, "Progressive Growing of GANs for Improved Quality,
Stability, and Variation", Appendix A.1. SG: Karras et al. 2019, "A Style-Based Generator
Architecture for Generative Adversarial Networks", Appendix C, and the training configurations
published with the latter two, where the papers leave something open.
"""

from __future__ import annotations

from typing import Any, Final

from training.run.config import Config, DCGANConfig, Growing, PGGANConfig, StyleGAN1Config

_EMA_STEPS: Final = 692.8  # after which 0.999 to the power of them is a half

STYLEGAN1: Final = StyleGAN1Config(
    channel_base=16384,
    stddev_group=4,
    r1_gamma=10,  # SG, Appendix C: FFHQ
    learning_rate=0.001,
    batch=32,  # on 8 GPUs
    batch_gpu=4,
    average_kimg=10,
    kimg=25000,
    growing=Growing(
        stable_kimg=600,
        fade_kimg=600,
        batches={4: 512, 8: 256, 16: 128, 32: 64},
        rates={128: 0.0015, 256: 0.002, 512: 0.003, 1024: 0.003},
    ),
)
PGGAN: Final = PGGANConfig(
    channel_base=8192,  # PG, Table 2
    stddev_group=None,  # PG, Section 3: over the minibatch
    loss="wgan-gp",
    r1_gamma=0,
    learning_rate=0.001,
    batch=16,
    batch_gpu=16,
    average_kimg=_EMA_STEPS * 16 / 1000,  # a decay of 0.999 a step
    kimg=19000,
    growing=Growing(stable_kimg=800, fade_kimg=800, batches={256: 14, 512: 6, 1024: 3}),
)
DCGAN: Final = DCGANConfig(
    latent_dim=100,
    channel_base=4096,  # DC, Figure 1
    channel_max=1024,
    r1_gamma=0,
    learning_rate=0.0002,
    betas=(0.5, 0.999),  # the second is Adam's own
    batch=128,
    batch_gpu=None,
    average_kimg=0,
    kimg=3000,  # DC, Section 4.1: one pass through three million bedrooms
)

# What `small` is to StyleGAN2: a few megabytes, for CPUs, and short. Widths, latent and batch are
# those of `small`; phases take the same share of the training as published.
_SMALL: Final[dict[str, Any]] = {
    "latent_dim": 128,
    "channel_base": 2048,
    "channel_max": 128,
    "batch": 16,
    "batch_gpu": 16,
    "kimg": 1000,
}
_SMALL_AVERAGE: Final[dict[str, Any]] = {"average_kimg": 5.0, "average_rampup": 0.05}


def small_stylegan1(r1_gamma: float) -> StyleGAN1Config:
    """Ours. r1_gamma: γ that suits the resolution and the batch."""
    return StyleGAN1Config(
        mapping_layers=2,
        stddev_group=4,
        r1_gamma=r1_gamma,
        learning_rate=0.002,
        growing=Growing(stable_kimg=24, fade_kimg=24),
        **_SMALL,
        **_SMALL_AVERAGE,
    )


SMALL_PGGAN: Final = PGGANConfig(
    stddev_group=4,
    loss="wgan-gp",
    r1_gamma=0,
    learning_rate=0.002,
    growing=Growing(stable_kimg=40, fade_kimg=40),
    **_SMALL,
    **_SMALL_AVERAGE,
)
SMALL_DCGAN: Final = DCGANConfig(
    r1_gamma=0, learning_rate=0.0002, betas=(0.5, 0.999), average_kimg=0, **_SMALL
)


def with_loss(config: Config, loss: str) -> dict[str, Any]:
    """The changes of a configuration that another adversarial loss brings with it.

    WGAN-GP has its own penalty in the place of R1, whose published weight comes where another loss
    takes its place. Between the others the weight stays: DCGAN has no R1 with either.
    """
    if loss == config.loss:
        return {}
    gamma = STYLEGAN1.r1_gamma if config.loss == "wgan-gp" else config.r1_gamma
    return {"loss": loss, "r1_gamma": 0.0 if loss == "wgan-gp" else gamma}
