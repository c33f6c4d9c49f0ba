"""StyleGAN2 and StyleGAN2-ADA in NVIDIA's TensorFlow code, as our StyleGAN2 family.

The layers are those of the paper under other names. Kernels lie as [k, k, in, out]; those before
which the resolution is doubled are turned round, because TensorFlow has them as transposed ones.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, Final

import torch

from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.settings.stylegan2_config import channel_plan
from networks.formats.tensorflow.settings import (
    TRUNCATION,
    Settings,
    count,
    dimensions,
    resolutions,
)
from networks.formats.tensorflow.state import (
    NetworkState,
    kernel,
    matrix,
)
from ops import setup_filter

SYNTHESES: Final = ("G_synthesis_stylegan2", "G_synthesis")
DISCRIMINATORS: Final = ("D_stylegan2", "D_main")
_FILTER: Final = [1.0, 3, 3, 1]
# Ours has this rate in all mappings of labels; a file's own is worked into the weights.
_LABEL_RATE: Final = 0.01

Refs = dict[str, TensorRef]


def read_generator(state: NetworkState) -> NetworkData:
    """A generator: mapping and synthesis networks and the w_avg beside them."""
    mapping, synthesis = state.components["mapping"], state.components["synthesis"]
    settings = Settings(state)
    settings.only("normalize_latents", True, 1)
    settings.only("dtype", "float32", "float16")
    for name in TRUNCATION:
        settings.number(name, None)
    act = settings.activation("nonlinearity")
    mapping_act = settings.activation("mapping_nonlinearity")
    sizes = resolutions(synthesis.variables, r"(\d+)x\1/Conv(?:1)?/weight$")
    taps = settings.taps("resample_kernel", _FILTER) or [1.0]
    architecture = settings.value("architecture", "skip", (str,))
    config: dict[str, Any] = {
        "mapping_lr_multiplier": settings.number("mapping_lrmul", 0.01),
        "num_fp16_res": settings.number("num_fp16_res", 0),
        "conv_clamp": settings.number("conv_clamp", None),
        "architecture": architecture,
        "resample_filter": taps,
        "activation": act,
        "mapping_activation": None if mapping_act == act else mapping_act,
        "use_noise": settings.flag("use_noise", True),
        "w_avg_beta": settings.number("dlatent_avg_beta", 0.995) or 1.0,
        "img_resolution": sizes[-1],
    }
    settings.settle()
    refs: Refs = {}
    config |= _mapping(mapping.variables, refs)
    config |= _synthesis(synthesis.variables, refs, sizes, config)
    refs["mapping.w_avg"] = state.variables.take("dlatent_avg")
    state.variables.pass_over("lod")
    for part in (state, mapping, synthesis):
        part.variables.settle("a StyleGAN2 generator")
    return NetworkData("generator", "stylegan2", config, refs, state.builder)


def _mapping(variables: Account[TensorRef], refs: Refs) -> dict[str, Any]:
    embedded, label_concat = 0, "LabelConcat/weight" in variables
    c_dim = 0
    if label_concat:
        weight = variables.take("LabelConcat/weight")
        c_dim, embedded = dimensions(weight, "LabelConcat/weight", 2)
        refs["mapping.embed"] = weight
    elif "LabelEmbed/weight" in variables:
        weight = variables.take("LabelEmbed/weight")
        c_dim, embedded = dimensions(weight, "LabelEmbed/weight", 2)
        refs["mapping.embed.weight"] = matrix(weight)
        refs["mapping.embed.bias"] = variables.take("LabelEmbed/bias")
    depth = count(variables, "Dense{}/weight")
    shapes = []
    for index in range(depth):
        weight = variables.take(f"Dense{index}/weight")
        shapes.append(dimensions(weight, f"Dense{index}/weight", 2))
        refs[f"mapping.fc{index}.weight"] = matrix(weight)
        refs[f"mapping.fc{index}.bias"] = variables.take(f"Dense{index}/bias")
    if not shapes:
        raise FormatError("the tensor Dense0/weight is missing")
    return {
        "z_dim": shapes[0][0] - embedded,
        "c_dim": c_dim,
        "w_dim": shapes[-1][1],
        "mapping_layers": depth,
        "embed_features": embedded or None,
        "layer_features": shapes[0][1] if depth > 1 else None,
        **({"label_concat": True} if label_concat else {}),
    }


def _synthesis(
    variables: Account[TensorRef], refs: Refs, sizes: list[int], config: dict[str, Any]
) -> dict[str, Any]:
    low_pass = TensorRef.computed(setup_filter(config["resample_filter"]))
    channels, img_channels = {}, 0
    for size in sizes:
        theirs, ours = f"{size}x{size}", f"synthesis.b{size}"
        if size == 4:
            const = variables.take(f"{theirs}/Const/const")
            refs[f"{ours}.const"] = const.changed(dimensions(const, "Const/const", 4)[1:])
            layers = {"Conv": "conv1"}
        else:
            layers = {"Conv0_up": "conv0", "Conv1": "conv1"}
        refs[f"{ours}.resample_filter"] = low_pass
        for number, (name, layer) in enumerate(layers.items()):
            weight = _styled(
                variables, refs, f"{theirs}/{name}", f"{ours}.{layer}", size > 4 > number * 4
            )
            refs[f"{ours}.{layer}.resample_filter"] = low_pass
            channels[size] = dimensions(weight, f"{theirs}/{name}/weight", 4)[3]
            index = 0 if size == 4 else 2 * (size.bit_length() - 4) + 1 + number
            if config["use_noise"]:
                noise = variables.take(f"noise{index}")
                refs[f"{ours}.{layer}.noise_const"] = noise.changed((size, size))
                strength = variables.take(f"{theirs}/{name}/noise_strength")
                refs[f"{ours}.{layer}.noise_strength"] = strength.changed(())
        if f"{theirs}/ToRGB/weight" in variables:
            weight = _styled(variables, refs, f"{theirs}/ToRGB", f"{ours}.torgb", False)
            img_channels = dimensions(weight, f"{theirs}/ToRGB/weight", 4)[3]
        if f"{theirs}/Skip/weight" in variables:
            skip = variables.take(f"{theirs}/Skip/weight")
            refs[f"{ours}.skip.weight"] = kernel(skip, flip=True)
            refs[f"{ours}.skip.resample_filter"] = low_pass
    if not config["use_noise"]:
        variables.pass_over(r"noise\d+")
    return {"img_channels": img_channels, **channel_plan(channels)}


def _styled(
    variables: Account[TensorRef], refs: Refs, theirs: str, ours: str, doubled: bool
) -> TensorRef:
    """A modulated convolution: its kernel, as the file has it."""
    weight = variables.take(f"{theirs}/weight")
    refs[f"{ours}.weight"] = kernel(weight, flip=doubled)
    refs[f"{ours}.affine.weight"] = matrix(variables.take(f"{theirs}/mod_weight"))
    bias = variables.take(f"{theirs}/mod_bias")
    # Their styles are what is added to 1.
    refs[f"{ours}.affine.bias"] = bias.changed(bias.shape, lambda value: value + 1)
    refs[f"{ours}.bias"] = variables.take(f"{theirs}/bias")
    return weight


def read_discriminator(state: NetworkState) -> NetworkData:
    """A discriminator, with the mapping of its labels."""
    variables, settings = state.variables, Settings(state)
    settings.only("dtype", "float32", "float16")
    settings.only("score_size", 1)
    settings.only("score_max", 1)
    settings.only("use_pagan", False, 0)
    settings.only("use_spectral_norm", False, 0)
    settings.only("augment_strength", 0)
    settings.only("adaptive_dropout", 0)
    for unused in ("pagan_num", "pagan_fade"):
        settings.number(unused, None)
    sizes = resolutions(variables, r"(\d+)x\1/Conv(?:0)?/weight$")
    act, taps = settings.activation("nonlinearity"), settings.taps("resample_kernel", _FILTER)
    group = settings.number("mbstd_group_size", 4 if state.builder == "D_stylegan2" else None)
    rate = settings.number("mapping_lrmul", 0.1)
    config: dict[str, Any] = {
        "img_resolution": sizes[-1],
        "architecture": settings.value("architecture", "resnet", (str,)),
        "num_fp16_res": settings.number("num_fp16_res", 0),
        "conv_clamp": settings.number("conv_clamp", None),
        "mbstd_group_size": group,
        "activation": act,
        "resample_filter": taps or [1.0],
    }
    settings.settle()
    refs: Refs = {}
    config |= _layers(variables, refs, sizes, config)
    config |= _labels(variables, refs, rate)
    variables.settle("a StyleGAN2 discriminator")
    return NetworkData("discriminator", "stylegan2", config, refs, state.builder)


def _layers(
    variables: Account[TensorRef], refs: Refs, sizes: list[int], config: dict[str, Any]
) -> dict[str, Any]:
    low_pass = TensorRef.computed(setup_filter(config["resample_filter"]))

    def convolution(theirs: str, ours: str) -> tuple[int, ...]:
        weight = variables.take(f"{theirs}/weight")
        refs[f"{ours}.weight"] = kernel(weight)
        if f"{theirs}/bias" in variables:
            refs[f"{ours}.bias"] = variables.take(f"{theirs}/bias")
        # At 4x4 nothing is resampled, and ours keeps the published filter.
        at_4 = ours.startswith("b4.")
        refs[f"{ours}.resample_filter"] = (
            TensorRef.computed(setup_filter(_FILTER)) if at_4 else low_pass
        )
        return dimensions(weight, f"{theirs}/weight", 4)

    channels, img_channels = {}, 0
    for size in sizes:
        theirs, ours = f"{size}x{size}", f"b{size}"
        if f"{theirs}/FromRGB/weight" in variables:
            img_channels = convolution(f"{theirs}/FromRGB", f"{ours}.fromrgb")[2]
        if size > 4:
            refs[f"{ours}.resample_filter"] = low_pass
            channels[size] = convolution(f"{theirs}/Conv0", f"{ours}.conv0")[2]
            convolution(f"{theirs}/Conv1_down", f"{ours}.conv1")
            if f"{theirs}/Skip/weight" in variables:
                convolution(f"{theirs}/Skip", f"{ours}.skip")
    shape = convolution("4x4/Conv", "b4.conv")
    channels[4] = shape[3]
    for name, layer in (("4x4/Dense0", "fc"), ("Output", "out")):
        refs[f"b4.{layer}.weight"] = matrix(variables.take(f"{name}/weight"))
        refs[f"b4.{layer}.bias"] = variables.take(f"{name}/bias")
    return {
        "img_channels": img_channels,
        "mbstd_num_channels": shape[2] - shape[3],
        **channel_plan(channels),
    }


def _labels(variables: Account[TensorRef], refs: Refs, rate: float) -> dict[str, Any]:
    """StyleGAN2-ADA embeds labels; StyleGAN2 takes the logit of the label's own, which is the
    inner product with a label that is embedded as it is."""
    outputs = refs["b4.out.weight"].shape[0]
    if "LabelEmbed/weight" not in variables:
        if outputs > 1:
            # Made when the network is built, after the size that a file claims is looked at.
            refs["mapping.embed.weight"] = TensorRef(
                (outputs, outputs), torch.float32, lambda: torch.eye(outputs) * sqrt(outputs)
            )
            refs["mapping.embed.bias"] = TensorRef.computed(torch.zeros(outputs))
        c_dim = outputs if outputs > 1 else 0
        return {"c_dim": c_dim, "cmap_dim": c_dim or None, "mapping_layers": 0}
    weight = variables.take("LabelEmbed/weight")
    refs["mapping.embed.weight"] = matrix(weight)
    refs["mapping.embed.bias"] = variables.take("LabelEmbed/bias")
    depth, by = count(variables, "Mapping{}/weight"), rate / _LABEL_RATE
    for index in range(depth):
        dense, bias = (variables.take(f"Mapping{index}/{part}") for part in ("weight", "bias"))
        refs[f"mapping.fc{index}.weight"] = matrix(dense, by=by)
        refs[f"mapping.fc{index}.bias"] = bias.changed(bias.shape, lambda value: value * by)
    c_dim = dimensions(weight, "LabelEmbed/weight", 2)[0]
    return {"c_dim": c_dim, "cmap_dim": outputs, "mapping_layers": depth}
