"""Configurations to train with, by the names of their publications.

ADA: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", Appendix D,
and the training configurations published with it. SG2: Karras et al. 2020,
"Analyzing and Improving the Image Quality of StyleGAN", Appendix B. All are StyleGAN2 with mixed
precision; None means: from the resolution, the batch and the number of GPUs (`configure`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Config:
    """One column of hyperparameters.

    mb: batch over all GPUs. mbstd: group of the minibatch standard deviation. fmaps: width, as a
    share of channel_base 32768. lr: Adam's, of both networks. gamma: of R1. ema: half-life of the
    averaged generator in kimg; ramp: at most this share of the pictures seen. map: depth of the
    mapping network. dim: of z and w.
    """

    ref_gpus: int | None
    kimg: float
    mb: int | None
    mbstd: int | None
    fmaps: float | None
    lr: float | None
    gamma: float | None
    ema: float | None
    ramp: float | None
    map: int
    channel_max: int = 512  # SG2
    dim: int = 512  # SG2
    num_fp16_res: int = 4  # ADA, Appendix D
    conv_clamp: float | None = 256  # ADA, Appendix D
    pl_weight: float = 2.0  # SG2, Appendix B
    style_mixing_prob: float = 0.9  # StyleGAN, Section 3.1
    d_architecture: str = "resnet"  # SG2, Section 4.1

    @property
    def channel_base(self) -> int:
        assert self.fmaps is not None
        return int(self.fmaps * 32768)

    @property
    def generator(self) -> dict[str, Any]:
        """Keywords of StyleGAN2Generator, the data's own facts left out."""
        return {
            "z_dim": self.dim,
            "w_dim": self.dim,
            "mapping_layers": self.map,
            "channel_base": self.channel_base,
            "channel_max": self.channel_max,
            "num_fp16_res": self.num_fp16_res,
            "conv_clamp": self.conv_clamp,
        }

    @property
    def discriminator(self) -> dict[str, Any]:
        """Keywords of StyleGAN2Discriminator, the data's own facts left out."""
        return {
            "architecture": self.d_architecture,
            "mbstd_group_size": self.mbstd,
            "channel_base": self.channel_base,
            "channel_max": self.channel_max,
            "num_fp16_res": self.num_fp16_res,
            "conv_clamp": self.conv_clamp,
        }

    @property
    def loss(self) -> dict[str, Any]:
        """Keywords of LossOptions."""
        assert self.gamma is not None
        return {
            "r1_gamma": self.gamma,
            "pl_weight": self.pl_weight,
            "style_mixing_prob": self.style_mixing_prob,
        }


CONFIGS: dict[str, Config] = {
    # Whatever the data and the machine: everything that depends on them is derived.
    "auto": Config(
        ref_gpus=None,
        kimg=25000,
        mb=None,
        mbstd=None,
        fmaps=None,
        lr=None,
        gamma=None,
        ema=None,
        ramp=0.05,  # for short runs
        map=2,  # ADA, Appendix D: shallow is enough, and faster
    ),
    # SG2, config F at 1024².
    "stylegan2": Config(
        ref_gpus=8,  # SG2, Appendix B
        kimg=25000,  # SG2, Appendix B
        mb=32,
        mbstd=4,
        fmaps=1,  # SG2: twice the width of StyleGAN at high resolutions (config F)
        lr=0.002,
        gamma=10,
        ema=10,  # SG2: 10k images
        ramp=None,
        map=8,
    ),
    # ADA, Appendix D: FFHQ and LSUN Cat at 256².
    "paper256": Config(
        ref_gpus=8,
        kimg=25000,
        mb=64,
        mbstd=8,
        fmaps=0.5,
        lr=0.0025,
        gamma=1,
        ema=20,
        ramp=None,
        map=8,
    ),
    # ADA, Appendix D: BreCaHAD and AFHQ at 512².
    "paper512": Config(
        ref_gpus=8,
        kimg=25000,
        mb=64,
        mbstd=8,
        fmaps=1,
        lr=0.0025,
        gamma=0.5,
        ema=20,
        ramp=None,
        map=8,
    ),
    # ADA, Appendix D: MetFaces at 1024².
    "paper1024": Config(
        ref_gpus=8,
        kimg=25000,
        mb=32,
        mbstd=4,
        fmaps=1,
        lr=0.002,
        gamma=2,
        ema=10,
        ramp=None,
        map=8,
    ),
    # ADA, Appendix D and Section 4.3 ("tuned"): CIFAR-10 at 32².
    "cifar": Config(
        ref_gpus=2,
        kimg=100000,
        mb=64,
        mbstd=32,
        fmaps=1,
        lr=0.0025,
        gamma=0.01,
        ema=500,
        ramp=0.05,
        map=2,
        pl_weight=0,
        style_mixing_prob=0,
        d_architecture="orig",
    ),
    # Ours: a model of a few megabytes, for CPUs.
    "small": Config(
        ref_gpus=1,
        kimg=1000,
        mb=16,  # the smallest that still trains steadily: many short steps
        mbstd=4,
        fmaps=0.0625,
        lr=0.0025,
        gamma=None,
        ema=None,
        ramp=0.05,
        map=2,
        channel_max=128,
        dim=128,
        num_fp16_res=0,  # float16 is slow on a CPU
        conv_clamp=None,
    ),
}


def configure(name: str, resolution: int, gpus: int = 1, batch: int | None = None) -> Config:
    """The configuration of that name with nothing left open.

    Derived as published with ADA for `auto`: up to 32 pictures a GPU and 64 in all, fewer from
    256² on; γ proportional to pixels and to 1 / batch; averaging longer for larger batches.
    batch: instead of the configuration's own; what is derived follows it, what is published stays.
    Raises KeyError for an unknown name, ValueError for a batch that the GPUs, or the groups of the
    minibatch standard deviation, do not divide.
    """
    c = CONFIGS[name]
    if batch is not None:
        mb = batch
    elif c.mb is not None:
        mb = c.mb
    else:
        mb = max(min(gpus * min(4096 // resolution, 32), 64) // gpus, 1) * gpus
    if mb < 1 or mb % gpus:
        raise ValueError(f"a batch of {mb} does not divide among {gpus} GPUs")
    share = mb // gpus
    groups = (size for size in (4, 3, 2, 1) if share % size == 0)
    mbstd = c.mbstd if c.mbstd is not None else next(groups)
    if share % min(mbstd, share):
        raise ValueError(
            f"a batch of {share} pictures on each GPU does not divide into groups of {mbstd}"
        )
    large = resolution >= 1024
    return replace(
        c,
        ref_gpus=gpus if c.ref_gpus is None else c.ref_gpus,
        mb=mb,
        mbstd=mbstd,
        fmaps=(1 if resolution >= 512 else 0.5) if c.fmaps is None else c.fmaps,
        lr=(0.002 if large else 0.0025) if c.lr is None else c.lr,
        gamma=0.0002 * resolution**2 / mb if c.gamma is None else c.gamma,
        ema=mb * 10 / 32 if c.ema is None else c.ema,
    )
