"""What every source of images offers: items in a fixed order, each with its pixels and label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from training.data.labels import Label

LabelsFrom = Literal["auto", "json", "folders", "none"]
"""Where labels come from: `json` is dataset.json, `folders` the names of the top folders, and
`auto` whatever the source brings along (dataset.json, a class archive)."""

Payload = Path | bytes | np.ndarray
"""An image as it is handed to the worker processes: a file to open, the bytes of one, or pixels,
uint8 [H, W] or [H, W, 3]."""


@dataclass(frozen=True, slots=True)
class Item:
    """An image of a source, or a file that is left out.

    name: what the user is told, unique within the source.
    payload: where its pixels are; None where it is left out.
    label: its class or vector; None where it has none.
    reason: why it is left out, in a few words; empty where it is not.
    """

    name: str
    payload: Payload | None = None
    label: Label | None = None
    reason: str = ""


class Source(Protocol):
    """Images in a fixed order; `len` counts the items, those that are left out included.

    classes: the names of the classes that labels number, where names are known.
    notes: what the user is told of the source as a whole, a sentence each.
    """

    classes: list[str] | None
    notes: list[str]

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item]: ...


def natural(name: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """A key that sorts img2 before img10, folder by folder."""
    parts: list[tuple[int, str]] = []
    for component in name.split("/"):
        parts.extend(_chunks(component))
        parts.append((-1, ""))
    return tuple(parts), name


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    # (number of digits, digits) sorts like the number, without limits on how long it is.
    start = 0
    while start < len(text):
        end = start + 1
        digits = _digit(text[start])
        while end < len(text) and _digit(text[end]) == digits:
            end += 1
        chunk = text[start:end]
        if digits:
            chunk = chunk.lstrip("0")
            yield len(chunk), chunk
        else:
            yield 1 << 30, chunk
        start = end


def _digit(character: str) -> bool:
    return "0" <= character <= "9"
