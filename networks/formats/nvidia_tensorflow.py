"""Snapshots of NVIDIA's TensorFlow programs: Progressive GAN, StyleGAN, StyleGAN2, StyleGAN2-ADA.

A pickle of the tuple (G, D, Gs), Gs being the moving average of G, or of one network alone. No
TensorFlow is needed, and the program texts in the file are neither run nor looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from networks.formats import Format
from networks.formats.contents import NAMES, Contents, FormatError, NetworkData, Source
from networks.formats.tensorflow import pggan, stylegan1, stylegan2
from networks.formats.tensorflow.settings import TRUNCATION
from networks.formats.tensorflow.state import DATA_NAMES, NetworkState, is_network, read_state
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle

_OURS: Final = {"G": "G", "D": "D", "Gs": "G_ema"}
_IN_TUPLE: Final = ("G", "D", "G_ema")
_KNOWN: Final = "Progressive GAN, StyleGAN, StyleGAN2 and StyleGAN2-ADA can be opened."
_CUTOFF: Final = {"G_style": 8}
_PSI: Final = {"G_style": 0.7, "G_main": 0.5}


def recognises(source: Source) -> bool:
    """A pickle whose first object is a `Network` of dnnlib or, before it, of tfutil."""
    start = source.head[:256]
    return start[:1] == b"\x80" and (b"dnnlib.tflib.network" in start or b"tfutil" in start)


def read(source: Source, names: Collection[str]) -> Contents:
    """The networks `names` of a snapshot, still in the file. Raises FormatError."""
    root, _ = unpickle(source.data, Names(DATA_NAMES), budget=Budget())
    records = _networks(root)
    networks: dict[str, NetworkData] = {}
    unread: dict[str, FormatError] = {}
    for name in NAMES:
        if name in records and name in names:
            try:
                networks[name] = _network(read_state(records[name]))
            except FormatError as error:
                unread[name] = error
    return Contents(
        available=tuple(name for name in NAMES if name in records),
        networks=networks,
        unread=unread,
        metadata=_truncation(records),
    )


def _networks(root: Any) -> dict[str, Any]:
    """The record of each network by our names."""
    found: dict[str, Any] = {}
    if is_network(root):
        found = {_name(root, "G_ema"): root}
    elif isinstance(root, (tuple, list)) and len(root) == len(_IN_TUPLE):
        pairs = zip(_IN_TUPLE, root, strict=True)
        found = {name: record for name, record in pairs if record is not None}
    elif isinstance(root, (tuple, list)):
        found = {_name(record, str(index)): record for index, record in enumerate(root)}
    elif isinstance(root, dict):
        found = {_OURS.get(str(name), str(name)): record for name, record in root.items()}
    if not found or not set(found) <= set(NAMES) or not all(map(is_network, found.values())):
        raise FormatError("it is a TensorFlow snapshot without the networks G, D and Gs")
    return found


def _name(record: Any, default: str) -> str:
    state = record.state if is_network(record) else None
    name = state.get("name") if isinstance(state, dict) else None
    return _OURS.get(name, default) if isinstance(name, str) else default


def _network(state: NetworkState) -> NetworkData:
    parts = {name: part.builder for name, part in state.components.items()}
    reader = _reader(state, parts)
    if reader is None:
        inner = f" of {', '.join(parts.values())}" if parts else ""
        raise FormatError(
            f"its {state.name} was built by {state.builder}{inner}, which this version cannot draw",
            _KNOWN,
        )
    return reader(state)


def _reader(
    state: NetworkState, parts: Mapping[str, str]
) -> Callable[[NetworkState], NetworkData] | None:
    """Whose network it is, by the functions that built it and its parts."""
    if not parts:
        return _ALONE.get(state.builder)
    if parts.keys() != {"mapping", "synthesis"} or parts["mapping"] != "G_mapping":
        return None
    if state.builder == "G_style" and parts["synthesis"] == "G_synthesis":
        return stylegan1.read_generator
    if state.builder == "G_main" and parts["synthesis"] in stylegan2.SYNTHESES:
        return stylegan2.read_generator
    return None


_ALONE: Final[dict[str, Callable[[NetworkState], NetworkData]]] = {
    "G_paper": pggan.read_generator,
    "D_paper": pggan.read_discriminator,
    "D_basic": stylegan1.read_discriminator,
    **dict.fromkeys(stylegan2.DISCRIMINATORS, stylegan2.read_discriminator),
}


def _truncation(records: Mapping[str, Any]) -> dict[str, Any]:
    """With which truncation their program draws where it is not told: the file's own words, or
    else the published ones."""
    record = records.get("G_ema", records.get("G"))
    if record is None:
        return {}
    state = read_state(record)
    if state.builder not in _PSI:
        return {}
    defaults = {
        "truncation_psi": _PSI[state.builder],
        "truncation_cutoff": _CUTOFF.get(state.builder),
    }
    found = {name: state.settings.get(name, defaults[name]) for name in TRUNCATION}
    return {name: value for name, value in found.items() if isinstance(value, (int, float))}


FORMAT: Final = Format(
    name="NVIDIA TensorFlow pickle",
    order=40,
    recognises=recognises,
    read=read,
    made_by="NVIDIA",
    suffixes=(".pkl",),
    pickled_names=DATA_NAMES,
)
