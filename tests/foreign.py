"""Files that other people's code wrote, and the pictures that it draws from them.

Beside each file lies an `.npz`: `seeds`, `psi`, `label`, `cutoff` (-1: none) and `images_f32`
[psi, seed, C, H, W]. Small ones are in `tests/data/foreign`; all of them in the folder
that the environment variable GANSCOPE_FOREIGN names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch

from networks.base import Generator, NoiseInput, truncate
from networks.snapshots.snapshot import Snapshot
from tests.paths import DATA

SMALL: Final = DATA / "foreign"
EVERYTHING: Final = Path(os.environ.get("GANSCOPE_FOREIGN", ""))
"""The folder of all of them, the current one where nobody said."""
WITHOUT_IT: Final = "GANSCOPE_FOREIGN names no folder of files of other programs"
CANARY: Final = "h2-canary-embedded-source-was-run"
"""What a file's own source would write into the temporary folder if it were run."""


def foreign_folder() -> Path:
    """The folder with all files. Skips the test where there is none."""
    if not os.environ.get("GANSCOPE_FOREIGN") or not EVERYTHING.is_dir():
        pytest.skip(WITHOUT_IT)
    return EVERYTHING


def files(root: Path, *folders: str) -> list[Path]:
    """Every file with pictures in these folders below `root` (none: in all of them)."""
    found = sorted(p for p in root.glob("*/*") if p.suffix != ".npz" and reference(p) is not None)
    return [path for path in found if not folders or path.parent.name in folders]


def reference(path: Path) -> Any:
    """What the program that wrote a file draws from it; None where that is not known."""
    beside = path.with_suffix(".npz")
    return np.load(beside) if beside.exists() else None


def read_reference(path: Path) -> dict[str, np.ndarray]:
    """The numbers beside a file."""
    with np.load(path.with_suffix(".npz")) as file:
        return {name: file[name] for name in file.files}


def drawn(generator: Generator, seed: int, psi: float, label: int, cutoff: int = -1) -> np.ndarray:
    """The picture of a seed, [C, H, W] float32, as the references were made: constant noise.

    label: -1 for none. cutoff: -1 truncates all rows.
    """
    z = np.random.RandomState(seed).randn(1, generator.z_dim).astype(np.float32)
    c = torch.zeros(1, generator.c_dim)
    if label >= 0 and generator.c_dim:
        c[0, label] = 1
    with torch.inference_mode():
        w = generator.map(torch.from_numpy(z), c if generator.c_dim else None)
        ws = w[:, None].expand(-1, generator.num_ws, -1)
        ws = truncate(ws, generator.w_avg, psi, None if cutoff < 0 else cutoff)
        made: np.ndarray = generator.render(ws, NoiseInput("const"))[0].numpy()
    return made


def picture(snapshot: Snapshot, seed: int, psi: float, label: int, cutoff: int = -1) -> np.ndarray:
    """The same of the generator that a snapshot shows."""
    return drawn(snapshot.G_ema, seed, psi, label, cutoff)


def difference(generator: Generator, theirs: Any, psi: float) -> float:
    """How far our pictures are from theirs, as a share of the largest number in theirs."""
    row = np.atleast_1d(theirs["psi"]).tolist().index(psi)
    label, cutoff, worst = int(theirs["label"]), int(theirs["cutoff"]), 0.0
    for seed, expected in zip(theirs["seeds"], theirs["images_f32"][row], strict=True):
        ours = drawn(generator, int(seed), psi, label, cutoff)
        if ours.shape != expected.shape:
            return float("inf")
        worst = max(worst, float(np.abs(ours - expected).max() / np.abs(expected).max()))
    return worst


def worst_error(snapshot: Snapshot, theirs: dict[str, np.ndarray]) -> float:
    """The largest difference at any psi."""
    return max(difference(snapshot.G_ema, theirs, float(psi)) for psi in theirs["psi"])
