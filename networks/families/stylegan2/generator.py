"""The StyleGAN2 generator, as in "Analyzing and Improving the Image Quality of StyleGAN"
(Karras et al. 2020, "SG2") and "Training Generative Adversarial Networks with Limited Data"
(Karras et al. 2020, "ADA"). Tensor names are those of the ADA snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from common.precision import Precision
from networks.base import Generator, Stage
from networks.families.stylegan2.layers import Mapping
from networks.families.stylegan2.synthesis import Block
from ops import ACTIVATIONS, upsample2d

ARCHITECTURES = ("orig", "skip", "resnet")
"""How pictures leave the network (SG2, Figure 7)."""
MAX_CONSTANT = 64
"""The longest side of a learnt constant."""


class StyleGAN2Generator(Generator):
    """Mapping network and synthesis blocks of 4², 8² … img_resolution² pixels.

    constant_shape: height and width of the learnt constant where they are not 4x4, as in forks
        whose pictures are not square. All blocks double them; their names and channels stay those
        of a square network of img_resolution.

    A layer has min(channel_base // resolution, channel_max) channels.
    architecture: how pictures leave the network (SG2, Figure 7): `skip` sums a picture of every
        resolution, `resnet` and `orig` take the last one.
    num_fp16_res: so many top resolutions compute in float16 after `set_precision("float16")`.
    conv_clamp: features are clamped to ± this, so that float16 holds them (ADA, Appendix D).
    label_concat: labels are embedded as before StyleGAN2-ADA (`layers.Mapping`).
    mapping_activation: of the mapping network; None: `activation`, as everywhere else.
    image_filter: by which the picture is upsampled; None: `resample_filter`, as features are.
    channels: of the layers of 4², 8² …, in the place of channel_base and channel_max; None: of a
        network that was not pruned.
    output_resolution: to so many pixels a side the picture is brought by averaging; None: it is
        left as it is.
    Raises ValueError for what no StyleGAN2 network has (`check_config`).
    """

    family = "stylegan2"

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        img_resolution: int,
        img_channels: int = 3,
        mapping_layers: int = 8,
        mapping_lr_multiplier: float = 0.01,
        embed_features: int | None = None,
        layer_features: int | None = None,
        channel_base: int = 32768,
        channel_max: int = 512,
        num_fp16_res: int = 4,
        conv_clamp: float | None = 256,
        architecture: str = "skip",
        resample_filter: Sequence[float] = (1, 3, 3, 1),
        activation: str = "lrelu",
        use_noise: bool = True,
        w_avg_beta: float = 0.995,
        label_concat: bool = False,
        mapping_activation: str | None = None,
        image_filter: Sequence[float] | None = None,
        channels: Sequence[int] | None = None,
        output_resolution: int | None = None,
        constant_shape: Sequence[int] | None = None,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_config(img_resolution, architecture, activation, mapping_activation)
        if output_resolution is not None and not 1 <= output_resolution <= img_resolution:
            raise ValueError(f"output_resolution is 1 to {img_resolution}, not {output_resolution}")
        first = constant_size(constant_shape)
        if output_resolution is not None and first != (4, 4):
            raise ValueError("output_resolution is of pictures that are square")
        super().__init__()
        self.config = full_config(config)
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        rows, columns = (side * img_resolution // 4 for side in first)
        self._shape = (output_resolution or rows, output_resolution or columns)
        self.resolution, self.img_channels = max(self._shape), img_channels
        self.grows = architecture == "skip" and output_resolution in (None, img_resolution)
        self.mapping = Mapping(
            z_dim,
            c_dim,
            w_dim,
            layers=mapping_layers,
            embed_features=embed_features,
            layer_features=layer_features,
            act=mapping_activation or activation,
            lr=mapping_lr_multiplier,
            w_avg_beta=w_avg_beta,
            label_concat=label_concat,
        )
        self.synthesis = nn.ModuleDict()
        half_from = lowest_half_resolution(img_resolution, num_fp16_res)
        row, inputs, resolution = 0, 0, 4
        while resolution <= img_resolution:
            outputs = width(resolution, channel_base, channel_max, channels)
            block = Block(
                inputs,
                outputs,
                w_dim,
                resolution,
                (first[0] * resolution // 4, first[1] * resolution // 4),
                img_channels,
                first_row=row,
                architecture=architecture,
                last=resolution == img_resolution,
                half_by_default=resolution >= half_from,
                act=activation,
                resample_filter=resample_filter,
                image_filter=image_filter or resample_filter,
                output_resolution=output_resolution if resolution == img_resolution else None,
                clamp=conv_clamp,
                use_noise=use_noise,
            )
            self.synthesis[block.name] = block
            # The row of a block's colours is that of the next block's first convolution.
            row, inputs, resolution = row + block.num_convs, outputs, resolution * 2
        self.num_ws = row + 1

    @property
    def img_shape(self) -> tuple[int, int]:
        return self._shape

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.w_avg

    @property
    def stages(self) -> Sequence[Stage]:
        return cast("list[Stage]", self._blocks)

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.mapping(z, c))

    def update_w_avg(self, w: Tensor) -> None:
        """Move w_avg towards the mean of w [N, w_dim]; training calls it with every batch."""
        self.mapping.update_w_avg(w)

    @property
    def _blocks(self) -> list[Block]:
        return cast("list[Block]", list(self.synthesis.values()))

    def set_precision(self, precision: Precision) -> None:
        for block in self._blocks:
            half = precision == "float16" and block.half_by_default
            block.features = torch.float16 if half else None

    @contextmanager
    def drafting(self) -> Iterator[None]:
        before = [block.features for block in self._blocks]
        for block in self._blocks:
            block.features = torch.bfloat16
        try:
            yield
        finally:
            for block, features in zip(self._blocks, before, strict=True):
                block.features = features

    def preview(self, img: Tensor) -> Tensor:
        while img.shape[-1] < self._shape[1]:
            img = upsample2d(img, self._blocks[-1].resample_filter)
        return img


def lowest_half_resolution(img_resolution: int, num_fp16_res: int) -> int:
    """Return the lowest resolution that computes in float16: never below 8x8."""
    return max(img_resolution * 2 >> num_fp16_res, 8)


def width(
    resolution: int, channel_base: int, channel_max: int, channels: Sequence[int] | None
) -> int:
    """Return the number of channels of the layers of a resolution.

    channels: of 4², 8² …, where no rule gives them. Raises ValueError where there are too few.
    """
    if channels is None:
        return min(channel_base // resolution, channel_max)
    index = resolution.bit_length() - 3
    if index >= len(channels):
        raise ValueError(f"channels says nothing of the layers of {resolution}x{resolution}")
    return channels[index]


def full_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a constructor as files hold them: JSON, whatever they came as.

    What only few networks have is left out of others, so that earlier versions read them.
    """
    if tuple(config.get("constant_shape") or (4, 4)) == (4, 4):
        config = {key: value for key, value in config.items() if key != "constant_shape"}
    return {
        **config,
        "resample_filter": [float(tap) for tap in config["resample_filter"]],
        **{
            key: [kind(item) for item in config[key]]
            for key, kind in (("image_filter", float), ("channels", int), ("constant_shape", int))
            if config.get(key) is not None
        },
    }


def constant_size(shape: Sequence[int] | None) -> tuple[int, int]:
    """Return height and width of the learnt constant. Raises ValueError for what is none."""
    height, width = shape or (4, 4)
    if not 1 <= height <= MAX_CONSTANT or not 1 <= width <= MAX_CONSTANT:
        raise ValueError(f"constant_shape is of 1 to {MAX_CONSTANT} pixels, not {height}x{width}")
    return int(height), int(width)


def check_config(
    img_resolution: int, architecture: str, activation: str, mapping_activation: str | None
) -> None:
    """Check what the constructor is given. Raises ValueError for what no network has."""
    if img_resolution < 4 or img_resolution & (img_resolution - 1):
        raise ValueError(f"img_resolution is a power of two from 4 on, not {img_resolution}")
    if architecture not in ARCHITECTURES:
        raise ValueError(f"architecture is one of {', '.join(ARCHITECTURES)}, not {architecture}")
    for name in (activation, mapping_activation or activation):
        if name not in ACTIVATIONS:
            raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}, not {name}")
