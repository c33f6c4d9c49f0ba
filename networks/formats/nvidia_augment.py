"""The augmentation pipeline of NVIDIA's trainers (Karras et al. 2020, ADA, Appendix B)."""

from __future__ import annotations

from typing import Final

from networks.augment import STRENGTHS
from networks.formats.contents import FormatError, NetworkData
from networks.formats.modules import Module
from networks.formats.torch_data import Tensors

# How far the transformations reach (ADA, Appendix B), by the attributes' names.
_SPREADS: Final = {
    "xint_max": 0.125,
    "scale_std": 0.2,
    "rotate_max": 1.0,
    "aniso_std": 0.2,
    "xfrac_std": 0.125,
    "brightness_std": 0.2,
    "contrast_std": 0.5,
    "hue_max": 1.0,
    "saturation_std": 1.0,
    "imgfilter_bands": [1, 1, 1, 1],
    "imgfilter_std": 1.0,
    "noise_std": 0.1,
    "cutout_size": 0.5,
}


def augmentation(module: Module, tensors: Tensors) -> NetworkData:
    """The pipeline: strengths are plain attributes, and so are spreads, which ours has fixed."""
    record = module.tensors.get("p")
    if record is None:
        raise FormatError("its augmentation pipeline has no p")
    return NetworkData(
        "augmentation",
        "ada",
        {name: value for name, value in strengths(module).items() if value},
        {"p": tensors.ref(record)},
        module.class_name,
        tuple(
            f"{name} is {module.attributes[name]}; the published {value} is applied"
            for name, value in _SPREADS.items()
            if module.attributes.get(name, value) != value
        ),
    )


def strengths(module: Module) -> dict[str, float]:
    """How often each transformation is applied at p = 1; empty for a pipeline of another kind."""
    found = module.attributes
    return {name: found[name] for name in STRENGTHS if isinstance(found.get(name), (int, float))}
