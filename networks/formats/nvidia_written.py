"""Snapshots for other programs: pickles that NVIDIA's loaders open and draw as we do.

Their loaders (`legacy.load_network_pkl` of StyleGAN2-ADA and of StyleGAN3) run the source that a
network brings along. Ours brings `SOURCE`: it builds their class from keywords and fills in the
tensors. For us, and for whoever reads the file without running it, our own config lies beside them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

from networks.formats.contents import FormatError
from networks.formats.modules import OURS, PERSISTENT_OBJECT
from networks.formats.settings.stylegan3_config import full_config, stylegan3_keywords
from networks.formats.torch_data import LOAD_FROM_BYTES
from networks.pickles.data import Record
from networks.pickles.write import pickled

SOURCE: Final = '''\
"""A network that ganscope wrote: NVIDIA's class, its keywords, its tensors."""

from importlib import import_module, util

IN_STYLEGAN3 = "training.networks_stylegan2"
IN_STYLEGAN2_ADA = "training.networks"
theirs = import_module(IN_STYLEGAN3 if util.find_spec(IN_STYLEGAN3) else IN_STYLEGAN2_ADA)


class Written:
    def __setstate__(self, state):
        if "ganscope" not in state:  # written again by their program
            super().__setstate__(state)
            return
        keywords = dict(state["ganscope"]["keywords"])
        if theirs.__name__ == IN_STYLEGAN3:
            keywords.update(keywords.pop("synthesis_kwargs", {}))
        self.__init__(**keywords)
        self.load_state_dict(state["ganscope"]["tensors"])
        self.eval().requires_grad_(False)


class Generator(Written, theirs.Generator):
    pass


class Discriminator(Written, theirs.Discriminator):
    pass
'''
"""What their loader runs. `state` is that of the record below."""

SOURCE_STYLEGAN3: Final = '''\
"""A StyleGAN3 network that ganscope wrote: NVIDIA's class, its keywords, its tensors."""

from training import networks_stylegan3 as theirs


class Generator(theirs.Generator):
    def __setstate__(self, state):
        if "ganscope" not in state:  # written again by their program
            super().__setstate__(state)
            return
        self.__init__(**state["ganscope"]["keywords"])
        self.load_state_dict(state["ganscope"]["tensors"])
        self.eval().requires_grad_(False)
'''
"""The same of a StyleGAN3 generator, whose discriminator is StyleGAN2's."""

_VERSION: Final = 6
"""Of their persistence, in both programs."""
_CLASSES: Final = {"G_ema": "Generator", "G": "Generator", "D": "Discriminator"}
_ONLY_OURS: Final = (
    "image_filter",
    "channels",
    "output_resolution",
    "label_concat",
    "constant_shape",
)
"""Keywords for which their networks have no equal."""


def snapshot_pickle(networks: Mapping[str, nn.Module], facts: Mapping[str, Any]) -> Iterator[bytes]:
    """A file, piece by piece. Raises FormatError for networks that their programs cannot draw.

    networks: G_ema or G, and D where it is there. Their loaders want all three: G_ema and G then
    stand for each other, and an empty module for D, from which nothing can be learnt.
    facts: plain data beside them.
    """
    records = {name: _record(name, network) for name, network in networks.items()}
    generators = [records[name] for name in ("G_ema", "G") if name in records]
    if not generators:
        raise FormatError("it has no generator", "Write it as .safetensors.")
    root: dict[str, Any] = {
        "G": generators[-1],
        "D": records.get("D") or _empty_module(),
        "G_ema": generators[0],
        "augment_pipe": None,
        **facts,
    }
    return pickled(root)


def _record(name: str, network: nn.Module) -> Record:
    config, family = getattr(network, "config", {}), getattr(network, "family", "?")
    if family == "stylegan3":
        config = full_config(config)
        return _written(name, network, config, stylegan3_keywords(config), SOURCE_STYLEGAN3)
    if family != "stylegan2":
        raise FormatError(
            f"its {name} is of the family {family}",
            "StyleGAN2 and StyleGAN3 networks can be written as .pkl; write this one as "
            ".safetensors.",
        )
    for key in _ONLY_OURS:
        if config.get(key) not in (None, False):
            raise FormatError(
                f"its {name} has {key} = {config[key]}, which NVIDIA's networks do not know",
                "Write it as .safetensors.",
            )
    is_generator = _CLASSES[name] == "Generator"
    keywords = _generator_keywords(config) if is_generator else _discriminator(config)
    return _written(name, network, config, keywords, SOURCE)


def _written(
    name: str,
    network: nn.Module,
    config: Mapping[str, Any],
    keywords: Mapping[str, Any],
    source: str,
) -> Record:
    """keywords: those of their class. source: what makes it of them."""
    written = {
        "keywords": dict(keywords),
        "config": dict(config),
        "tensors": {key: _tensor(value) for key, value in network.state_dict().items()},
    }
    meta = {
        "type": "class",
        "version": _VERSION,
        "module_src": source,
        "class_name": _CLASSES[name],
        "state": {OURS: written},
    }
    return Record(PERSISTENT_OBJECT, (meta,))


def _generator_keywords(config: Mapping[str, Any]) -> dict[str, Any]:
    """Their keywords, under which StyleGAN2-ADA knows them."""
    same = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")
    blocks = (
        "channel_base",
        "channel_max",
        "num_fp16_res",
        "conv_clamp",
        "architecture",
        "resample_filter",
        "activation",
        "use_noise",
    )
    return {
        **{key: config[key] for key in same},
        "mapping_kwargs": {
            "num_layers": config["mapping_layers"],
            "embed_features": config["embed_features"],
            "layer_features": config["layer_features"],
            "activation": config["mapping_activation"] or config["activation"],
            "lr_multiplier": config["mapping_lr_multiplier"],
            "w_avg_beta": config["w_avg_beta"],
        },
        "synthesis_kwargs": {key: config[key] for key in blocks},
    }


def _discriminator(config: Mapping[str, Any]) -> dict[str, Any]:
    same = (
        "c_dim",
        "img_resolution",
        "img_channels",
        "architecture",
        "channel_base",
        "channel_max",
        "num_fp16_res",
        "conv_clamp",
        "cmap_dim",
    )
    return {
        **{key: config[key] for key in same},
        "block_kwargs": {
            "activation": config["activation"],
            "resample_filter": config["resample_filter"],
            "freeze_layers": config["freeze_layers"],
        },
        "mapping_kwargs": {
            "num_layers": config["mapping_layers"],
            "activation": config["mapping_activation"] or config["activation"],
        },
        "epilogue_kwargs": {
            "mbstd_group_size": config["mbstd_group_size"],
            "mbstd_num_channels": config["mbstd_num_channels"],
            "activation": config["activation"],
        },
    }


def _tensor(value: Tensor) -> Record:
    """A tensor as plain pickles hold it: its shape, and its data as a nested file of torch.save."""
    value = value.detach().cpu().contiguous().clone()
    storage = torch.storage.TypedStorage(  # type: ignore[no-untyped-call]
        wrap_storage=value.untyped_storage(), dtype=value.dtype, _internal=True
    )
    file = io.BytesIO()
    torch.save(storage, file, _use_new_zipfile_serialization=False)
    data = Record(LOAD_FROM_BYTES, (file.getvalue(),))
    hooks = Record("collections.OrderedDict", ())
    shape, stride = tuple(value.shape), value.stride()
    return Record("torch._utils._rebuild_tensor_v2", (data, 0, shape, stride, False, hooks))


def _empty_module() -> Record:
    """A module that does nothing, as `torch.nn.Identity` is pickled."""
    state: dict[str, Any] = {
        "training": False,
        **{key: {} for key in ("_parameters", "_buffers", "_modules")},
        "_non_persistent_buffers_set": Record("builtins.set", ([],)),
        **{
            f"_{when}_hooks": {}
            for when in (
                "backward",
                "forward",
                "forward_pre",
                "state_dict",
                "load_state_dict_pre",
                "load_state_dict_post",
            )
        },
    }
    return Record("torch.nn.Identity", (), state=state)
