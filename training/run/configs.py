"""Configurations to train with, by the names of their publications.

ADA: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", Appendix D,
and the training configurations published with it. SG2: Karras et al. 2020, "Analyzing and Improving
the Image Quality of StyleGAN", Appendix B. Those in this file are StyleGAN2 with mixed precision;
older families are in `lineage`. What `auto` and `small` leave open follows from the data and the
machine: each of the functions at the end of this file derives one number and says why.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal, get_args

from training.run import lineage
from training.run.config import Config, StyleGAN2Config

ConfigName = Literal[
    "auto",
    "stylegan2",
    "paper256",
    "paper512",
    "paper1024",
    "cifar",
    "small",
    "stylegan1",
    "pggan",
    "dcgan",
    "small-stylegan1",
    "small-pggan",
    "small-dcgan",
]
CONFIGS: Final[tuple[ConfigName, ...]] = get_args(ConfigName)


def configure(name: ConfigName, resolution: int, gpus: int = 1, batch: int | None = None) -> Config:
    """The configuration of that name for square pictures of `resolution` pixels a side.

    batch: instead of the configuration's own; what is derived follows it, what is published stays.
    Raises ValueError for a batch that the GPUs, or the groups of the minibatch standard deviation,
    do not divide.
    """
    config: Config
    if name == "auto":
        config = _auto(resolution, gpus, batch)
    elif name == "small":
        config = _small(resolution, batch)
    elif name == "small-stylegan1":
        config = lineage.small_stylegan1(fitting_gamma(resolution, _SMALL_BATCH))
        config = config if batch is None else replace(config, batch=batch)
    else:
        config = _PUBLISHED[name] if batch is None else replace(_PUBLISHED[name], batch=batch)
    if config.batch < 1 or config.batch % gpus:
        raise ValueError(f"a batch of {config.batch} does not divide among {gpus} GPUs")
    share = config.batch // gpus
    if config.stddev_group is not None and share % min(config.stddev_group, share):
        raise ValueError(
            f"a batch of {share} pictures on each GPU does not divide into groups of "
            f"{config.stddev_group}"
        )
    return config


_SMALL_BATCH: Final = 16
"""The smallest that still trains steadily: many short steps."""


def _auto(resolution: int, gpus: int, batch: int | None) -> StyleGAN2Config:
    """Whatever the data and the machine: everything that depends on them is derived."""
    if batch is None:
        batch = fitting_batch(resolution, gpus)
    return StyleGAN2Config(
        mapping_layers=2,  # ADA, Appendix D: shallow is enough, and faster
        channel_base=fitting_width(resolution),
        stddev_group=fitting_group(batch // gpus),
        r1_gamma=fitting_gamma(resolution, batch),
        learning_rate=fitting_rate(resolution),
        batch=batch,
        batch_gpu=None,
        average_kimg=fitting_average(batch),
        average_rampup=0.05,  # for short runs
    )


def _small(resolution: int, batch: int | None) -> StyleGAN2Config:
    """Ours: a model of a few megabytes, for CPUs."""
    if batch is None:
        batch = _SMALL_BATCH
    return StyleGAN2Config(
        latent_dim=128,
        mapping_layers=2,
        channel_base=2048,
        channel_max=128,
        float16_resolutions=0,  # float16 is slow on a CPU
        conv_clamp=None,
        stddev_group=4,
        r1_gamma=fitting_gamma(resolution, batch),
        learning_rate=0.0025,
        batch=batch,
        batch_gpu=16,
        average_kimg=fitting_average(batch),
        average_rampup=0.05,
        kimg=1000,
    )


_SG2: Final = StyleGAN2Config(
    stddev_group=4,
    r1_gamma=10,
    learning_rate=0.002,
    batch=32,
    batch_gpu=4,
    average_kimg=10,
)
"""SG2, config F at 1024², on 8 GPUs."""
_ADA_BELOW_1024: Final = replace(
    _SG2, stddev_group=8, learning_rate=0.0025, batch=64, batch_gpu=8, average_kimg=20
)
"""What ADA, Appendix D, changes for pictures smaller than 1024², on 8 GPUs."""
_PUBLISHED: Final[dict[ConfigName, Config]] = {
    "stylegan2": _SG2,
    # ADA, Appendix D: FFHQ and LSUN Cat at 256², on 8 GPUs.
    "paper256": replace(_ADA_BELOW_1024, channel_base=16384, r1_gamma=1),
    # ADA, Appendix D: BreCaHAD and AFHQ at 512², on 8 GPUs.
    "paper512": replace(_ADA_BELOW_1024, r1_gamma=0.5),
    # ADA, Appendix D: MetFaces at 1024², on 8 GPUs.
    "paper1024": replace(_SG2, r1_gamma=2),
    # ADA, Appendix D and Section 4.3 ("tuned"): CIFAR-10 at 32², on 2 GPUs.
    "cifar": StyleGAN2Config(
        mapping_layers=2,
        discriminator="orig",
        stddev_group=32,
        r1_gamma=0.01,
        path_length_weight=0,
        style_mixing=0,
        learning_rate=0.0025,
        batch=64,
        batch_gpu=32,
        average_kimg=500,
        average_rampup=0.05,
        kimg=100000,
    ),
    "stylegan1": lineage.STYLEGAN1,
    "pggan": lineage.PGGAN,
    "dcgan": lineage.DCGAN,
    "small-pggan": lineage.SMALL_PGGAN,
    "small-dcgan": lineage.SMALL_DCGAN,
}


def fitting_batch(resolution: int, gpus: int) -> int:
    """Real pictures in a step, of all GPUs together.

    Where the side of a picture doubles, its largest layers have half the channels and four times
    the pixels: what a picture needs of a GPU's memory grows with its side. A GPU takes 32 at most,
    beyond which it gains little; together they take the 64 that ADA trains with at most, since the
    same number of pictures in larger batches means fewer steps. All take equally many.
    """
    fit = min(4096 // resolution, 32)
    return gpus * max(min(fit, 64 // gpus), 1)


def fitting_group(share: int) -> int:
    """The size of the groups that the minibatch standard deviation is taken over.

    SG2 takes it over 4 pictures; where they do not divide the pictures of a GPU (`share`), the
    largest smaller group does that divides them.
    """
    return next(size for size in (4, 3, 2, 1) if share % size == 0)


def fitting_width(resolution: int) -> int:
    """Channels times resolution (`channel_base`).

    SG2 doubles the channels of the high resolutions for pictures of 1024² (config F). ADA keeps
    that from 512² on, and goes back to half of it below, where detail is less.
    """
    return 32768 if resolution >= 512 else 16384


def fitting_rate(resolution: int) -> float:
    """Adam's learning rate: 0.002 at 1024² as in SG2, and 0.0025 below as in ADA, Appendix D.

    Smaller networks stand longer steps.
    """
    return 0.002 if resolution >= 1024 else 0.0025


def fitting_gamma(resolution: int, batch: int) -> float:
    """γ, the weight of R1, in the neighbourhood of the values that ADA found best (Appendix D).

    The penalty is a gradient with respect to pixels: D has to be held back more where there are
    more of them to tell pictures apart by, and where a step is an average over fewer pictures.
    """
    return 0.0002 * resolution**2 / batch


def fitting_average(batch: int) -> float:
    """Half-life of the averaged generator in thousands of pictures.

    SG2 has 10 at a batch of 32; the same number of steps then lies in it at any batch.
    """
    return 10 * batch / 32
