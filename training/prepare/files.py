"""Images in a folder, with all its folders, or in a zip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from common.errors import UserError
from training.data.archive import LABELS_FILE, Archive, UnreadableError, is_image_name, printable
from training.data.labels import MAX_CLASSES, Label, read_classes, read_labels
from training.prepare.decode import MAX_BYTES
from training.prepare.item import Item, LabelsFrom, Payload, natural

NOT_AN_IMAGE = "no image file, by its extension"
NO_LABEL = f"no label in {LABELS_FILE}; --labels none takes such images too"


class FileSource:
    """Every file of a folder or zip, in natural order; those that are no images carry a reason.

    A file is taken for an image by its extension, or when it has none. Files are read by the
    workers, zip entries here.
    """

    def __init__(self, path: Path, labels: LabelsFrom) -> None:
        self.archive = Archive(path)
        self.classes: list[str] | None = None
        names = (name for name in self.archive.names if name != LABELS_FILE)
        self.names = sorted(names, key=natural)
        self.labels: dict[str, Label] | None = None
        if labels in ("auto", "json"):
            self.labels = read_labels(self.archive)
            self.classes = read_classes(self.archive)
        if labels == "json" and self.labels is None:
            raise UserError(
                f"{path} has no labels in {LABELS_FILE}.", "Use --labels folders or none."
            )
        if labels == "folders":
            self.classes, self.labels = _of_folders([n for n in self.names if _maybe(n)], path)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Item]:
        for name in self.names:
            shown = printable(name)
            label = None if self.labels is None else self.labels.get(name)
            if not _maybe(name):
                yield Item(shown, reason=NOT_AN_IMAGE)
            elif self.labels is not None and label is None:
                yield Item(shown, reason=NO_LABEL)
            else:
                try:
                    yield Item(shown, self._payload(name), label)
                except UnreadableError as error:
                    yield Item(shown, reason=str(error))

    def _payload(self, name: str) -> Payload:
        if not self.archive.is_zip:
            return self.archive.path / name
        if self.archive.size(name) > MAX_BYTES:
            raise UnreadableError(f"larger than {MAX_BYTES >> 20} MiB")
        return self.archive.read(name)


def _maybe(name: str) -> bool:
    return is_image_name(name) or "." not in name.rsplit("/", 1)[-1]


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
                f"{printable(name)} of {path} lies in no class folder.",
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
    return [printable(name) for name in classes], labels
