"""StyleGAN3 (T and R) in NVIDIA's PyTorch code: our tensors have the names of theirs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from networks.formats.contents import NetworkData
from networks.formats.layouts import Found, Layout
from networks.formats.modules import OURS
from networks.formats.settings.stylegan3_config import (
    check_written,
    config_from_tensors,
    generator_config,
    is_stylegan3,
)


def recognises(names: Collection[str]) -> bool:
    """A generator that begins with Fourier features. StyleGAN-XL does too, and is asked first."""
    return is_stylegan3(names)


def read(found: Found) -> NetworkData:
    """A generator with its keywords. Raises FormatError for a setting that cannot be honoured."""
    module, tensors = found.module, found.tensors
    if module is None:
        config, notes = config_from_tensors(tensors)
        return NetworkData("generator", "stylegan3", config, tensors, "", notes)
    if OURS in module.attributes:  # `networks.formats.nvidia_written`
        config = check_written(module.attributes[OURS])
        return NetworkData("generator", "stylegan3", config, tensors, module.class_name)
    config, notes = generator_config(module, tensors)
    # Every tensor is compared with those of our network when it is built.
    return NetworkData("generator", "stylegan3", config, tensors, module.class_name, notes)


LAYOUT: Final = Layout("NVIDIA StyleGAN3 state_dict", 9, recognises, read)
