"""Which data a snapshot was trained with, as far as it or its run says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import UserError
from training.data.dataset import ImageDataset


def training_set(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """`training_set_kwargs` of a snapshot or of the run that it lies in; {} where unknown."""
    options = metadata.get("training_options")
    for place in (options, metadata):
        if isinstance(place, Mapping) and isinstance(place.get("training_set_kwargs"), Mapping):
            found: Mapping[str, Any] = place["training_set_kwargs"]
            return found
    return {}


def open_data(
    known: Mapping[str, Any],
    snapshot: Path,
    *,
    data: str | None,
    mirror: bool | None,
    labels: bool,
) -> ImageDataset:
    """All images, whatever subset was trained with, as FID is published (ADA, Section 4).

    data and mirror: of the user, else as `known` has them. Raises UserError.
    """
    path = Path(data).expanduser() if data is not None else _found(known.get("path"), snapshot)
    return ImageDataset(
        path, use_labels=labels, mirror=bool(known.get("xflip")) if mirror is None else mirror
    )


def _found(path: object, snapshot: Path) -> Path:
    """Where training found it; if that is not here, the same name beside the run."""
    if not isinstance(path, str) or not path:
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
