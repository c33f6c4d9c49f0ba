"""Directions as people share them, in files of numpy and of torch, and in sets of our own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from common.errors import UserError, reason
from common.files import open_file
from networks.directions.spread import Array
from renderer.messages.directions import MAX_BYTES, DirectionSet, decode_set
from renderer.messages.model import ModelInfo
from renderer.pipeline.latents.saved_w import read_numbers

KEYS: Final = ("directions", "direction", "boundary", "lat_comp", "w")
"""What the directions are called in files with several arrays, as they are looked for."""


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
        if not found.fits(info):
            _check_styles(found, path, info)
            raise UserError(
                f"{path} holds directions in {found.num_ws} rows of {found.w_dim} numbers, but "
                f"{info.name} has {info.num_ws} rows of {info.w_dim}.",
                "They were found in another network.",
            )
        return found
    values = read_numbers(path, KEYS).astype(np.float64)
    name = Path(path).stem
    if values.shape[-1] != info.w_dim:
        raise UserError(
            f"{path} holds directions of {values.shape[-1]} numbers, but {info.name} takes "
            f"{info.w_dim}.",
            "They were found in another network.",
        )
    if values.ndim == 1 or (values.ndim == 2 and len(values) == info.num_ws):
        values = values.reshape(1, -1, info.w_dim)
    elif values.ndim == 2:
        values = values[:, None]
    if values.shape[1] not in (1, info.num_ws):
        raise UserError(
            f"{path} holds directions in {values.shape[1]} rows of w, but {info.name} has "
            f"{info.num_ws}.",
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
            data = opened.read(MAX_BYTES + 1) if opened.read(1) == b"{" else b""
    except OSError as error:
        raise UserError(f"Cannot read the directions {path}: {reason(error)}.") from error
    return decode_set(b"{" + data, path) if data else None


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
