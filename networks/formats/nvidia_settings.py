"""Every setting in the modules of an NVIDIA StyleGAN2 network is what ours computes, or is refused.

Their layers compute from plain attributes (`activation`, `conv_clamp`, `weight_gain` …). Those that
our networks have keywords for were made into a config before; here each attribute of each module is
held to what follows from that config. Attributes that nobody knows come from forks, and may change
the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from networks.formats.contents import FormatError, TensorRef
from networks.formats.modules import Module
from ops import ACTIVATIONS

Refs = Mapping[str, TensorRef]
Settings = dict[str, Any]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


ANY: Final = object()
"""The expectation of a setting that changes no picture, whatever its value."""
_UNKNOWN: Final = object()
_NEEDED: Final = _words(
    "activation weight_gain bias_gain conv_clamp up down use_noise padding act_gain architecture",
    "group_size num_channels",
)
"""What their code cannot do without: a file that lacks one of these is not whole."""
_EVERYWHERE: Final = {"training": ANY, "_init_args": ANY, "_init_kwargs": ANY}
_KEYWORDS: Final = _words(
    "z_dim c_dim w_dim img_resolution img_channels num_ws num_layers embed_features layer_features",
    "activation lr_multiplier w_avg_beta channel_base channel_max num_fp16_res conv_clamp",
    "architecture resample_filter use_fp16 fp16_channels_last channels_last use_noise kernel_size",
    "up down bias bias_init trainable in_channels out_channels in_features out_features resolution",
    "is_last tmp_channels first_layer_idx freeze_layers freeze_embed cmap_dim mbstd_group_size",
    "mbstd_num_channels group_size mapping_kwargs synthesis_kwargs block_kwargs epilogue_kwargs",
    "num_channels layer_kwargs fused_modconv_default channels_dict init_res resize class_name",
)
"""What their constructors are called with; it shows in attributes and in the shapes of tensors."""


@dataclass(frozen=True)
class _Part:
    """One module of a network.

    path: its place, as `synthesis.b8.conv0`.
    module: itself.
    tensors: of the whole network, by name.
    config: the keywords of our network.
    """

    path: str
    module: Module
    tensors: Refs
    config: Mapping[str, Any]

    def weight(self, dims: int) -> tuple[int, ...]:
        """The shape of its weight, of so many dimensions."""
        name = f"{self.path}.weight"
        if name not in self.tensors:
            raise FormatError(f"the tensor {name} is missing")
        shape = self.tensors[name].shape
        if len(shape) != dims or 0 in shape:
            raise FormatError(f"the tensor {name} has the shape {list(shape)}, which is none")
        return shape

    @property
    def resolution(self) -> int:
        found = re.search(r"b(\d+)", self.path)
        return int(found[1]) if found else int(self.config["img_resolution"])

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


Role = Callable[[_Part], Settings]


def check_generator(module: Module, tensors: Refs, config: Mapping[str, Any]) -> None:
    """Hold every setting of a generator to `config`. Raises FormatError naming the first."""
    _check(module, tensors, config, _GENERATOR)


def check_discriminator(module: Module, tensors: Refs, config: Mapping[str, Any]) -> None:
    """Hold every setting of a discriminator to `config`. Raises FormatError naming the first."""
    _check(module, tensors, config, _DISCRIMINATOR)


def _check(
    module: Module, tensors: Refs, config: Mapping[str, Any], roles: Mapping[str, Role]
) -> None:
    # Those that no shape shows: where the file lacks one, it is found missing below.
    config = {"activation": "lrelu", "conv_clamp": None, "mbstd_group_size": None, **config}
    for key in ("activation", "mapping_activation"):
        name = config.get(key)
        if name is not None and not (isinstance(name, str) and name in ACTIVATIONS):
            raise FormatError(f"its activation {str(name)[:40]} is unknown here")
    for path, part in module.walk():
        role = next((role for pattern, role in roles.items() if re.fullmatch(pattern, path)), None)
        if role is None:
            raise FormatError(
                f"its part {path} (class {part.class_name}) is no part of a StyleGAN2 network"
            )
        expected = {**_EVERYWHERE, **role(_Part(path, part, tensors, config))}
        where = f"{path}." if path else ""
        for name, value in part.attributes.items():
            _compare(where + name, value, expected.get(name, _UNKNOWN))
        for name in sorted(_NEEDED & expected.keys() - part.attributes.keys()):
            raise FormatError(f"its setting {where}{name} is missing")
        _check_keywords(where, part.attributes.get("_init_kwargs"))


def _compare(name: str, value: Any, expected: Any) -> None:
    if expected is _UNKNOWN and value is not None:  # None is how a setting is switched off
        raise FormatError(
            f"its setting {name} = {str(value)[:60]} is unknown here, and may change its pictures"
        )
    if expected not in (_UNKNOWN, ANY) and not _same(value, expected):
        raise FormatError(
            f"its setting {name} is {str(value)[:60]}; only {expected} can be drawn here"
        )


def _check_keywords(where: str, kwargs: Any) -> None:
    for key, value in kwargs.items() if isinstance(kwargs, dict) else ():
        if value is not None and key not in _KEYWORDS:
            raise FormatError(
                f"its setting {where}{key[:60]} = {str(value)[:60]} is unknown here, "
                "and may change its pictures"
            )
        if key.endswith("_kwargs"):
            _check_keywords(where, value)


def _same(value: Any, expected: Any) -> bool:
    numbers = (int, float)
    if isinstance(value, numbers) and isinstance(expected, numbers):
        return math.isclose(value, expected, rel_tol=1e-6)
    return bool(value == expected)


# ---------------------------------------------------------------------------------------------
# What follows from a config, part by part
# ---------------------------------------------------------------------------------------------


def _dense(part: _Part, activation: str = "linear", lr: float = 1.0) -> Settings:
    outputs, inputs = part.weight(2)
    return {
        "in_features": inputs,
        "out_features": outputs,
        "activation": activation,
        "weight_gain": lr / sqrt(inputs),
        "bias_gain": lr,
    }


def _mapping(part: _Part) -> Settings:
    config = part.config
    return {
        "z_dim": config.get("z_dim", 0),
        "c_dim": config["c_dim"],
        "w_dim": config.get("w_dim", ANY),
        "num_ws": ANY,
        "num_layers": config["mapping_layers"],
        "w_avg_beta": ANY,
        "trainable_layers": ANY,
    }


def _mapping_layer(part: _Part) -> Settings:
    activation = part.config.get("mapping_activation") or part.config["activation"]
    return _dense(part, activation, part.config.get("mapping_lr_multiplier", 0.01))


def _conv(part: _Part, *, up: int = 1, down: int = 1, linear: bool = False) -> Settings:
    outputs, inputs, kernel, _ = part.weight(4)
    activation = "linear" if linear else part.config["activation"]
    return {
        "in_channels": inputs,
        "out_channels": outputs,
        "activation": activation,
        "up": up,
        "down": down,
        "conv_clamp": None if linear else part.config["conv_clamp"],
        "padding": kernel // 2,
        "weight_gain": 1 / sqrt(inputs * kernel**2),
        "act_gain": ACTIVATIONS[activation].gain,
        "bias": None,
        "trainable": ANY,
    }


def _skip(part: _Part) -> Settings:
    is_generator = part.path.startswith("synthesis.")
    return _conv(part, linear=True, **({"up": 2} if is_generator else {"down": 2}))


def _generator(part: _Part) -> Settings:
    config = part.config
    return {
        **{key: config[key] for key in ("z_dim", "c_dim", "w_dim", "img_resolution")},
        "img_channels": config["img_channels"],
        "num_ws": 2 * (int(config["img_resolution"]).bit_length() - 2),
        "resize": config.get("output_resolution"),
        # Autolume: another name for the resolution, and where its networks begin.
        "res": config["img_resolution"],
        "init_res": [4, 4],
        "epochs": ANY,
        "output_shape": ANY,
    }


def _synthesis(part: _Part) -> Settings:
    top = int(part.config["img_resolution"])
    return {
        **{key: part.config[key] for key in ("w_dim", "img_resolution", "img_channels")},
        "img_resolution_log2": top.bit_length() - 1,
        "block_resolutions": [1 << k for k in range(2, top.bit_length())],
        "num_ws": 2 * (top.bit_length() - 2),
        "num_fp16_res": ANY,
        "channels_dict": ANY,
        "init_res": [4, 4],
    }


def _block(part: _Part) -> Settings:
    first, architecture = part.resolution == 4, part.config["architecture"]
    last = part.resolution == part.config["img_resolution"]
    return {
        "in_channels": ANY,
        "w_dim": part.config["w_dim"],
        "resolution": part.resolution,
        "img_channels": part.config["img_channels"],
        "is_last": last,
        "architecture": architecture,
        "use_fp16": ANY,
        "channels_last": ANY,
        "fused_modconv_default": ANY,
        "num_conv": 1 if first else 2,
        "num_torgb": int(last or architecture == "skip"),
        "init_res": [4, 4],
    }


def _styled(part: _Part) -> Settings:
    outputs, inputs, _, _ = part.weight(4)
    activation = part.config["activation"]
    return {
        "in_channels": inputs,
        "out_channels": outputs,
        "w_dim": part.config["w_dim"],
        "resolution": part.resolution,
        "up": 2 if part.name == "conv0" else 1,
        "use_noise": part.config["use_noise"],
        "activation": activation,
        "conv_clamp": part.config["conv_clamp"],
        "padding": 1,
        "act_gain": ACTIVATIONS[activation].gain,
        # Autolume: a picture that is not square, and noise that its user turned up or down.
        "init_res": [4, 4],
        "ratio": [1, 1],
        "noise_regulator": 0,
        "global_noise": 1,
    }


def _colours(part: _Part) -> Settings:
    outputs, inputs, _, _ = part.weight(4)
    return {
        "in_channels": inputs,
        "out_channels": outputs,
        "w_dim": part.config["w_dim"],
        "conv_clamp": part.config["conv_clamp"],
        "weight_gain": 1 / sqrt(inputs),
    }


def _discriminator(part: _Part) -> Settings:
    top = int(part.config["img_resolution"])
    return {
        **{key: part.config[key] for key in ("c_dim", "img_resolution", "img_channels")},
        "img_resolution_log2": top.bit_length() - 1,
        "block_resolutions": [1 << k for k in range(top.bit_length() - 1, 2, -1)],
    }


def _d_block(part: _Part) -> Settings:
    return {
        "in_channels": ANY,
        "resolution": part.resolution,
        "img_channels": part.config["img_channels"],
        "first_layer_idx": ANY,
        "architecture": part.config["architecture"],
        "use_fp16": ANY,
        "channels_last": ANY,
        "num_layers": ANY,
    }


def _epilogue(part: _Part) -> Settings:
    return {
        "in_channels": ANY,
        "cmap_dim": ANY,
        "resolution": 4,
        "img_channels": part.config["img_channels"],
        "architecture": part.config["architecture"],
    }


def _stddev(part: _Part) -> Settings:
    return {
        "group_size": part.config["mbstd_group_size"],
        "num_channels": part.config["mbstd_num_channels"],
    }


_MAPPING: Final[dict[str, Role]] = {
    r"mapping": _mapping,
    r"mapping\.embed": _dense,
    r"mapping\.fc\d+": _mapping_layer,
}
_GENERATOR: Final[dict[str, Role]] = {
    r"": _generator,
    **_MAPPING,
    r"synthesis": _synthesis,
    r"synthesis\.b\d+": _block,
    r"synthesis\.b\d+\.conv[01]": _styled,
    r"synthesis\.b\d+\.torgb": _colours,
    r"synthesis\.b\d+\.skip": _skip,
    r"synthesis\.b\d+\.(conv[01]|torgb)\.affine": _dense,
}
_DISCRIMINATOR: Final[dict[str, Role]] = {
    r"": _discriminator,
    **_MAPPING,
    r"b4": _epilogue,
    r"b4\.mbstd": _stddev,
    r"b4\.conv": _conv,
    r"b4\.fc": lambda part: _dense(part, part.config["activation"]),
    r"b4\.out": _dense,
    # The last picture of a skip network is taken in without a limit.
    r"b4\.fromrgb": lambda part: {**_conv(part), "conv_clamp": None},
    r"b\d+": _d_block,
    r"b\d+\.(fromrgb|conv0)": _conv,
    r"b\d+\.conv1": lambda part: _conv(part, down=2),
    r"b\d+\.skip": _skip,
}
