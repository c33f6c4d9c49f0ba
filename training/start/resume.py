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
from networks.families import families
from networks.snapshots.snapshot import Snapshot, open_snapshot
from training.run.configs import CONFIGS

ENOUGH = 0.5
"""The share of a network from which on a transfer is worth its name."""


@dataclass(frozen=True)
class Taken:
    """What one network took from a snapshot; as text, a line for the log.

    network: its name in the run.
    source: the network of the snapshot that it took from; None where there was none.
    taken: names of the tensors that it took.
    missing: names of those that are not in the snapshot.
    unlike: names of those that have another shape there.
    share: of the network's parameters and buffers, the numbers that it took, in 0…1.
    """

    network: str
    source: str | None
    taken: tuple[str, ...]
    missing: tuple[str, ...]
    unlike: tuple[str, ...]
    share: float

    def __str__(self) -> str:
        if self.source is None:
            return f"{self.network}: not in the snapshot; starts untrained."
        total = len(self.taken) + len(self.missing) + len(self.unlike)
        text = f"{self.network}: {len(self.taken)} of {total} tensors, "
        text += f"{_percent(self.share)} of the numbers in it, taken from {self.source}"
        if self.missing:
            text += f"; not in it: {_listed(self.missing)}"
        if self.unlike:
            text += f"; of another shape: {_listed(self.unlike)}"
        return text + "."


def open_source(path: str | Path, *, resolution: int, channels: int) -> Snapshot:
    """Open a snapshot with all its networks, to start training from.

    One for smaller pictures will do where its family names tensors by resolution: all but the
    blocks of the higher resolutions, which start untrained, can then be taken from it.

    Raises UserError where it holds no generator, one for pictures of any other size, or weights
    that are not finite.
    """
    snapshot = open_snapshot(path, names=None)
    if not {"G", "G_ema"} & set(snapshot.networks):
        raise UserError(f"{path} holds no generator.", "Name another snapshot for --resume.")
    source = generator_of(snapshot)
    if source.img_shape[0] != source.img_shape[1]:
        raise UserError(
            f"{path} makes pictures of {picture_size(source.img_shape, source.img_channels)}, and "
            "networks are trained on squares.",
            "Name another snapshot for --resume.",
        )
    grows = _by_resolution(snapshot.family) and source.resolution < resolution
    if source.img_channels != channels or not (source.resolution == resolution or grows):
        raise UserError(
            f"{path} makes pictures of {picture_size(source.resolution, source.img_channels)}, "
            f"the data has {picture_size(resolution, channels)}.",
            _prepared(source, resolution, channels),
        )
    for name in [name for name in ("G", "D", "G_ema") if name in snapshot.networks]:
        weights = snapshot.networks[name].state_dict()
        check_finite(path, {f"{name}.{key}": value for key, value in weights.items()})
    return snapshot


def generator_of(snapshot: Snapshot) -> Any:
    """The averaged generator of a snapshot, or its trained one where it holds no other."""
    return snapshot.networks.get("G_ema") or snapshot.networks["G"]


def _by_resolution(family: str) -> bool:
    """Whether networks for smaller pictures are a start for larger ones."""
    traits = families()[family].training
    return traits is not None and traits.named_by_resolution


def _prepared(source: Any, resolution: int, channels: int) -> str:
    """How data of another size becomes that of the network `source`, where it can."""
    flags = []
    if source.resolution != resolution:
        flags.append(f"--width {source.resolution} --height {source.resolution}")
    if source.img_channels != channels:
        if source.img_channels not in (1, 3):
            return "Resume from another snapshot."
        flags.append(f"--channels {source.img_channels}")
    return f"Prepare the data with `dataset {' '.join(flags)}`, or resume from another snapshot."


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
    report = compare(snapshot, networks)
    with torch.no_grad():
        for entry in report:
            own = networks[entry.network].state_dict()
            for key in entry.taken:
                own[key].copy_(snapshot[entry.source or ""].state_dict()[key])
    return report


def compare(snapshot: Snapshot, networks: Mapping[str, nn.Module]) -> list[Taken]:
    """What `transfer` would take, without taking it. Raises UserError where nothing fits."""
    report = []
    for name, network in networks.items():
        other = {"G": "G_ema", "G_ema": "G"}.get(name, name)
        source = next((n for n in (name, other) if n in snapshot.networks), None)
        given = {} if source is None else snapshot.networks[source].state_dict()
        report.append(_compare(name, source, given, network.state_dict()))
    learnt = {name for name, value in networks["G"].named_parameters() if value.ndim > 1}
    if not any(learnt & set(entry.taken) for entry in report if entry.network != "D"):
        raise UserError(
            f"Nothing in {snapshot.path} fits the networks of this run.",
            _its_config(snapshot),
        )
    return report


def little(snapshot: Snapshot, report: Collection[Taken]) -> str | None:
    """A warning where a network took less than half of itself from one that was there, else None.

    What is left out starts untrained among layers that are trained, and most of the training that
    was meant to be saved is needed again.
    """
    shares = [
        f"{_percent(entry.share)} of {entry.network}"
        for entry in report
        if entry.source is not None and entry.share < ENOUGH
    ]
    if not shares:
        return None
    return f"Only {', '.join(shares)} comes from the snapshot. {_its_config(snapshot)}"


def _its_config(snapshot: Snapshot) -> str:
    options = snapshot.metadata.get("training_options")
    name = options.get("cfg") if isinstance(options, dict) else None
    if name in CONFIGS:
        return f"Choose the --cfg that it was trained with: {name}."
    return "Choose the --cfg that it was trained with."


def _compare(
    name: str,
    source: str | None,
    given: Mapping[str, torch.Tensor],
    own: Mapping[str, torch.Tensor],
) -> Taken:
    taken = [key for key, value in own.items() if key in given and _fits(given[key], value)]
    numbers = sum(value.numel() for value in own.values())
    return Taken(
        name,
        source,
        tuple(taken),
        missing=tuple(key for key in own if key not in given),
        unlike=tuple(key for key in own if key in given and not _fits(given[key], own[key])),
        share=sum(own[key].numel() for key in taken) / max(numbers, 1),
    )


def _fits(given: torch.Tensor, own: torch.Tensor) -> bool:
    return given.shape == own.shape


def _percent(share: float) -> str:
    """Never 100 % where something is missing."""
    return f"{int(100 * share + 1e-9)} %"


def _listed(names: Collection[str]) -> str:
    shown = list(names)[:4]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
