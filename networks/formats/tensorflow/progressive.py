"""What StyleGAN (2019) and Progressive GAN have in common in NVIDIA's TensorFlow code."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any, Final

from networks.families.pggan.layers import HE
from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.tensorflow.settings import (
    Settings,
    dimensions,
    number_of,
    resolutions,
)
from networks.formats.tensorflow.state import NetworkState, kernel, matrix

FUSED_FROM: Final = 128
"""The resolution from which their kernels are those of a transposed convolution, by default."""

Refs = dict[str, TensorRef]


class Reader:
    """Takes layers out of the variables of one network, under our names.

    scaled: whether weights are stored with unit variance (equalised learning rates). Where they are
        not, they are stored as they act, and are brought to ours.
    """

    def __init__(self, variables: Account[TensorRef], scaled: bool) -> None:
        self.variables, self.scaled = variables, scaled
        self.refs: Refs = {}

    def convolution(
        self, theirs: str, ours: str, *, gain: float = HE, flip: bool = False, swap: bool = False
    ) -> tuple[int, ...]:
        """A convolution: [k, k, in, out] of its kernel.

        flip: it is that of a transposed convolution. swap: it lies as [k, k, out, in].
        """
        ref = self.variables.take(f"{theirs}/weight")
        size, _, inputs, outputs = dimensions(ref, f"{theirs}/weight", 4)
        if swap:
            inputs, outputs = outputs, inputs
            ref = _swapped(ref)
        by = 1 if self.scaled else sqrt(inputs * size**2) / gain
        self.refs[f"{ours}.weight"] = kernel(ref, flip=flip, by=by)
        self.refs[f"{ours}.bias"] = self.variables.take(f"{theirs}/bias")
        return size, size, inputs, outputs

    def dense(self, theirs: str, ours: str, *, gain: float = HE) -> tuple[int, ...]:
        """A dense layer: [in, out] of its weight."""
        ref = self.variables.take(f"{theirs}/weight")
        shape = dimensions(ref, f"{theirs}/weight", 2)
        by = 1 if self.scaled else sqrt(shape[0]) / gain
        self.refs[f"{ours}.weight"] = matrix(ref, by=by)
        self.refs[f"{ours}.bias"] = self.variables.take(f"{theirs}/bias")
        return shape

    def colours(self, levels: int) -> int:
        """The layers that make colours: how many colours there are."""
        img_channels = 0
        for level in range(levels):
            ours = f"synthesis.b{4 << level}.colours.torgb"
            theirs = f"ToRGB_lod{levels - 1 - level}"
            img_channels = self.convolution(theirs, ours, gain=1)[3]
        return img_channels


def _swapped(ref: TensorRef) -> TensorRef:
    a, b, outputs, inputs = ref.shape
    return TensorRef(
        (a, b, inputs, outputs), ref.dtype, lambda: ref.load().transpose(2, 3).contiguous()
    )


def lod_of(variables: Account[TensorRef], structure: Any, levels: int) -> float:
    """How far a network has grown. Where its structure is fixed, it draws at full resolution."""
    lod = number_of(variables, "lod", 0.0)
    if structure == "fixed":
        return 0.0
    if not lod == lod:
        raise FormatError("its lod is not a number")
    return min(max(lod, 0.0), levels - 1.0)


def structure_of(settings: Settings) -> Any:
    """In which way a network is put together: all but `fixed` draw the same."""
    settings_value = settings.value("structure", "auto", (str, type(None)))
    if settings_value not in ("auto", None, "linear", "recursive", "fixed"):
        raise FormatError(f"its setting structure is {settings_value!a:.60}, which is unknown")
    return settings_value


def fused_scale_of(settings: Settings, default: bool | str) -> bool | str:
    """Whether doubling and halving the resolution are part of convolutions; `auto`: of the larger
    ones, from `FUSED_FROM` on."""
    fused: bool | str = settings.value("fused_scale", default, (bool, str))
    if fused not in (True, False, "auto"):
        raise FormatError(f"its setting fused_scale is {fused!a:.60}, which is unknown")
    return fused


def read_discriminator(
    state: NetworkState, family: str, defaults: Mapping[str, Any]
) -> NetworkData:
    """The discriminator of either. defaults: blur_filter, and fused_scale."""
    variables, settings = state.variables, Settings(state)
    settings.only("dtype", "float32", "float16")
    structure = structure_of(settings)
    act = settings.activation("nonlinearity")
    fused_scale_of(settings, defaults["fused_scale"])  # kernels lie the same way in both cases
    group = settings.number("mbstd_group_size", 4)
    config: dict[str, Any] = {
        "activation": act,
        "mbstd_group_size": group or 1,
        "blur_filter": settings.taps("blur_filter", defaults["blur_filter"]),
    }
    reader = Reader(variables, settings.flag("use_wscale", True))
    settings.settle()
    sizes = resolutions(variables, r"(\d+)x\1/Conv(?:0)?/weight$")
    channels = []
    for level, size in enumerate(sizes):
        rgb = reader.convolution(f"FromRGB_lod{len(sizes) - 1 - level}", f"b{size}.fromrgb")
        channels.append(rgb[3])
        if size > 4:
            reader.convolution(f"{size}x{size}/Conv0", f"b{size}.conv0")
            # Progressive GAN calls it Conv1 where the averaging is a step of its own.
            down = f"{size}x{size}/Conv1_down"
            down = down if f"{down}/weight" in variables else f"{size}x{size}/Conv1"
            reader.convolution(down, f"b{size}.conv1")
    shape = reader.convolution("4x4/Conv", "b4.conv")
    hidden = reader.dense("4x4/Dense0", "b4.fc")[1]
    outputs = reader.dense("4x4/Dense1", "b4.out", gain=1)[1]
    config |= {
        "img_resolution": sizes[-1],
        "img_channels": rgb[2],
        "channels": channels,
        "hidden": hidden,
        "mbstd_num_channels": shape[2] - shape[3],
        "lod": lod_of(variables, structure, len(sizes)),
        "c_dim": outputs - 1 if family == "pggan" else outputs if outputs > 1 else 0,
    }
    variables.settle(f"a discriminator of {state.builder}")
    return NetworkData("discriminator", family, config, reader.refs, state.builder)
