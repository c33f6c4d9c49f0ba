"""Snapshot files that the public programs wrote, and the pictures that those programs draw.

Small ones are in `tests/data/foreign`. The environment variable GANSCOPE_FOREIGN may name a folder
with more of them, in the same layout: `PROGRAM/NAME.pkl` beside `PROGRAM/NAME.npz`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from networks.base import NoiseInput, truncate
from networks.snapshots.snapshot import Snapshot
from tests.paths import DATA

SMALL = DATA / "foreign"
CANARY = "h2-canary-embedded-source-was-run"
"""What a file's own source would write into the temporary folder if it were run."""


def foreign_folder() -> Path:
    """The folder with all files. Skips the test where there is none."""
    folder = os.environ.get("GANSCOPE_FOREIGN", "")
    if not Path(folder).is_dir() or not folder:
        pytest.skip("GANSCOPE_FOREIGN names no folder with reference files")
    return Path(folder)


def picture(snapshot: Snapshot, seed: int, psi: float, label: int, cutoff: int = -1) -> np.ndarray:
    """The picture of a seed, [C, H, W] float32, as the references were made: constant noise.

    label: -1 for none. cutoff: -1 truncates all rows.
    """
    generator = snapshot.G_ema
    z = np.random.RandomState(seed).randn(1, generator.z_dim).astype(np.float32)
    c = torch.eye(generator.c_dim)[[label]] if generator.c_dim else None
    with torch.inference_mode():
        ws = generator.map(torch.from_numpy(z), c)[:, None].expand(-1, generator.num_ws, -1)
        ws = truncate(ws, generator.w_avg, psi, None if cutoff < 0 else cutoff)
        made: np.ndarray = generator.render(ws, NoiseInput("const"))[0].numpy()
    return made


def worst_error(snapshot: Snapshot, reference: dict[str, np.ndarray]) -> float:
    """The largest difference from the reference's pictures, of the peak of each."""
    worst = 0.0
    for psi, of_psi in zip(reference["psi"], reference["images_f32"], strict=True):
        for seed, expected in zip(reference["seeds"], of_psi, strict=True):
            label, cutoff = int(reference["label"]), int(reference["cutoff"])
            made = picture(snapshot, int(seed), float(psi), label, cutoff)
            assert made.shape == expected.shape
            worst = max(worst, float(np.abs(made - expected).max() / np.abs(expected).max()))
    return worst


def read_reference(path: Path) -> dict[str, np.ndarray]:
    """The numbers beside a file."""
    with np.load(path.with_suffix(".npz")) as file:
        return {name: file[name] for name in file.files}
