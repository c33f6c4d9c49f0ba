"""`dataset.json`: {"labels": [[file, class or vector], …]}, or null for no labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from common.errors import UserError
from training.data.archive import LABELS_FILE, Archive, UnreadableError

MAX_CLASSES = 1 << 16

Label = int | list[float]
"""The number of a class, or a vector."""


def read_labels(archive: Archive) -> dict[str, Label] | None:
    """The labels by file name, or None where the archive has none.

    Classes are integers from 0; vectors are lists of finite numbers, all of one length. Raises
    UserError naming the file and the entry.
    """
    where = f"{LABELS_FILE} of {archive.path}"
    entries = _contents(archive, where).get("labels")
    if not entries:
        return None
    if not isinstance(entries, list):
        raise UserError(f"{where}: labels is not a list of [file, label].", _REMEDY)
    labels: dict[str, Label] = {}
    for i, entry in enumerate(entries):
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str):
            raise UserError(f"{where}: labels[{i}] is not [file, label].", _REMEDY)
        name = entry[0].replace("\\", "/")
        if name in labels:
            raise UserError(f"{where}: labels[{i}] names {name} a second time.", _REMEDY)
        labels[name] = _checked(entry[1], f"{where}: labels[{i}] ({name})")
    return labels


def read_classes(archive: Archive) -> list[str] | None:
    """The names of the classes, which our `dataset` writes beside the labels, or None."""
    names = _contents(archive, f"{LABELS_FILE} of {archive.path}").get("classes")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    return None


def label_array(labels: dict[str, Label], names: Sequence[str], where: str) -> np.ndarray:
    """The labels in the order of `names`: int64 [N] of classes or float32 [N, label_dim].

    Raises UserError where a name has no label, a label no image, or kinds and lengths differ.
    """
    missing = [name for name in names if name not in labels]
    if missing:
        raise UserError(
            f"{where} has no label for {len(missing)} of {len(names)} images (first: "
            f"{missing[0]}).",
            "Label every image, or train without labels.",
        )
    if len(labels) > len(names):
        extra = min(labels.keys() - set(names))
        raise UserError(
            f"{where} has {len(labels)} labels for {len(names)} images: {extra} is not there.",
            "Copy the images again, or remove the label.",
        )
    first = labels[names[0]]
    for name in names:
        label = labels[name]
        if isinstance(label, int) != isinstance(first, int):
            raise UserError(
                f"{where}: {name} has a {_kind(label)}, {names[0]} a {_kind(first)}.",
                "Give every image a class, or every image a vector.",
            )
        if isinstance(label, list) and isinstance(first, list) and len(label) != len(first):
            raise UserError(
                f"{where}: {name} has a vector of {len(label)} numbers, {names[0]} of "
                f"{len(first)}.",
                "Give every image a vector of the same length.",
            )
    dtype = np.int64 if isinstance(first, int) else np.float32
    return np.array([labels[name] for name in names], dtype)


def _contents(archive: Archive, where: str) -> dict[str, Any]:
    if LABELS_FILE not in archive.names:
        return {}
    try:
        contents = msgspec.json.decode(archive.read(LABELS_FILE))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{where} is not valid JSON: {error}.", _REMEDY) from error
    except UnreadableError as error:
        raise UserError(f"{where} cannot be read: {error}.", _REMEDY) from error
    if not isinstance(contents, dict):
        raise UserError(f'{where} is not of the form {{"labels": [[file, label], …]}}.', _REMEDY)
    return contents


def _checked(label: Any, where: str) -> Label:
    if isinstance(label, int) and not isinstance(label, bool):
        if not 0 <= label < MAX_CLASSES:
            raise UserError(
                f"{where} is class {label}, outside 0 to {MAX_CLASSES - 1}.",
                "Number the classes from 0.",
            )
        return label
    if isinstance(label, list) and label and all(_is_number(value) for value in label):
        return [float(value) for value in label]
    raise UserError(f"{where} is neither a class number nor a list of numbers.", _REMEDY)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) < 3e38
    )


def _kind(label: Label) -> str:
    return "class" if isinstance(label, int) else "vector"


_REMEDY = "Correct it, or make the data with `dataset --labels none` or `--labels folders`."
