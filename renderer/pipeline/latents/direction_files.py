"""Directions as people share them, in files of numpy and of torch, and in sets of our own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from common.errors import UserError, reason
from common.files import open_file
from common.units import counted
from networks.directions.spread import Array
from renderer.messages.directions import MAX_BYTES, SUFFIX, DirectionSet, decode_set
from renderer.messages.model import ModelInfo
from renderer.pipeline.latents.saved_w import read_numbers
from renderer.pipeline.latents.wanted import Wanted

WANTED: Final = Wanted(
    "directions",
    ("directions", "direction", "boundary", "lat_comp", "eigvec", "w"),
    columns=("eigvec",),
)
"""What the directions are called in files with several arrays. rosinality's closed form (SeFa)
keeps them as the columns of `eigvec`."""
_HEADS: Final = (b"\x93NUMPY", b"PK", b"\x80")
"""How files of numpy and torch begin: `.npy`; `.npz` and torch.save; torch.save before 1.6."""
_HEAD: Final = 4096


class Foreign(NamedTuple):
    """Directions of another program.

    title: the name of the file.
    vectors: of any length, [1 or num_ws, w_dim] each.
    names: of each.
    """

    title: str
    vectors: list[Array]
    names: list[str]


def read_directions(path: str, info: ModelInfo) -> DirectionSet | Foreign:
    """The directions of a file, for a network. Raises UserError for what does not fit it.

    An array is [w_dim], [n, w_dim], [n, 1, w_dim] or [n, num_ws, w_dim]; one of two axes with as
    many rows as the network has rows of w is a single direction, [num_ws, w_dim]. Nothing in the
    file is executed.
    """
    found = read_own(path)
    if found is not None:
        if not found.components:
            raise UserError(f"{path} holds no directions.", "Find some with `directions find`.")
        if not found.fits(info):
            _check_styles(found, path, info)
            raise UserError(
                f"{path} holds directions in {counted(found.num_ws, 'row')} of {found.w_dim} "
                f"numbers, but {info.name} has {counted(info.num_ws, 'row')} of {info.w_dim}.",
                "They were found in another network.",
            )
        return found
    _check_kind(path)
    values = read_numbers(path, WANTED).astype(np.float64)
    name = Path(path).stem
    if values.shape[-1] != info.w_dim:
        raise UserError(
            f"{path} holds directions of {counted(values.shape[-1], 'number')}, but {info.name} "
            f"takes {info.w_dim}.",
            "They were found in another network.",
        )
    if values.ndim == 1 or (values.ndim == 2 and len(values) == info.num_ws):
        values = values.reshape(1, -1, info.w_dim)
    elif values.ndim == 2:
        values = values[:, None]
    if values.shape[1] not in (1, info.num_ws):
        raise UserError(
            f"{path} holds directions in {counted(values.shape[1], 'row')} of w, but {info.name} "
            f"has {info.num_ws}.",
            "They were found in a network of another resolution.",
        )
    if not values.any():
        raise UserError(f"{path} holds no direction: all of its numbers are 0.")
    names = [name] if len(values) == 1 else [f"{name} {i}" for i in range(len(values))]
    return Foreign(name, [*values], names)


def read_own(path: str) -> DirectionSet | None:
    """The set of our own in a file, for whatever network; None where it is a file of another kind.

    Raises UserError where it cannot be read.
    """
    try:
        with open_file(os.path.expanduser(path)) as opened:
            data = opened.read(_HEAD)
            if not data.startswith(b"{") or _is_safetensors(data):
                return None
            data += opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"Cannot read the directions {path}: {reason(error)}.") from error
    return decode_set(data, path)


def _check_kind(path: str) -> None:
    """Raise UserError for a file that is none of numpy or torch, and say what it is."""
    try:
        with open_file(os.path.expanduser(path)) as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise UserError(f"Cannot read the directions {path}: {reason(error)}.") from error
    if head.startswith(_HEADS):
        return
    if not head:
        kind = "it is empty"
    elif _is_safetensors(head):
        kind = "it is a safetensors file"
    elif b"\0" not in head and head.decode("utf-8", "replace").replace("\ufffd", "").strip():
        kind = "it is text"
    else:
        kind = "it is of another kind"
    raise UserError(
        f"{path} is no file of directions: {kind}.", f"Give a {SUFFIX}, .npy, .npz or .pt."
    )


def _is_safetensors(head: bytes) -> bool:
    """Whether a file begins as one of safetensors: the length of its header, which is JSON."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32


def _check_styles(found: DirectionSet, path: str, info: ModelInfo) -> None:
    """Raise UserError where a set has a style channel that a network lacks."""
    counts = {layer.name: layer.styles for layer in info.layers}
    for component in found.components:
        style = component.style
        if style is not None and style.channel >= counts.get(style.layer, 0):
            raise UserError(
                f"{path} holds the style channel {style.channel} of {style.layer}, which "
                f"{info.name} has not.",
                "It was found in another network.",
            )
