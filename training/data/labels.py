"""Label files: {"labels": [[file, class or vector], …]}, or null for no labels.

What other tools write is read as well where it can mean only one thing: UTF-16 or a byte order
mark, {"labels": {file: label}}, {file: label} alone, classes such as "0" or 0.0, names written
otherwise than in the data (`training.data.matching`), and a file in the folder of the images.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from common.errors import UserError
from common.words import escaped
from training.data.archive import LABELS_FILE, Archive, UnreadableError
from training.data.matching import match

MAX_CLASSES = 1 << 16

Label = int | list[float]
"""The number of a class, or a vector."""


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What a label file says.

    where: the file, in words.
    labels: by the names of images, as the archive calls them.
    strangers: names that are labelled and that no image has, as the file writes them.
    classes: the names of the classes, which our `dataset` writes beside the labels, or None.
    """

    where: str
    labels: dict[str, Label]
    strangers: list[str]
    classes: list[str] | None


def label_files(archive: Archive) -> list[str]:
    """The label files of an archive: the one at its top, or else those in its folders."""
    if LABELS_FILE in archive.names:
        return [LABELS_FILE]
    return [name for name in archive.names if name.endswith("/" + LABELS_FILE)]


def read_labels(archive: Archive, images: Sequence[str]) -> LabelFile | None:
    """The labels of `images`, which are all images of the archive, or None where it has none.

    Classes are integers from 0; vectors are lists of finite numbers, all of one length. Raises
    UserError naming the file and the entry.
    """
    name, where = _file(archive)
    contents = _contents(archive, name, where, len(images))
    named: dict[str, Label] = {}
    for file, label, entry in _entries(contents, where):
        if file in named:
            raise UserError(f"{entry} names {escaped(file)} a second time.", _REMEDY)
        named[file] = _checked(label, f"{entry} ({escaped(file, 200)})")
    if not named:
        return None
    found = match(named, images, name.rpartition("/")[0], where)
    classes = contents.get("classes") if isinstance(contents, dict) else None
    if not isinstance(classes, list) or not all(isinstance(text, str) for text in classes):
        classes = None
    return LabelFile(
        where,
        {image: named[file] for file, image in found.items()},
        [file for file in named if file not in found],
        classes,
    )


def has_alpha(archive: Archive) -> bool:
    """Whether the data set was made with `dataset --channels 4`. Raises UserError."""
    name, where = _file(archive)
    contents = _contents(archive, name, where, len(archive.names))
    return isinstance(contents, dict) and contents.get("channels") == 4


def label_array(found: LabelFile, names: Sequence[str]) -> np.ndarray:
    """The labels in the order of `names`: int64 [N] of classes or float32 [N, label_dim].

    Raises UserError where a name has no label, a label no image, or kinds and lengths differ.
    """
    where, labels = found.where, found.labels
    missing = [name for name in names if name not in labels]
    stranger = escaped(found.strangers[0]) if found.strangers else ""
    if missing:
        other = f"; it labels {stranger}, which is not there" if stranger else ""
        raise UserError(
            f"{where} has no label for {len(missing)} of {len(names)} images (first: "
            f"{escaped(missing[0])}){other}.",
            "Label every image; `train` without --cond needs no labels.",
        )
    if stranger:
        count = len(labels) + len(found.strangers)
        raise UserError(
            f"{where} has {count} labels for {len(names)} images: {stranger} is not there.",
            "Copy the images again, or remove the label.",
        )
    first, shown = labels[names[0]], escaped(names[0])
    for name in names:
        label = labels[name]
        if isinstance(label, int) != isinstance(first, int):
            raise UserError(
                f"{where}: {escaped(name)} has a {_kind(label)}, {shown} a {_kind(first)}.",
                "Give every image a class, or every image a vector.",
            )
        if isinstance(label, list) and isinstance(first, list) and len(label) != len(first):
            raise UserError(
                f"{where}: {escaped(name)} has a vector of {len(label)} numbers, {shown} of "
                f"{len(first)}.",
                "Give every image a vector of the same length.",
            )
    dtype = np.int64 if isinstance(first, int) else np.float32
    return np.array([labels[name] for name in names], dtype)


def _file(archive: Archive) -> tuple[str, str]:
    # Its name in the archive, empty where there is none, and what it is called.
    names = label_files(archive)
    if len(names) > 1:
        raise UserError(
            f"{archive.path} has several label files, {escaped(names[0])} and {escaped(names[1])}.",
            "Give one of their folders; `dataset --labels none` reads none of them.",
        )
    name = names[0] if names else ""
    return name, f"{escaped(name)} of {archive.path}"


def _contents(archive: Archive, name: str, where: str, images: int) -> Any:
    if not name:
        return {}
    try:
        # Room for vectors of 800 numbers. Lists are packed by less than 30, and take in memory up
        # to 20 times their text.
        archive.check(name, (1 << 20) + (1 << 14) * images, ratio=50, harmless=1 << 22)
        data = archive.read(name)
        return msgspec.json.decode(data.decode(json.detect_encoding(data)))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = escaped(str(error), 200)
        raise UserError(f"{where} is not valid JSON: {text}.", _REMEDY) from error
    except RecursionError as error:
        raise UserError(f"{where} is nested too deep for labels.", _REMEDY) from error
    except MemoryError as error:
        raise UserError(f"{where} is too large for the memory that is free.", _REMEDY) from error
    except UnreadableError as error:
        raise UserError(f"{where} cannot be read: {error}.", _REMEDY) from error


def _entries(contents: Any, where: str) -> Iterator[tuple[str, Any, str]]:
    # Each file with its label, not yet checked, and where in the label file that stands.
    shape = f'{where} is not of the form {{"labels": [[file, label], …]}}'
    if not isinstance(contents, dict):
        raise UserError(f"{shape}.", _REMEDY)
    if "labels" in contents:
        entries, kind = contents["labels"], f"{where}: labels"
    else:
        entries = {k: v for k, v in contents.items() if k not in ("classes", "channels")}
        kind = where
    if entries is None:
        return
    if isinstance(entries, dict):
        for name, label in entries.items():
            if kind == where and not isinstance(label, int | float | str | list):
                raise UserError(f"{shape}, nor {{file: label}}: {escaped(name, 200)}.", _REMEDY)
            yield name, label, kind
        return
    if not isinstance(entries, list):
        raise UserError(f"{kind} is not a list of [file, label].", _REMEDY)
    for i, entry in enumerate(entries):
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str):
            raise UserError(f"{kind}[{i}] is not [file, label].", _REMEDY)
        yield entry[0], entry[1], f"{kind}[{i}]"


def _checked(label: Any, where: str) -> Label:
    if isinstance(label, str) and len(label) < 10 and label.isascii() and label.isdigit():
        label = int(label)
    if isinstance(label, float) and label.is_integer():
        label = int(label)
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
        and abs(value) < 3e38  # of what a float32 holds
    )


def _kind(label: Label) -> str:
    return "class" if isinstance(label, int) else "vector"


_REMEDY = "Correct it, or make the data with `dataset --labels none` or `--labels folders`."
