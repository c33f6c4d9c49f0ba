"""Taking networks out of what people keep them in: dictionaries, tuples, tables with prefixes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from networks.formats.contents import NAMES, FormatError
from networks.formats.layouts import layout_of
from networks.formats.modules import is_empty_module, is_module
from networks.formats.torch_data import Tensors
from networks.pickles.data import Record

_UNDER: Final = {
    "G_ema": ("G_ema", "g_ema", "params_ema", "g_running"),
    "G": ("G", "g", "params", "generator", "netG", "netG_state_dict", "generator_state_dict"),
    "D": ("D", "d", "discriminator", "netD", "netD_state_dict", "discriminator_state_dict"),
    "augment_pipe": ("augment_pipe",),
}
_ALONE: Final = ("state_dict", "model", "model_state_dict", "GAN")
_IN_TUPLES: Final = {1: ("G_ema",), 3: ("G", "D", "G_ema")}
_PREFIXES: Final = ("decoder.", "generator.", "G_ema.", "g_ema.", "netG.", "G.")
_WITH_MAPPINGS: Final = {"G_ema": ("SE.", "GE."), "G": ("S.", "G.")}
"""How lucidrains keeps mapping and synthesis networks in one table, the averages with an E."""
_OTHERS: Final = r"(encoder|discriminator|D|d|netD|face_pool|G|g)\..*"


@dataclass(frozen=True)
class Wrapped:
    """A file without its wrapping.

    networks: the record of each network, or the table of its tensors, by name.
    beside: everything else at the top.
    notes: what a person should know about how they were found.
    """

    networks: dict[str, Any]
    beside: dict[str, Any]
    notes: tuple[str, ...] = ()


def unwrap(root: Any, tensors: Tensors) -> Wrapped:
    """Find the networks in what a file holds. Raises FormatError where there are none."""
    if is_module(root):
        return Wrapped({"G_ema": root}, {})
    if isinstance(root, (tuple, list)) and any(map(is_module, root)):
        names = _IN_TUPLES.get(len(root))
        if names is None:
            raise FormatError(
                f"it holds {len(root)} networks in a row, and does not say which is which",
                "Save G_ema alone, or a dictionary with the keys G, D and G_ema.",
            )
        pairs = zip(names, root, strict=True)
        return Wrapped({name: item for name, item in pairs if item is not None}, {})
    if tensors.is_tensor(root):
        raise FormatError(
            "it holds one tensor and no network",
            "Where that is a w, choose it as Saved w in the Latent panel, or with --projected-w.",
        )
    if not isinstance(root, dict):
        raise FormatError("it is a pickle, but not of a network snapshot")
    if _is_table(root, tensors):
        return _split("G_ema", root, tensors, {})
    # Their loaders want a module for every network: an empty one stands for none.
    root = {key: value for key, value in root.items() if not is_empty_module(value)}
    found = {
        ours: (key, root[key])
        for ours, keys in _UNDER.items()
        for key in keys
        if _is_network(root.get(key), tensors)
        or (key in NAMES and isinstance(root.get(key), Record))
    }
    if not found.keys() - {"augment_pipe"}:
        alone = next((key for key in _ALONE if _is_network(root.get(key), tensors)), None)
        if alone is not None:
            found["G_ema"] = (alone, root[alone])
    used = {key for key, _ in found.values()}
    # A network that is not there is often said to be None.
    beside = {k: v for k, v in root.items() if k not in used and not (k in NAMES and v is None)}
    if not found.keys() - {"augment_pipe"}:
        raise FormatError(_without_networks(root))
    if found.keys() == {"G_ema"} and not is_module(found["G_ema"][1]):
        return _split("G_ema", found["G_ema"][1], tensors, beside)
    return Wrapped({name: record for name, (_, record) in found.items()}, beside)


def _is_network(value: Any, tensors: Tensors) -> bool:
    return is_module(value) or _is_table(value, tensors)


def _is_table(value: Any, tensors: Tensors) -> bool:
    """Whether a dictionary is one of tensors, as a `state_dict` is."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(k, str) and tensors.is_tensor(v) for k, v in value.items())
    )


def _split(
    name: str, table: Mapping[str, Any], tensors: Tensors, beside: dict[str, Any]
) -> Wrapped:
    """A table of tensors whose names may begin with the name of the network that they are of."""
    plain = {key.removeprefix("module."): value for key, value in table.items()}
    if any(key.startswith(("SE.", "S.")) for key in plain):
        return Wrapped(_with_mappings(plain), beside)
    if layout_of(plain) is None:
        for prefix in _PREFIXES:
            inside = {k.removeprefix(prefix): v for k, v in plain.items() if k.startswith(prefix)}
            rest = [key for key in plain if not key.startswith(prefix)]
            if inside and all(re.fullmatch(_OTHERS, key) for key in rest):
                parts = sorted({key.partition(".")[0] for key in rest})
                notes = tuple(f"its {part} is not used" for part in parts)
                return Wrapped({name: inside}, beside, notes)
    return Wrapped({name: plain}, beside)


def _with_mappings(table: Mapping[str, Any]) -> dict[str, Any]:
    """The generators of such a table, each with its mapping network, and the discriminator.

    What is none of them is left in the first, whose reader refuses what it does not know.
    """
    networks: dict[str, Any] = {}
    rest = dict(table)
    for name, prefixes in _WITH_MAPPINGS.items():
        inside = {k.replace("E.", ".", 1): v for k, v in table.items() if k.startswith(prefixes)}
        if inside:
            networks[name] = inside
            rest = {key: value for key, value in rest.items() if not key.startswith(prefixes)}
    theirs = [key for key in rest if key.startswith("D.")]
    discriminator = {key.removeprefix("D."): rest.pop(key) for key in theirs}
    # The same discriminator once more: in what augments pictures, and in what contrasts them.
    rest = {key: value for key, value in rest.items() if not key.startswith(("D_aug.", "D_cl."))}
    networks[next(iter(networks))].update(rest)
    return networks | ({"D": discriminator} if discriminator else {})


def _without_networks(root: Mapping[Any, Any]) -> str:
    keys = ", ".join(ascii(key)[:40] for key in list(root)[:6])
    return f"it holds no network that is known by its name (it holds: {keys or 'nothing'})"
