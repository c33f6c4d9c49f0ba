"""StyleGAN2 in NVIDIA's PyTorch code (StyleGAN2-ADA, the StyleGAN3 repository) and its forks.

Our tensors have the names of theirs. A file holds modules with all their settings, or a
`state_dict`, in which settings that leave no trace in shapes are taken to be the published ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any, Final

from networks.families import families
from networks.formats.contents import DAMAGED, FormatError, NetworkData
from networks.formats.layouts import Found, Layout
from networks.formats.modules import OURS, Module
from networks.formats.settings.stylegan2_config import discriminator_config, generator_config
from networks.formats.settings.stylegan2_modules import check_discriminator, check_generator

_GENERATOR: Final = "synthesis.b4.conv1.weight"
_DISCRIMINATOR: Final = "b4.out.weight"


def recognises(names: Collection[str]) -> bool:
    """A generator or a discriminator whose blocks are called by their resolution."""
    if "synthesis.input.freqs" in names:  # StyleGAN3
        return False
    return _GENERATOR in names or (_DISCRIMINATOR in names and "b4.conv.weight" in names)


def read(found: Found) -> NetworkData:
    """A network with its keywords. Raises FormatError for a setting that cannot be honoured."""
    module, tensors = found.module, found.tensors
    if module is not None and OURS in module.attributes:
        return _written_by_us(module, found)
    if _GENERATOR in tensors:
        kind: Any = "generator"
        config = generator_config(tensors, _plan_hint(module))
        if module is not None:
            config |= _generator_attributes(module)
            check_generator(module, tensors, config)
    else:
        kind = "discriminator"
        config = discriminator_config(tensors, _plan_hint(module))
        if module is not None:
            config |= _discriminator_attributes(module)
            check_discriminator(module, tensors, config)
    # Every tensor is compared with those of our network when it is built.
    return NetworkData(
        kind,
        "stylegan2",
        config,
        tensors,
        module.class_name if module else "",
        () if module else ("settings that no shape shows are taken to be the published ones",),
    )


def _written_by_us(module: Module, found: Found) -> NetworkData:
    """A network of `networks.formats.nvidia_written`, which has our config beside it."""
    config, is_generator = module.attributes[OURS], _GENERATOR in found.tensors
    family = families()["stylegan2"]
    make = family.generator if is_generator else family.discriminator
    known = inspect.signature(make).parameters.keys() if make else set()
    if not isinstance(config, dict) or config.keys() | _RARE != known | _RARE:
        raise FormatError("the settings that build it are not all there", DAMAGED)
    kind: Any = "generator" if is_generator else "discriminator"
    return NetworkData(kind, family.name, config, found.tensors, module.class_name)


def _generator_attributes(module: Module) -> dict[str, Any]:
    """What shapes cannot tell about a generator."""
    blocks = [part for name, part in module.walk() if name.count(".") == 1 and ".b" in name]
    layer, dense = module.child("synthesis.b4.conv1"), module.child("mapping.fc0")
    config = {
        "num_fp16_res": _half_blocks(blocks),
        **_attributes(layer, conv_clamp="conv_clamp", activation="activation"),
        **_attributes(layer, use_noise="use_noise"),
        **_attributes(module.child("synthesis.b4"), architecture="architecture"),
        **_attributes(module.child("mapping"), w_avg_beta="w_avg_beta"),
        **_attributes(dense, mapping_lr_multiplier="bias_gain"),
        **_attributes(module, output_resolution="resize"),
    }
    return config | _mapping_activation(module, config)


def _discriminator_attributes(module: Module) -> dict[str, Any]:
    """What shapes cannot tell about a discriminator."""
    blocks = [part for name, part in module.children.items() if name.startswith("b")]
    first = blocks[0] if blocks else None
    layer = (first.child("conv0") or first.child("conv")) if first else None
    config = {
        "num_fp16_res": _half_blocks(blocks),
        **_attributes(layer, conv_clamp="conv_clamp", activation="activation"),
        **_attributes(first, architecture="architecture"),
        **_attributes(module.child("b4.mbstd"), mbstd_group_size="group_size"),
    }
    return config | _mapping_activation(module, config)


def _mapping_activation(module: Module, config: dict[str, Any]) -> dict[str, Any]:
    found = _attributes(module.child("mapping.fc0"), mapping_activation="activation")
    return found if found.get("mapping_activation") != config.get("activation") else {}


def _plan_hint(module: Module | None) -> dict[str, Any]:
    """channel_base and channel_max as the constructor was told, where it was."""
    kwargs = module.attributes.get("_init_kwargs") if module else None
    kwargs = kwargs if isinstance(kwargs, dict) else {}
    inner = kwargs.get("synthesis_kwargs")
    kwargs = kwargs | (inner if isinstance(inner, dict) else {})
    return {key: kwargs[key] for key in ("channel_base", "channel_max") if key in kwargs}


def _half_blocks(blocks: list[Module]) -> int:
    return sum(block.attributes.get("use_fp16") is True for block in blocks)


def _attributes(module: Module | None, **names: str) -> dict[str, Any]:
    """keyword=attribute: the keywords whose attribute the module has (its value may be None)."""
    found = module.attributes if module else {}
    return {keyword: found[name] for keyword, name in names.items() if name in found}


_RARE: Final = {"constant_shape"}
"""Settings that only networks have that need them."""


LAYOUT: Final = Layout("NVIDIA StyleGAN2 state_dict", 10, recognises, read)
