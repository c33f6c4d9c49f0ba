"""Images in a folder, with all its folders, or in a zip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from common.errors import UserError
from common.words import escaped
from training.data.archive import LABELS_FILE, Archive, UnreadableError
from training.data.labels import MAX_CLASSES, Label, label_files, read_labels
from training.prepare.item import Item, LabelsFrom, Payload, natural

NOT_AN_IMAGE = "no image file, by its name and first bytes"
NO_LABEL = f"no label in {LABELS_FILE}; --labels none takes such images too"
NOT_THERE = f"labelled in {LABELS_FILE}, but not there"
COUNTED = (NOT_AN_IMAGE, NO_LABEL, NOT_THERE)
"""Reasons that thousands of files may have, and that need no line each."""


class FileSource:
    """Every file of a folder or zip, in natural order; those that are no images carry a reason.

    A file is taken for an image by its extension, or by its first bytes where that says nothing.
    Files are read by the workers, zip entries here.
    """

    def __init__(self, path: Path, labels: LabelsFrom) -> None:
        self.archive = Archive(path)
        self.classes: list[str] | None = None
        self.notes: list[str] = []
        images = self.archive.images()
        self.images = set(images)
        names = set(self.archive.names) - set(label_files(self.archive))
        self.names = sorted(names, key=natural)
        self.labels: dict[str, Label] | None = None
        self.strangers: list[str] = []
        if labels in ("auto", "json"):
            self._read_labels(images)
        if labels == "json" and self.labels is None:
            raise UserError(
                f"{path} has no labels in {LABELS_FILE}.", "Use --labels folders or none."
            )
        if labels == "folders":
            ordered = [name for name in self.names if name in self.images]
            self.classes, self.labels = _of_folders(ordered, path)

    def _read_labels(self, images: list[str]) -> None:
        found = read_labels(self.archive, images)
        if found is None:
            return
        if images and not found.labels:
            raise UserError(
                f"{found.where} labels {escaped(found.strangers[0])}, and no image is called so: "
                f"the first one is {escaped(images[0])}.",
                "Correct the names, or leave the labels out with --labels none.",
            )
        self.classes, self.strangers = found.classes, found.strangers
        self.labels = found.labels
        if not self.strangers:  # or the pictures of class 0 may be among them
            self.labels, self.notes = _from_zero(found.labels, found.classes)

    def __len__(self) -> int:
        return len(self.names) + len(self.strangers)

    def __iter__(self) -> Iterator[Item]:
        for name in self.names:
            shown = escaped(name)
            label = None if self.labels is None else self.labels.get(name)
            if name not in self.images:
                yield Item(shown, reason=NOT_AN_IMAGE)
            elif self.labels is not None and label is None:
                yield Item(shown, reason=NO_LABEL)
            else:
                try:
                    yield Item(shown, self._payload(name), label)
                except UnreadableError as error:
                    yield Item(shown, reason=str(error))
        for name in self.strangers:
            yield Item(escaped(name), reason=NOT_THERE)

    def _payload(self, name: str) -> Payload:
        return self.archive.read(name) if self.archive.is_zip else self.archive.path / name


def _from_zero(
    labels: dict[str, Label], classes: list[str] | None
) -> tuple[dict[str, Label], list[str]]:
    """Labels whose classes are 1 to N, all of them used, numbered from 0; and a note of that.

    A class without pictures would be one more that the network is asked for and never learns.
    classes: names of the classes; where class 0 has one it is meant, and nothing changes.
    """
    numbers = {label for label in labels.values() if isinstance(label, int)}
    last = len(numbers)
    if last < 2 or numbers != set(range(1, last + 1)) or (classes and len(classes) != last):
        return labels, []
    shifted = {n: label - 1 if isinstance(label, int) else label for n, label in labels.items()}
    return shifted, [f"The classes are numbered 1 to {last}: they are written as 0 to {last - 1}."]


def _of_folders(names: list[str], path: Path) -> tuple[list[str], dict[str, Label]]:
    # Folders around everything (faces.zip with faces/cat/…) say nothing, so they are passed over.
    folders = [name.split("/")[:-1] for name in names]
    depth = 0
    while folders and all(len(f) > depth + 1 for f in folders):
        if len({f[depth] for f in folders}) > 1:
            break
        depth += 1
    for name, folder in zip(names, folders, strict=True):
        if len(folder) <= depth:
            raise UserError(
                f"{escaped(name)} of {path} lies in no class folder.",
                "Put every image into the folder of its class, or leave out --labels folders.",
            )
    classes = sorted({f[depth] for f in folders}, key=natural)
    if len(classes) > MAX_CLASSES:
        raise UserError(
            f"{path} has {len(classes)} folders: more classes than {MAX_CLASSES}.",
            "Leave out --labels folders.",
        )
    number = {name: i for i, name in enumerate(classes)}
    labels: dict[str, Label] = {n: number[f[depth]] for n, f in zip(names, folders, strict=True)}
    return [escaped(name) for name in classes], labels
