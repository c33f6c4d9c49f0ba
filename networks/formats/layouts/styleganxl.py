"""StyleGAN-XL (stems, and super-resolution heads on them) as its own program pickles it.

Layers are modules of StyleGAN3, each of which says in which bands it works; in a stack of heads
nothing else does. The embedding of classes is in every file, also where a network has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from networks.families.stylegan3.plan import LayerPlan
from networks.families.styleganxl.stack import Stack
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, Layout
from networks.formats.modules import Module
from networks.formats.settings.expected import ANY, check, dense
from networks.formats.settings.stylegan3_modules import filtered_layer, fourier_input

_NETWORK: Final = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels", "num_ws")
_HOW_MADE: Final = (
    *("num_layers", "num_critical", "margin_size", "num_fp16_res", "conv_kernel"),
    *("channel_base", "channel_max", "use_radial_filters", "sampling_rates"),
    *("first_cutoff", "first_stopband", "last_stopband_rel"),
)
"""What the bands of layers were worked out from; a head changes some of it, not all."""
_HEAD: Final = ("path_stem", "up_factor", "head_layer_names")
_KEYWORDS: Final = frozenset(
    [
        *(*_NETWORK, *_HOW_MADE, *_HEAD, "head_layers", "output_scale", "mapping_kwargs"),
        *("rand_embedding", "lr_multiplier", "w_avg_beta", "synthesis_kwargs"),
        *("filter_size", "lrelu_upsampling", "conv_clamp", "magnitude_ema_beta"),
        *("is_torgb", "is_critically_sampled", "use_fp16", "channels", "size", "sampling_rate"),
        *("bandwidth", "activation", "bias", "weight_init", "bias_init"),
        *("in_features", "out_features"),
        *(
            f"{end}_{what}"
            for end in ("in", "out")
            for what in ("channels", "size", "sampling_rate", "cutoff", "half_width")
        ),
    ]
)
"""What constructors are told; it shows in the attributes of modules and in shapes."""


def recognises(names: Collection[str]) -> bool:
    """Fourier features, and classes that are looked up in a table: a layer would have a bias."""
    return (
        "synthesis.input.freqs" in names
        and "mapping.embed.weight" in names
        and "mapping.embed.bias" not in names
    )


def read(found: Found) -> NetworkData:
    """A generator with its keywords. Raises FormatError for a setting that cannot be honoured."""
    module = found.module
    if module is None:
        raise FormatError(
            "it is a table of StyleGAN-XL tensors, which do not say in which bands layers work",
            "Open the whole network, as its program saves it.",
        )
    names = module.child("synthesis")
    layers = names.attributes.get("layer_names") if names else None
    if not isinstance(layers, list) or not 0 < len(layers) < 64:
        raise FormatError("it does not say what layers it has")
    parts = [_part(module, f"synthesis.{name}") for name in layers]
    tensors = dict(found.tensors)
    table, features = _shape(tensors, "mapping.embed.weight")
    c_dim = _setting(_part(module, ""), "c_dim", int)
    config = {
        **_mapping(module),
        "c_dim": c_dim,
        "class_features": features if c_dim else 0,
        **_same(parts, "filter_size", "lrelu_upsampling"),
        "output_scale": _setting(_part(module, "synthesis"), "output_scale", float),
        **_stack(layers, parts),
    }
    try:
        stack = Stack(**{key: config[key] for key in Stack.__dataclass_fields__})
        plans = stack.plans
    except (ValueError, TypeError, OverflowError) as error:
        raise FormatError(f"its settings are those of no StyleGAN-XL network ({error})") from error
    if [plan.name for plan in plans] != layers:
        raise FormatError("the names of its layers are not those of what they do")
    expected = dict(_expected(config, stack, plans, table))
    for path, part in module.walk():
        check(path, part, expected.get(path))
        _check_keywords(path, part.attributes.get("_init_kwargs"))
    refs = dict(_renamed(tensors, c_dim, table))
    # Every tensor is compared with those of our network when it is built.
    return NetworkData("generator", "styleganxl", config, refs, module.class_name)


def _part(module: Module, path: str) -> Module:
    part = module.child(path) if path else module
    if part is None:
        raise FormatError(f"its module {ascii(path)[1:-1][:80]} is missing")
    return part


def _setting(part: Module, name: str, kind: type) -> Any:
    value = part.attributes.get(name)
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise FormatError(f"its setting {name} is missing or is none")
    return value


def _shape(tensors: Mapping[str, TensorRef], name: str) -> tuple[int, int]:
    shape = tensors[name].shape if name in tensors else ()
    if len(shape) != 2 or 0 in shape:
        raise FormatError(f"the tensor {name} is missing or has the shape {list(shape)}")
    return shape[0], shape[1]


def _mapping(module: Module) -> dict[str, Any]:
    mapping = _part(module, "mapping")
    return {
        "z_dim": _setting(mapping, "z_dim", int),
        "w_dim": _setting(mapping, "w_dim", int),
        "mapping_layers": _setting(mapping, "num_layers", int),
        "mapping_lr_multiplier": _setting(_part(module, "mapping.fc0"), "bias_gain", float),
        "w_avg_beta": _setting(mapping, "w_avg_beta", float),
    }


def _same(parts: list[Module], *names: str) -> dict[str, Any]:
    """What all layers are told alike; that they are is checked with everything else."""
    for name in names:
        if name not in parts[0].attributes:
            raise FormatError(f"its setting {name} is missing")
    return {name: parts[0].attributes[name] for name in names}


def _stack(names: list[Any], parts: list[Module]) -> dict[str, list[Any]]:
    def bands(what: str, kind: type) -> list[Any]:
        return [
            _setting(parts[0], f"in_{what}", kind),
            *(_setting(part, f"out_{what}", kind) for part in parts),
        ]

    def each(name: str, kind: type) -> list[int]:
        return [int(_setting(part, name, kind)) for part in parts]

    return {
        "rates": bands("sampling_rate", int),
        "sizes": [_side(parts[0], "in_size"), *(_side(part, "out_size") for part in parts)],
        "cutoffs": bands("cutoff", float),
        "half_widths": bands("half_width", float),
        "channels": bands("channels", int),
        "numbers": [_number(name) for name in names],
        "kernels": each("conv_kernel", int),
        "critical": each("is_critically_sampled", bool),
        "radial": [
            int(part.attributes.get("use_radial_filters") is True and not critical)
            for part, critical in zip(parts, each("is_critically_sampled", bool), strict=True)
        ],
        "half": each("use_fp16", bool),
        "clamps": [_clamp(part) for part in parts],
    }


def _clamp(part: Module) -> float:
    """What features are clamped to, 0 where they are not."""
    if "conv_clamp" in part.attributes and part.attributes["conv_clamp"] is None:
        return 0
    clamp: float = _setting(part, "conv_clamp", float)
    if not clamp > 0:
        raise FormatError(f"its setting conv_clamp is {clamp}")
    return clamp


def _side(part: Module, name: str) -> int:
    match part.attributes.get(name):
        case [int(width), int(height)] if width == height:
            return width
    raise FormatError(f"its setting {name} is missing or is no square")


def _number(name: Any) -> int:
    """2 of `L2_36_512`."""
    digits = name[1:].partition("_")[0] if isinstance(name, str) else ""
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 4:
        raise FormatError("the names of its layers are not L0, L1, L2 …")
    return int(digits)


def _expected(
    config: Mapping[str, Any], stack: Stack, plans: list[LayerPlan], table: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What every module says of itself, by its path."""
    z, c, w = (config[key] for key in ("z_dim", "c_dim", "w_dim"))
    features, depth = config["class_features"], config["mapping_layers"]
    rate, rows, last = config["mapping_lr_multiplier"], len(plans) + 1, plans[-1].after
    picture = {"img_resolution": last.size, "img_channels": last.channels}
    made = dict.fromkeys(_HOW_MADE, ANY)
    network = {"z_dim": z, "c_dim": c, "w_dim": w, "num_ws": rows}
    yield "", {**network, **picture, **made, **dict.fromkeys(_HEAD, ANY)}
    yield (
        "mapping",
        {**network, "num_layers": depth, "w_avg_beta": config["w_avg_beta"], "embed_proj": None},
    )
    yield (
        "mapping.embed",
        {
            "num_embeddings": table,
            "embedding_dim": features if c else ANY,
            "max_norm": None,
            **dict.fromkeys(("padding_idx", "norm_type", "scale_grad_by_freq", "sparse"), ANY),
        },
    )
    if c:
        yield "mapping.embed_proj", dense(features, z, "lrelu")
    for i in range(depth):
        inputs = (2 * z if c else z) if i == 0 else w
        yield f"mapping.fc{i}", dense(inputs, w, "lrelu", rate)
    yield (
        "synthesis",
        {
            "w_dim": w,
            "num_ws": rows,
            "output_scale": config["output_scale"],
            "layer_names": [plan.name for plan in plans],
            **made,
            **picture,
        },
    )
    yield "synthesis.input", fourier_input(stack.signals[0], w)
    yield "synthesis.input.affine", dense(w, 4)
    for plan, clamp in zip(plans, stack.clamps, strict=True):
        # Only training follows magnitudes, and its heads do so more slowly than its stems.
        rest = {"w_dim": w, "conv_clamp": clamp or None, "magnitude_ema_beta": ANY}
        yield (
            f"synthesis.{plan.name}",
            {
                **filtered_layer(plan, rest),
                "filter_size": stack.filter_size,
                "lrelu_upsampling": stack.lrelu_upsampling,
                # Layers that fill the band have no use for it.
                "use_radial_filters": ANY if plan.critical else plan.radial,
            },
        )
        yield f"synthesis.{plan.name}.affine", dense(w, plan.before.channels)


def _check_keywords(path: str, kwargs: Any) -> None:
    for key, value in kwargs.items() if isinstance(kwargs, dict) else ():
        if key not in _KEYWORDS:
            where = f"{path}.{key}" if path else str(key)
            raise FormatError(f"its setting {ascii(where)[1:-1][:80]} is unknown")
        if key.endswith("_kwargs"):
            _check_keywords(f"{path}.{key}".strip("."), value)


def _renamed(
    tensors: Mapping[str, TensorRef], c_dim: int, table: int
) -> Iterator[tuple[str, TensorRef]]:
    """The tensors by our names. Of the table of classes only those of the network are used."""
    if c_dim > table:
        raise FormatError(f"it has {c_dim} classes and an embedding of {table}")
    for name, ref in tensors.items():
        if name == "mapping.embed.weight":
            if c_dim:
                shape = (c_dim, ref.shape[1])
                yield "mapping.embed.rows", TensorRef(shape, ref.dtype, _first(ref, c_dim))
        else:
            yield name.replace("mapping.embed_proj.", "mapping.embed.proj."), ref


def _first(ref: TensorRef, count: int) -> Any:
    return lambda: ref.load()[:count].clone()


LAYOUT: Final = Layout("StyleGAN-XL state_dict", 8, recognises, read)
