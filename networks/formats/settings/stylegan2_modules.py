"""Every setting in the modules of an NVIDIA StyleGAN2 network is what ours computes, or is refused.

Their layers compute from plain attributes (`activation`, `conv_clamp`, `weight_gain` …). Those that
our networks have keywords for were made into a config before; here each attribute of each module is
held to what follows from that config. Attributes that nobody knows come from forks, and may change
the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from networks.formats.contents import FormatError
from networks.formats.modules import Module
from networks.formats.settings.expected import ANY
from networks.formats.settings.stylegan2_parts import (
    DISCRIMINATOR,
    GENERATOR,
    Part,
    Refs,
    Role,
)
from ops import ACTIVATIONS


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


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


def check_generator(module: Module, tensors: Refs, config: Mapping[str, Any]) -> None:
    """Hold every setting of a generator to `config`. Raises FormatError naming the first."""
    _check(module, tensors, config, GENERATOR)


def check_discriminator(module: Module, tensors: Refs, config: Mapping[str, Any]) -> None:
    """Hold every setting of a discriminator to `config`. Raises FormatError naming the first."""
    _check(module, tensors, config, DISCRIMINATOR)


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
        expected = {**_EVERYWHERE, **role(Part(path, part, tensors, config))}
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
