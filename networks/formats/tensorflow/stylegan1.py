"""StyleGAN (2019) in NVIDIA's TensorFlow code."""

from __future__ import annotations

from typing import Any, Final

from networks.families.pggan.layers import HE
from networks.formats.contents import FormatError, NetworkData
from networks.formats.tensorflow import progressive
from networks.formats.tensorflow.progressive import (
    FUSED_FROM,
    Reader,
    fused_scale_of,
    lod_of,
    structure_of,
)
from networks.formats.tensorflow.settings import (
    TRUNCATION,
    Settings,
    count,
    dimensions,
    resolutions,
)
from networks.formats.tensorflow.state import NetworkState

_BLUR: Final = [1.0, 2, 1]


def read_generator(state: NetworkState) -> NetworkData:
    """A generator: mapping and synthesis networks and the w_avg beside them."""
    mapping, synthesis = state.components["mapping"], state.components["synthesis"]
    settings = Settings(state)
    settings.only("dtype", "float32", "float16")
    for name in TRUNCATION:
        settings.number(name, None)
    structure = structure_of(settings)
    fused = fused_scale_of(settings, "auto")
    scaled = settings.flag("use_wscale", True)
    config: dict[str, Any] = {
        "mapping_lr_multiplier": settings.number("mapping_lrmul", 0.01),
        "normalize_latents": settings.flag("normalize_latents", True),
        "constant_input": settings.flag("const_input_layer", True),
        "activation": settings.activation("nonlinearity"),
        "mapping_activation": settings.activation("mapping_nonlinearity"),
        "use_noise": settings.flag("use_noise", True),
        "use_styles": settings.flag("use_styles", True),
        "pixel_norm": settings.flag("use_pixel_norm", False),
        "instance_norm": settings.flag("use_instance_norm", True),
        "blur_filter": settings.taps("blur_filter", _BLUR),
        "w_avg_beta": settings.number("dlatent_avg_beta", 0.995) or 1.0,
    }
    settings.settle()
    refs = {"mapping.w_avg": state.variables.take("dlatent_avg")}
    config |= _mapping(Reader(mapping.variables, scaled), refs)
    config |= _synthesis(Reader(synthesis.variables, scaled), refs, config, structure, fused)
    state.variables.pass_over("lod")  # the synthesis network's own is the one that is drawn with
    for part in (state, mapping, synthesis):
        part.variables.settle("a StyleGAN generator")
    return NetworkData("generator", "stylegan1", config, refs, state.builder)


def _mapping(reader: Reader, refs: progressive.Refs) -> dict[str, Any]:
    c_dim = embedded = 0
    if "LabelConcat/weight" in reader.variables:
        refs["mapping.embed"] = reader.variables.take("LabelConcat/weight")
        c_dim, embedded = dimensions(refs["mapping.embed"], "LabelConcat/weight", 2)
    depth = count(reader.variables, "Dense{}/weight")
    shapes = [reader.dense(f"Dense{index}", f"mapping.fc{index}") for index in range(depth)]
    if not shapes:
        raise FormatError("the tensor Dense0/weight is missing")
    refs |= reader.refs
    return {
        "z_dim": shapes[0][0] - embedded,
        "c_dim": c_dim,
        "w_dim": shapes[-1][1],
        "mapping_layers": depth,
        "layer_features": shapes[0][1] if depth > 1 else None,
    }


def _synthesis(
    reader: Reader,
    refs: progressive.Refs,
    config: dict[str, Any],
    structure: Any,
    fused: bool | str,
) -> dict[str, Any]:
    variables = reader.variables
    sizes, channels = resolutions(variables, r"(\d+)x\1/Conv(?:1)?/weight$"), []
    for level, size in enumerate(sizes):
        theirs, ours = f"{size}x{size}", f"synthesis.b{size}"
        if size == 4:
            kinds = ["Const" if config["constant_input"] else "Dense", "Conv"]
            _first(reader, config["constant_input"])
        else:
            kinds = ["Conv0_up", "Conv1"]
            flip = fused is True or (fused == "auto" and size >= FUSED_FROM)
            reader.convolution(f"{theirs}/Conv0_up", f"{ours}.input", flip=flip)
        channels.append(reader.convolution(f"{theirs}/{kinds[1]}", f"{ours}.conv1")[3])
        for index, kind in enumerate(kinds):
            layer = f"{ours}.epilogue{index}"
            if config["use_styles"]:
                reader.dense(f"{theirs}/{kind}/StyleMod", f"{layer}.affine", gain=1)
            if config["use_noise"]:
                strength = variables.take(f"{theirs}/{kind}/Noise/weight")
                refs[f"{layer}.noise_strength"] = strength
                noise = variables.take(f"noise{2 * level + index}")
                refs[f"{layer}.noise_const"] = noise.changed((size, size))
    img_channels = reader.colours(len(sizes))
    if not config["use_noise"]:
        variables.pass_over(r"noise\d+")
    refs |= reader.refs
    return {
        "img_resolution": sizes[-1],
        "img_channels": img_channels,
        "channels": channels,
        "lod": lod_of(variables, structure, len(sizes)),
    }


def _first(reader: Reader, constant: bool) -> None:
    if not constant:
        # Its gain is a quarter of the others'.
        reader.dense("4x4/Dense", "synthesis.b4.input", gain=HE / 4)
        return
    const = reader.variables.take("4x4/Const/const")
    shape = dimensions(const, "4x4/Const/const", 4)
    reader.refs["synthesis.b4.input.const"] = const.changed(shape[1:])
    reader.refs["synthesis.b4.input.bias"] = reader.variables.take("4x4/Const/bias")


def read_discriminator(state: NetworkState) -> NetworkData:
    """A discriminator."""
    return progressive.read_discriminator(
        state, "stylegan1", {"blur_filter": _BLUR, "fused_scale": "auto"}
    )
