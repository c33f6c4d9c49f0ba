"""Writing snapshots that NVIDIA's own programs open."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from common.errors import UserError
from common.files import cannot_write, replacing
from networks.formats.contents import FormatError
from networks.formats.nvidia_written import snapshot_pickle


def write_for_nvidia(
    path: str | os.PathLike[str],
    networks: Mapping[str, nn.Module],
    *,
    metadata: Mapping[str, Any] | None = None,
    augment_p: float | None = None,
) -> None:
    """Write a pickle that NVIDIA's loaders open and draw as we do, atomically.

    networks: G_ema or G, or both, and D where it is there; others are left out.
    metadata: of which `training_set_kwargs` goes along, which their programs ask for.
    augment_p: ADA's p in 0…1, which ours read again and theirs pass over; None: it is not known.
    Raises UserError, also for networks that their programs cannot draw.
    """
    target = Path(path)
    facts = {"training_set_kwargs": (metadata or {}).get("training_set_kwargs")}
    if augment_p is not None:
        facts["ada_aug_p"] = augment_p
    wanted = {name: net for name, net in networks.items() if name in ("G_ema", "G", "D")}
    try:
        pieces = snapshot_pickle(wanted, facts)
    except FormatError as error:
        raise UserError(f"Cannot write {target}: {error.reason}.", error.remedy) from error
    try:
        with replacing(target) as temporary, temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(target, error) from error
