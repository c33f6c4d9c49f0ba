"""Transfer: a new run starts with what fits of a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from common.errors import UserError
from common.units import picture_size
from networks.snapshots.snapshot import Snapshot, open_snapshot


@dataclass(frozen=True)
class Taken:
    """What one network took from a snapshot; as text, a line for the log.

    network: its name in the run.
    source: the network of the snapshot that it took from; None where there was none.
    taken: names of the tensors that it took.
    missing: names of those that are not in the snapshot.
    unlike: names of those that have another shape there.
    """

    network: str
    source: str | None
    taken: tuple[str, ...]
    missing: tuple[str, ...]
    unlike: tuple[str, ...]

    def __str__(self) -> str:
        if self.source is None:
            return f"{self.network}: not in the snapshot; starts untrained."
        total = len(self.taken) + len(self.missing) + len(self.unlike)
        text = f"{self.network}: {len(self.taken)} of {total} tensors taken from {self.source}"
        if self.missing:
            text += f"; not in it: {_listed(self.missing)}"
        if self.unlike:
            text += f"; of another shape: {_listed(self.unlike)}"
        return text + "."


def open_source(path: str | Path, *, resolution: int, channels: int) -> Snapshot:
    """Open a snapshot with all its networks, to start training from.

    Raises UserError where it holds no generator, one for pictures of another size, or weights
    that are not finite.
    """
    snapshot = open_snapshot(path, names=None)
    if not {"G", "G_ema"} & set(snapshot.networks):
        raise UserError(f"{path} holds no generator.", "Name another snapshot for --resume.")
    source: Any = snapshot.networks.get("G_ema") or snapshot.networks["G"]
    if (source.resolution, source.img_channels) != (resolution, channels):
        raise UserError(
            f"{path} makes pictures of {picture_size(source.resolution, source.img_channels)}, "
            f"the data has {picture_size(resolution, channels)}.",
            f"Prepare the data with `dataset --width {source.resolution} --height "
            f"{source.resolution}`, or resume from another snapshot.",
        )
    for name in [name for name in ("G", "D", "G_ema") if name in snapshot.networks]:
        weights = snapshot.networks[name].state_dict()
        check_finite(path, {f"{name}.{key}": value for key, value in weights.items()})
    return snapshot


def check_finite(path: str | Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Raises UserError, naming the tensor, where weights in the file `path` are NaN or infinite.

    Training from them would go on to the end: gradients that are not finite are taken as 0.
    """
    for name, value in tensors.items():
        if value.is_floating_point() and not value.isfinite().all():
            bad = int((~value.isfinite()).sum())
            raise UserError(
                f"{path} cannot be trained from: {bad:,} of the {value.numel():,} numbers in "
                f"{name} are NaN or infinite.",
                "Name an earlier snapshot with --resume.",
            )


def transfer(snapshot: Snapshot, networks: Mapping[str, nn.Module]) -> list[Taken]:
    """Copy tensors of the same name and shape into `networks` (G, D, G_ema), and report on each.

    A generator that the snapshot lacks starts as its other one, the averaged one as the trained
    one and the other way round. Raises UserError where nothing fits.
    """
    report = []
    for name, network in networks.items():
        other = {"G": "G_ema", "G_ema": "G"}.get(name, name)
        source = next((n for n in (name, other) if n in snapshot.networks), None)
        given = {} if source is None else snapshot.networks[source].state_dict()
        report.append(_copy(name, source, given, network))
    learnt = {name for name, value in networks["G"].named_parameters() if value.ndim > 1}
    if not any(learnt & set(entry.taken) for entry in report if entry.network != "D"):
        raise UserError(
            f"Nothing in {snapshot.path} fits the networks of this run.",
            "Choose the --cfg that it was trained with.",
        )
    return report


def _copy(
    name: str, source: str | None, given: Mapping[str, torch.Tensor], network: nn.Module
) -> Taken:
    own = network.state_dict()
    taken = [key for key, value in own.items() if key in given and _fits(given[key], value)]
    with torch.no_grad():
        for key in taken:
            own[key].copy_(given[key])
    return Taken(
        name,
        source,
        tuple(taken),
        missing=tuple(key for key in own if key not in given),
        unlike=tuple(key for key in own if key in given and not _fits(given[key], own[key])),
    )


def _fits(given: torch.Tensor, own: torch.Tensor) -> bool:
    return given.shape == own.shape


def _listed(names: Collection[str]) -> str:
    shown = list(names)[:4]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
