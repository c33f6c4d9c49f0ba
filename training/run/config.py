"""What a configuration says: the hyperparameters of a run, whatever its family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from training.run.options import AdversarialLoss, Augmentation


@dataclass(frozen=True, kw_only=True)
class Growing:
    """How the networks of a configuration grow.

    stable_kimg: how long a resolution is trained alone, in thousands of pictures.
    fade_kimg: how long one takes to fade in.
    batches: real pictures in a step, of all GPUs together, by resolution; where a resolution is
        missing, the configuration's own batch.
    rates: the learning rates, by resolution; where one is missing, the configuration's own.
    """

    stable_kimg: float
    fade_kimg: float
    batches: Mapping[int, int] = field(default_factory=dict)
    rates: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The hyperparameters of a run.

    family: of the networks.
    latent_dim: numbers in z and in w.
    channel_base: channels of a layer times its resolution, up to `channel_max` channels.
    channel_max: the most channels that a layer has.
    stddev_group: pictures over which the minibatch standard deviation is taken; None: over all
        that a GPU takes at a time, or not at all where the family has none.
    loss: what the networks play against each other (`training.learn.adversarial`).
    r1_gamma: γ, the weight of R1.
    style_mixing: probability that a picture is made of two latents.
    learning_rate: Adam's, of both networks.
    betas: Adam's.
    batch: real pictures in a step, of all GPUs together.
    batch_gpu: the most of them that one GPU takes at a time; None: its whole share.
    average_kimg: half-life of the averaged generator, in thousands of pictures; 0: no average.
    average_rampup: the half-life is at most this share of the pictures seen; None for no limit.
    kimg: length of the training, in thousands of real pictures.
    aug: how p is chosen where it is not said.
    growing: how the networks grow; None where they do not.
    """

    family: ClassVar[str]

    latent_dim: int = 512
    channel_base: int
    channel_max: int = 512
    stddev_group: int | None
    loss: AdversarialLoss = "logistic"
    r1_gamma: float
    style_mixing: float = 0.9  # StyleGAN, Section 3.1
    learning_rate: float
    betas: tuple[float, float] = (0.0, 0.99)
    batch: int
    batch_gpu: int | None
    average_kimg: float
    average_rampup: float | None = None
    kimg: float
    aug: Augmentation = "noaug"
    growing: Growing | None = None

    @property
    def G_kwargs(self) -> dict[str, Any]:  # noqa: N802 - as `training_options.json` calls it
        """Keywords of the generator, the data's own facts left out."""
        return {
            "z_dim": self.latent_dim,
            "channel_base": self.channel_base,
            "channel_max": self.channel_max,
        }

    @property
    def D_kwargs(self) -> dict[str, Any]:  # noqa: N802
        """Keywords of the discriminator, the data's own facts left out."""
        return {"channel_base": self.channel_base, "channel_max": self.channel_max}

    @property
    def loss_kwargs(self) -> dict[str, Any]:
        """Keywords of LossOptions."""
        return {
            "adversarial": self.loss,
            "r1_gamma": self.r1_gamma,
            "lazy_r1": False,
            "pl_weight": 0.0,
            "style_mixing_prob": self.style_mixing,
        }


@dataclass(frozen=True, kw_only=True)
class StyleGAN2Config(Config):
    """The hyperparameters of a run of StyleGAN2 ("SG2"), adaptive augmentation included ("ADA").

    mapping_layers: depth of the mapping network.
    float16_resolutions: the highest so many resolutions compute in float16, where the device can.
    conv_clamp: bound of what a convolution puts out, so that float16 can hold it; None for none.
    discriminator: its connections, of SG2, Figure 7.
    path_length_weight: the weight of path length regularisation; 0 for none.
    """

    family: ClassVar[str] = "stylegan2"

    stddev_group: int
    mapping_layers: int = 8  # SG2
    channel_base: int = 32768  # SG2, config F: twice as wide as StyleGAN at high resolutions
    float16_resolutions: int = 4  # ADA, Appendix D
    conv_clamp: float | None = 256  # ADA, Appendix D
    discriminator: Literal["orig", "resnet"] = "resnet"  # SG2, Section 4.1
    path_length_weight: float = 2.0  # SG2, Appendix B
    kimg: float = 25000  # SG2, Appendix B
    aug: Augmentation = "ada"

    @property
    def G_kwargs(self) -> dict[str, Any]:  # noqa: N802
        return {
            "z_dim": self.latent_dim,
            "w_dim": self.latent_dim,
            "mapping_layers": self.mapping_layers,
            "channel_base": self.channel_base,
            "channel_max": self.channel_max,
            "num_fp16_res": self.float16_resolutions,
            "conv_clamp": self.conv_clamp,
        }

    @property
    def D_kwargs(self) -> dict[str, Any]:  # noqa: N802
        return {
            "architecture": self.discriminator,
            "mbstd_group_size": self.stddev_group,
            "channel_base": self.channel_base,
            "channel_max": self.channel_max,
            "num_fp16_res": self.float16_resolutions,
            "conv_clamp": self.conv_clamp,
        }

    @property
    def loss_kwargs(self) -> dict[str, Any]:
        return {
            "r1_gamma": self.r1_gamma,
            "pl_weight": self.path_length_weight,
            "style_mixing_prob": self.style_mixing,
        }


@dataclass(frozen=True, kw_only=True)
class StyleGAN1Config(Config):
    """The hyperparameters of a run of StyleGAN (2019).

    mapping_layers: depth of the mapping network.
    """

    family: ClassVar[str] = "stylegan1"

    mapping_layers: int = 8  # StyleGAN, Section 2

    @property
    def G_kwargs(self) -> dict[str, Any]:  # noqa: N802
        return {
            **super().G_kwargs,
            "w_dim": self.latent_dim,
            "mapping_layers": self.mapping_layers,
        }

    @property
    def D_kwargs(self) -> dict[str, Any]:  # noqa: N802
        return {**super().D_kwargs, "mbstd_group_size": self.stddev_group}


@dataclass(frozen=True, kw_only=True)
class PGGANConfig(Config):
    """The hyperparameters of a run of Progressive GAN."""

    family: ClassVar[str] = "pggan"

    style_mixing: float = 0.0

    @property
    def D_kwargs(self) -> dict[str, Any]:  # noqa: N802
        return {**super().D_kwargs, "mbstd_group_size": self.stddev_group}


@dataclass(frozen=True, kw_only=True)
class DCGANConfig(Config):
    """The hyperparameters of a run of DCGAN."""

    family: ClassVar[str] = "dcgan"

    style_mixing: float = 0.0
    stddev_group: None = None
