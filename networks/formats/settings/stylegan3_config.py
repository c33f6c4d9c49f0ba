"""Constructor keywords of StyleGAN3 generators, and whether all that a file says fits them.

What NVIDIA's files say of a network is said twice: once as its settings, and once more by every
layer. Both have to agree, and nothing may be left that is not known here: a setting without effect
on ours would draw another picture.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from networks.families.stylegan3.filters import lowpass
from networks.families.stylegan3.plan import SETTINGS, Bands, LayerPlan, Settings, bands, plan
from networks.formats.contents import DAMAGED, FormatError, TensorRef
from networks.formats.modules import Module
from networks.formats.settings.expected import check, dense
from networks.formats.settings.stylegan3_modules import filtered_layer, fourier_input

Refs = Mapping[str, TensorRef]

_POSITIONAL: Final = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")
_WHOLE: Final = ("output_scale", "conv_clamp", "magnitude_ema_beta")
_MAPPING: Final = {
    "num_layers": "mapping_layers",
    "lr_multiplier": "mapping_lr_multiplier",
    "w_avg_beta": "w_avg_beta",
}
_DEFAULTS: Final = {
    "img_channels": 3,
    "mapping_layers": 2,
    "mapping_lr_multiplier": 0.01,
    "w_avg_beta": 0.998,
    "output_scale": 0.25,
    "conv_clamp": 256,
    "magnitude_ema_beta": 0.999,
}
_OF_LAYERS: Final = tuple(key for key in SETTINGS if key not in _POSITIONAL)


def full_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a generator with those that were left to their defaults."""
    return {**_DEFAULTS, **{key: getattr(Settings, key) for key in _OF_LAYERS}, **config}


def stylegan3_keywords(config: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of NVIDIA's class for those of ours, of which all are there."""
    inner = {theirs: config[ours] for theirs, ours in _MAPPING.items()}
    same = {key: value for key, value in config.items() if key not in _MAPPING.values()}
    return {**same, "mapping_kwargs": inner}


def check_written(config: Any) -> dict[str, Any]:
    """The keywords in a file of ours. Raises FormatError where one is missing or unknown."""
    known = {*_POSITIONAL, *_DEFAULTS, *_OF_LAYERS}
    if not isinstance(config, dict) or config.keys() != known:
        raise FormatError("the settings that build it are not all there", DAMAGED)
    return config


def is_stylegan3(tensors: Collection[str]) -> bool:
    """Whether the tensors of a network, by name, are those of a StyleGAN3 generator."""
    return "synthesis.input.freqs" in tensors


def generator_config(module: Module, tensors: Refs) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Keywords of a generator, and notes for people.

    Raises FormatError for settings that are unknown or contradict each other.
    """
    if not any(m.attributes for _, m in module.walk()):
        return config_from_tensors(tensors)
    config = _told(module)
    try:
        settings = Settings(**{key: config[key] for key in SETTINGS if key in config})
        layers = plan(settings)
    except (ValueError, TypeError, OverflowError) as error:
        raise FormatError(f"its settings are those of no StyleGAN3 network ({error})") from error
    expected = dict(_expected(config, bands(settings)[0], layers))
    for path, part in module.walk():
        check(path, part, expected.get(path))
    return config, ()


def _told(module: Module) -> dict[str, Any]:
    """The settings that the network was made with. Raises FormatError for unknown ones."""
    given = module.attributes.get("_init_kwargs")
    args = module.attributes.get("_init_args") or []
    if not isinstance(given, dict) or not isinstance(args, list) or len(args) > len(_POSITIONAL):
        raise FormatError("it does not say with what settings its network was made")
    told: dict[str, Any] = dict(zip(_POSITIONAL, args, strict=False)) | given
    inner = told.pop("mapping_kwargs", None) or {}
    if not isinstance(inner, dict):
        raise FormatError("its setting mapping_kwargs is no table")
    config = dict(_DEFAULTS)
    for known, where, values in (
        ({key: key for key in (*_POSITIONAL, *SETTINGS, *_WHOLE)}, "", told),
        (_MAPPING, "mapping_kwargs.", inner),
    ):
        for key, value in values.items():
            if key not in known:
                raise FormatError(f"its setting {ascii(where + key)[1:-1][:80]} is unknown")
            config[known[key]] = value
    for key in ("z_dim", "c_dim", "w_dim", "img_resolution", "mapping_layers"):
        # Two StyleGAN3 networks differ in these; there is nothing that stands for them.
        if type(config.get(key)) is not int or not 0 <= config[key] <= 1 << 16:
            raise FormatError(f"its setting {key} is missing or out of range")
    return config


def _expected(
    config: Mapping[str, Any], signal: Bands, layers: list[LayerPlan]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What every module says of itself, by its path."""
    z, c, w = (config[key] for key in ("z_dim", "c_dim", "w_dim"))
    sizes = {"img_resolution": config["img_resolution"], "img_channels": config["img_channels"]}
    rows = len(layers) + 1
    yield "", {"z_dim": z, "c_dim": c, "w_dim": w, "num_ws": rows, **sizes}
    depth, rate = config["mapping_layers"], config["mapping_lr_multiplier"]
    yield (
        "mapping",
        {
            "z_dim": z,
            "c_dim": c,
            "w_dim": w,
            "num_ws": rows,
            "num_layers": depth,
            "w_avg_beta": config["w_avg_beta"],
            "embed": None,
        },
    )
    if c:
        yield "mapping.embed", dense(c, w)
    for i in range(depth):
        inputs = (z + w if c else z) if i == 0 else w
        yield f"mapping.fc{i}", dense(inputs, w, "lrelu", rate)
    yield (
        "synthesis",
        {
            "w_dim": w,
            "num_ws": rows,
            "num_layers": len(layers) - 1,
            "num_critical": sum(layer.critical for layer in layers) - 1,
            "margin_size": config.get("margin_size", Settings.margin_size),
            "output_scale": config["output_scale"],
            "num_fp16_res": config.get("num_fp16_res", Settings.num_fp16_res),
            "layer_names": [layer.name for layer in layers],
            **sizes,
        },
    )
    yield "synthesis.input", fourier_input(signal, w)
    yield "synthesis.input.affine", dense(w, 4)
    for layer in layers:
        yield f"synthesis.{layer.name}", filtered_layer(layer, config)
        yield f"synthesis.{layer.name}.affine", dense(w, layer.before.channels)


def config_from_tensors(tensors: Refs) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Keywords of a generator whose file holds tensors alone, and notes for people.

    Names and shapes say most; the filters say the bands, where these are the published ones.
    Raises FormatError where they are not.
    """
    names: dict[int, re.Match[str]] = {
        int(match[1]): match
        for name in tensors
        if (match := re.fullmatch(r"synthesis\.L(\d{1,3})_(\d{1,5})_(\d{1,5})\.weight", name))
    }
    count = len(names)
    if count < 2 or sorted(names) != list(range(count)):
        raise FormatError("its layers are not L0, L1, L2 …")
    last = names[count - 1]
    widths = [int(names[i][3]) for i in range(count - 1)]
    depth = next(i for i in range(65) if f"mapping.fc{i}.weight" not in tensors)
    first = _shape(tensors, "mapping.fc0.weight", 2)
    embed = _shape(tensors, "mapping.embed.weight", 2) if _conditional(tensors) else (0, 0)
    config: dict[str, Any] = {
        **_DEFAULTS,
        "z_dim": first[1] - embed[0],
        "c_dim": embed[1],
        "w_dim": _shape(tensors, "synthesis.input.affine.weight", 2)[1],
        "img_resolution": int(last[2]),
        "img_channels": int(last[3]),
        "mapping_layers": depth,
        "num_layers": count - 1,
        "channel_max": max(widths),
        "conv_kernel": _shape(tensors, names[0][0], 4)[3],
        "use_radial_filters": len(_shape(tensors, _beside(names[0], "down_filter"), None)) == 2,
    }
    found = {match[0].split(".")[1] for match in names.values()}
    told: dict[str, Any] = {key: config[key] for key in SETTINGS if key in config}
    for base in [32768, 16384, 65536, *(width * int(last[2]) for width in sorted(set(widths)))]:
        try:
            layers = plan(Settings(**told | {"channel_base": base}))
        except (ValueError, TypeError) as error:
            raise FormatError(f"its tensors are those of no StyleGAN3 network ({error})") from error
        if found == {layer.name for layer in layers}:
            _check_filters(tensors, layers)
            note = "settings were worked out from its tensors, with clamp 256 and output scale 0.25"
            return config | {"channel_base": base}, (note,)
    raise FormatError("its settings are not in the file, and its layers are not the published ones")


def _conditional(tensors: Refs) -> bool:
    return "mapping.embed.weight" in tensors


def _beside(weight: re.Match[str], name: str) -> str:
    return weight[0].removesuffix("weight") + name


def _shape(tensors: Refs, name: str, dimensions: int | None) -> tuple[int, ...]:
    if name not in tensors:
        raise FormatError(f"the tensor {name} is missing")
    shape = tensors[name].shape
    if dimensions is not None and len(shape) != dimensions:
        raise FormatError(f"the tensor {name} has the shape {list(shape)}")
    return shape


def _check_filters(tensors: Refs, layers: list[LayerPlan]) -> None:
    for layer in layers:
        for end, taps, signal, radial in (
            ("up_filter", layer.up_taps, layer.before, False),
            ("down_filter", layer.down_taps, layer.after, layer.radial),
        ):
            name = f"synthesis.{layer.name}.{end}"
            if taps == 1 and name not in tensors:
                continue
            own = lowpass(taps, signal.cutoff, signal.half_width, layer.between, radial)
            if _shape(tensors, name, None) != tuple(own.shape):
                raise FormatError(f"the filter {name} is of another length than the published one")
            if not (tensors[name].load().float() - own).abs().max() < 1e-3 * own.abs().max():
                raise FormatError(f"the filter {name} is not the published one")
