"""Which data a snapshot was trained with, as far as it or its run says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.runs.facts import RunOptions, run_options
from training.data.dataset import ImageDataset, NoLabelsError


def trained_with(metadata: Mapping[str, Any]) -> RunOptions:
    """What a snapshot's metadata, or the run that it lies in, says of its training."""
    options = metadata.get("training_options")
    found = run_options(options if isinstance(options, Mapping) else None)
    return found if found.data_path else run_options(metadata)


def open_data(
    known: RunOptions,
    snapshot: Path,
    *,
    data: str | None,
    mirror: bool | None,
    labels: bool,
) -> ImageDataset:
    """All images, whatever subset was trained with, as FID is published (ADA, Section 4).

    known: what the snapshot says of its training.
    data: the path that the user gives; None: as training had it.
    mirror: whether the user wants flipped pictures too; None: as training had it.
    labels: whether labels are read.
    Raises UserError where there is no data, or it cannot be read.
    """
    if data is not None and not data.strip():
        raise UserError("--data: no data is named.", "Give a zip or a folder, or leave it out.")
    path = Path(data).expanduser() if data is not None else _found(known.data_path, snapshot)
    mirrored = known.mirrored if mirror is None else mirror
    try:
        return ImageDataset(path, use_labels=labels, mirror=mirrored)
    except NoLabelsError as error:
        raise UserError(
            f"{snapshot} draws pictures of classes, and {path} has no labels to take them from.",
            "Give --data with labels, such as `dataset --labels folders` makes.",
        ) from error


def _found(path: str, snapshot: Path) -> Path:
    """Where training found its data; if that is not here, the same name beside the run."""
    if not path:
        raise UserError(
            f"{snapshot} does not say what data it was trained with.", "Give --data DATA.zip."
        )
    places = [Path(path), *(folder / path for folder in snapshot.parents[:3])]
    name = path.replace("\\", "/").rpartition("/")[2]
    places += [folder / name for folder in snapshot.parents[:3]]
    for place in places:
        if place.exists():
            return place
    raise UserError(
        f"{snapshot} was trained with {path}, which is not here.", "Give --data DATA.zip."
    )
