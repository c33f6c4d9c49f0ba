"""The modules of NVIDIA's StyleGAN2 networks, and the settings that each must have for a config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from networks.formats.contents import FormatError, TensorRef
from networks.formats.modules import Module
from networks.formats.settings.expected import ANY, dense
from ops import ACTIVATIONS

Refs = Mapping[str, TensorRef]
Settings = dict[str, Any]


@dataclass(frozen=True)
class Part:
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


Role = Callable[[Part], Settings]
"""The settings of a kind of module, by name; those that are not in it are unknown."""


def _dense(part: Part, activation: str = "linear", lr: float = 1.0) -> Settings:
    outputs, inputs = part.weight(2)
    return dense(inputs, outputs, activation, lr)


def _mapping(part: Part) -> Settings:
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


def _mapping_layer(part: Part) -> Settings:
    activation = part.config.get("mapping_activation") or part.config["activation"]
    return _dense(part, activation, part.config.get("mapping_lr_multiplier", 0.01))


def _conv(part: Part, *, up: int = 1, down: int = 1, linear: bool = False) -> Settings:
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


def _skip(part: Part) -> Settings:
    is_generator = part.path.startswith("synthesis.")
    return _conv(part, linear=True, **({"up": 2} if is_generator else {"down": 2}))


def _beginning(part: Part) -> list[int]:
    """Autolume: height and width of the constant that a network begins with."""
    return list(part.config.get("constant_shape") or (4, 4))


def _generator(part: Part) -> Settings:
    config = part.config
    return {
        **{key: config[key] for key in ("z_dim", "c_dim", "w_dim", "img_resolution")},
        "img_channels": config["img_channels"],
        "num_ws": 2 * (int(config["img_resolution"]).bit_length() - 2),
        "resize": config.get("output_resolution"),
        # Autolume: another name for the resolution, and where its networks begin.
        "res": config["img_resolution"],
        "init_res": _beginning(part),
        "epochs": ANY,
        "output_shape": ANY,
    }


def _synthesis(part: Part) -> Settings:
    top = int(part.config["img_resolution"])
    return {
        **{key: part.config[key] for key in ("w_dim", "img_resolution", "img_channels")},
        "img_resolution_log2": top.bit_length() - 1,
        "block_resolutions": [1 << k for k in range(2, top.bit_length())],
        "num_ws": 2 * (top.bit_length() - 2),
        "num_fp16_res": ANY,
        "channels_dict": ANY,
        "init_res": _beginning(part),
    }


def _block(part: Part) -> Settings:
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
        "init_res": _beginning(part),
    }


def _styled(part: Part) -> Settings:
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
        # Autolume: features that its user scaled, and noise that was turned up or down.
        "init_res": _beginning(part),
        "ratio": [1, 1],
        "noise_regulator": 0,
        "global_noise": 1,
    }


def _colours(part: Part) -> Settings:
    outputs, inputs, _, _ = part.weight(4)
    return {
        "in_channels": inputs,
        "out_channels": outputs,
        "w_dim": part.config["w_dim"],
        "conv_clamp": part.config["conv_clamp"],
        "weight_gain": 1 / sqrt(inputs),
    }


def _discriminator(part: Part) -> Settings:
    top = int(part.config["img_resolution"])
    return {
        **{key: part.config[key] for key in ("c_dim", "img_resolution", "img_channels")},
        "img_resolution_log2": top.bit_length() - 1,
        "block_resolutions": [1 << k for k in range(top.bit_length() - 1, 2, -1)],
    }


def _d_block(part: Part) -> Settings:
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


def _epilogue(part: Part) -> Settings:
    return {
        "in_channels": ANY,
        "cmap_dim": ANY,
        "resolution": 4,
        "img_channels": part.config["img_channels"],
        "architecture": part.config["architecture"],
    }


def _stddev(part: Part) -> Settings:
    return {
        "group_size": part.config["mbstd_group_size"],
        "num_channels": part.config["mbstd_num_channels"],
    }


_MAPPING: Final[dict[str, Role]] = {
    r"mapping": _mapping,
    r"mapping\.embed": _dense,
    r"mapping\.fc\d+": _mapping_layer,
}
GENERATOR: Final[dict[str, Role]] = {
    r"": _generator,
    **_MAPPING,
    r"synthesis": _synthesis,
    r"synthesis\.b\d+": _block,
    r"synthesis\.b\d+\.conv[01]": _styled,
    r"synthesis\.b\d+\.torgb": _colours,
    r"synthesis\.b\d+\.skip": _skip,
    r"synthesis\.b\d+\.(conv[01]|torgb)\.affine": _dense,
}
DISCRIMINATOR: Final[dict[str, Role]] = {
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
