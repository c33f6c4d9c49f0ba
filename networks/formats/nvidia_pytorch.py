"""Snapshots of NVIDIA's PyTorch trainers (StyleGAN2-ADA and its kin): `network-snapshot-*.pkl`.

A dict of persistent modules `G, D, G_ema, augment_pipe` and the plain `training_set_kwargs`.
Nothing in the file runs: see `networks.pickles.machine` and `networks.formats.modules`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from networks.augment import STRENGTHS
from networks.formats import Format, stylegan3_config
from networks.formats.contents import NAMES, Contents, FormatError, NetworkData, Source, TensorRef
from networks.formats.modules import MODULE_NAMES, Module, ModuleReader, simple
from networks.formats.stylegan2_config import discriminator_config, generator_config
from networks.formats.torch_data import TORCH_NAMES, Tensors
from networks.pickles.data import Budget, Names, Record
from networks.pickles.machine import unpickle

DATA_NAMES: Final = TORCH_NAMES | MODULE_NAMES
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


def recognises(source: Source) -> bool:
    """A pickle of protocol 2 or later."""
    return source.head[:1] == b"\x80" and source.head[1:2] in (b"\2", b"\3", b"\4", b"\5")


def read(source: Source, names: Collection[str]) -> Contents:
    """The networks `names` of a snapshot, still in the file. Raises FormatError."""
    budget = Budget()
    known = Names(DATA_NAMES)
    root, _ = unpickle(source.data, known, budget=budget)
    if not isinstance(root, dict):
        raise FormatError("it is a pickle, but not of a network snapshot")
    modules = {name: root[name] for name in NAMES if isinstance(root.get(name), Record)}
    if not modules.keys() - {"augment_pipe"}:
        keys = ", ".join(ascii(key)[:40] for key in list(root)[:6])
        raise FormatError(f"it is a pickle without G_ema, G or D (it holds: {keys or 'nothing'})")
    tensors = Tensors(budget, known)
    reader = ModuleReader(tensors)
    # ADA's p is wanted whatever is opened: the buffer `p` of the pipeline (Section 3.1).
    pipe = reader.read(modules["augment_pipe"]) if "augment_pipe" in modules else None
    if pipe is not None and not _strengths(pipe):
        del modules["augment_pipe"]  # of another kind, and nothing is known but its p
    networks = {
        name: network(reader.read(record), tensors)
        for name, record in modules.items()
        if name in names and name != "augment_pipe"
    }
    if pipe is not None and "augment_pipe" in modules and "augment_pipe" in names:
        networks["augment_pipe"] = augmentation(pipe, tensors)
    return Contents(
        available=tuple(modules),
        networks=networks,
        augment_p=tensors.scalar(pipe.tensors.get("p")) if pipe is not None else None,
        metadata=_metadata(root),
    )


def network(module: Module, tensors: Tensors) -> NetworkData:
    """One module with its keywords and tensors."""
    records = module.all_tensors()
    refs: dict[str, TensorRef] = {}
    for name, record in records.items():
        try:
            refs[name] = tensors.ref(record)
        except FormatError as error:
            raise FormatError(f"tensor {name}: {error.reason}", error.remedy) from error
    if stylegan3_config.is_stylegan3(refs):
        config, notes = stylegan3_config.generator_config(module, refs)
        return NetworkData("generator", "stylegan3", config, refs, module.class_name, notes)
    if any(name.startswith("synthesis.") for name in refs):
        config = generator_config(refs, _plan_hint(module)) | _generator_attributes(module)
        kind: Any = "generator"
    elif "b4.out.weight" in refs:
        config = discriminator_config(refs, _plan_hint(module)) | _discriminator_attributes(module)
        kind = "discriminator"
    else:
        raise FormatError(f"its class {module.class_name} is no StyleGAN2 or StyleGAN3 network")
    return NetworkData(kind, "stylegan2", config, refs, module.class_name, _notes(module))


def augmentation(module: Module, tensors: Tensors) -> NetworkData:
    """The pipeline: strengths are plain attributes, and so are spreads, which ours has fixed."""
    record = module.tensors.get("p")
    if record is None:
        raise FormatError("its augmentation pipeline has no p")
    strengths = {name: value for name, value in _strengths(module).items() if value}
    return NetworkData(
        "augmentation",
        "ada",
        strengths,
        {"p": tensors.ref(record)},
        module.class_name,
        tuple(
            f"{name} is {module.attributes[name]}; the published {value} is applied"
            for name, value in _SPREADS.items()
            if module.attributes.get(name, value) != value
        ),
    )


def _strengths(module: Module) -> dict[str, float]:
    found = module.attributes
    return {name: found[name] for name in STRENGTHS if isinstance(found.get(name), (int, float))}


def _generator_attributes(module: Module) -> dict[str, Any]:
    """What shapes cannot tell about a generator."""
    blocks = [m for _, m in module.walk() if m.class_name == "SynthesisBlock"]
    layer = module.child("synthesis.b4.conv1")
    return {
        "num_fp16_res": _half_blocks(blocks),
        **_attributes(layer, conv_clamp="conv_clamp", activation="activation"),
        **_attributes(layer, use_noise="use_noise"),
        **_attributes(module.child("synthesis.b4"), architecture="architecture"),
        **_attributes(module.child("mapping"), w_avg_beta="w_avg_beta"),
        **_attributes(module.child("mapping.fc0"), mapping_lr_multiplier="bias_gain"),
    }


def _discriminator_attributes(module: Module) -> dict[str, Any]:
    """What shapes cannot tell about a discriminator."""
    blocks = [m for _, m in module.walk() if m.class_name == "DiscriminatorBlock"]
    first = blocks[0] if blocks else None
    layer = first.child("conv0") if first else None
    return {
        "num_fp16_res": _half_blocks(blocks),
        **_attributes(layer, conv_clamp="conv_clamp", activation="activation"),
        **_attributes(first, architecture="architecture"),
        **_attributes(module.child("b4.mbstd"), mbstd_group_size="group_size"),
    }


def _plan_hint(module: Module) -> dict[str, Any]:
    """channel_base and channel_max as the constructor was told, where it was."""
    kwargs = module.attributes.get("_init_kwargs")
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


def _notes(module: Module) -> tuple[str, ...]:
    if any(m.attributes for _, m in module.walk()):
        return ()
    return ("settings were worked out from tensor shapes",)


def _metadata(root: dict[Any, Any]) -> dict[str, Any]:
    return {
        key: simple(value)
        for key, value in root.items()
        if isinstance(key, str) and key not in NAMES and isinstance(value, (dict, str, int, float))
    }


FORMAT: Final = Format(
    name="NVIDIA PyTorch pickle",
    order=50,  # after formats with a signature of their own
    recognises=recognises,
    read=read,
    made_by="NVIDIA",
    suffixes=(".pkl",),
    pickled_names=DATA_NAMES,
)
