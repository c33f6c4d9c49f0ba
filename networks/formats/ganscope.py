"""Our own snapshots: safetensors whose tensors are named `G_ema.…`, `G.…`, `D.…`, `augment_pipe.…`.

The header's text metadata holds one JSON document under `ganscope`: version, the family and
constructor keywords of each network, kimg, augment_p, free metadata (dataset, licence …), and the
digests of each tensor and of the keywords of each network, which are checked when they are read.
Files from before digests open too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from common.snapshot_files import OURS
from networks.formats import Format
from networks.formats.contents import (
    DAMAGED,
    INCOMPLETE,
    NAMES,
    Contents,
    FormatError,
    NetworkData,
    Source,
    TensorRef,
)
from networks.formats.digests import is_as_written, text_digest

KEY: Final = "ganscope"
VERSION: Final = 1
KINDS: Final = ("generator", "discriminator", "augmentation")
_MAX_HEADER: Final = 1 << 24
DTYPES: Final = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}


def recognises(source: Source) -> bool:
    """Safetensors: the length of a JSON header, then the header, which may be cut off."""
    length = _header_length(source)
    return source.head[8:9] == b"{" and 2 <= length <= max(source.size - 8, _MAX_HEADER)


def _header_length(source: Source) -> int:
    return int.from_bytes(source.head[:8], "little")


def read(source: Source, names: Collection[str]) -> Contents:
    """The networks `names` of a snapshot, still in the file. Raises FormatError."""
    length = _header_length(source)
    if length > _MAX_HEADER:
        raise FormatError("it is a safetensors file with a header too large for a snapshot")
    if length > source.size - 8:
        raise FormatError("it ends in its header: the file is incomplete", INCOMPLETE)
    try:
        file: Any = safe_open(source.path, framework="pt")
        document = (file.metadata() or {}).get(KEY)
        keys = list(file.keys())
    except (SafetensorError, OSError) as error:
        if "incomplete" in str(error).lower():  # fewer bytes than its header speaks of
            raise FormatError("it ends in a tensor: the file is incomplete", INCOMPLETE) from error
        raise FormatError(f"it is a damaged safetensors file ({error})") from error
    if document is None:
        shown = ", ".join(ascii(key)[1:-1][:40] for key in keys[:3])
        raise FormatError(
            f"it is a safetensors file of something else (tensors: {shown or 'none'})"
        )
    header = _document(document)
    networks = _table(header, "networks")
    known = _table(header, "digests")
    tensors = {key: _ref(file, key, known) for key in keys}
    p = tensors.get("augment_pipe.p")
    augment_p = _number(header.get("augment_p"))
    _account(networks, keys)
    return Contents(
        available=tuple(name for name in NAMES if name in networks),
        networks={
            name: _network(name, _table(networks, name), tensors, known)
            for name in NAMES
            if name in networks and name in names
        },
        kimg=_number(header.get("kimg")),
        augment_p=float(p.load()) if augment_p is None and p and p.shape == () else augment_p,
        metadata=_table(header, "metadata"),
    )


def _account(networks: Mapping[str, Any], keys: Collection[str]) -> None:
    """Refuse what this version knows nothing of, and so would leave out of a picture."""
    for name in networks:
        if name not in NAMES:
            raise FormatError(f"its header describes a network {name[:40]!a}, which is unknown")
    for key in keys:
        if key.partition(".")[0] not in NAMES:
            raise FormatError(f"the tensor {key[:80]!a} is of no network")


def _network(
    name: str,
    facts: Mapping[str, Any],
    tensors: Mapping[str, TensorRef],
    digests: Mapping[str, object],
) -> NetworkData:
    kind, family = facts.get("kind"), facts.get("family")
    if kind not in KINDS or not isinstance(family, str):
        raise FormatError(f"its header does not say what network {name} is")
    for key in facts.keys() - {"kind", "family", "config"}:
        raise FormatError(f"its header says {key[:40]!a} of {name}, which is unknown")
    config = dict(_table(facts, "config"))
    if digests.get(f"{name}.config", digest := text_digest(config)) != digest:
        raise FormatError(f"the settings of its {name} are not as they were written", DAMAGED)
    prefix = name + "."
    own = {key.removeprefix(prefix): ref for key, ref in tensors.items() if key.startswith(prefix)}
    return NetworkData(kind, family, config, own)


def _document(text: str) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("its header is no JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("version"), int):
        raise FormatError("its header has no version")
    if header["version"] > VERSION:
        raise FormatError(
            f"it was written by a newer ganscope (layout {header['version']})",
            "Update ganscope to open it.",
        )
    return header


def _table(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key, {})
    if not isinstance(value, dict):
        raise FormatError(f"its header's {key} is no table")
    return value


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e15:
        return None
    return float(value)


def _ref(file: Any, key: str, digests: Mapping[str, object]) -> TensorRef:
    piece = file.get_slice(key)
    dtype = DTYPES.get(piece.get_dtype())
    if dtype is None:
        raise FormatError(f"tensor {key!a} has the type {piece.get_dtype()}, which is no float")

    def load() -> Tensor:
        # The library maps the file; a copy stays whole when the file changes.
        tensor: Tensor = file.get_tensor(key).clone()
        if not is_as_written(tensor, key, digests):
            raise FormatError(f"its tensor {key!a} is not as it was written", DAMAGED)
        return tensor

    return TensorRef(tuple(piece.get_shape()), dtype, load)


def header(
    networks: Mapping[str, Mapping[str, Any]],
    *,
    kimg: float | None,
    augment_p: float | None,
    metadata: Mapping[str, Any],
    digests: Mapping[str, str],
) -> dict[str, str]:
    """The text metadata of a file.

    networks: kind, family and config of each. digests: of each tensor, by its name in the file.
    """
    document = {
        "version": VERSION,
        "networks": networks,
        "kimg": kimg,
        "augment_p": augment_p,
        "metadata": metadata,
        "digests": {
            **digests,
            **{f"{name}.config": text_digest(facts["config"]) for name, facts in networks.items()},
        },
    }
    return {"format": "pt", KEY: json.dumps(document, ensure_ascii=False, allow_nan=False)}


FORMAT: Final = Format(
    name="ganscope safetensors",
    order=10,
    recognises=recognises,
    read=read,
    made_by="ganscope",
    suffixes=(OURS,),
)
