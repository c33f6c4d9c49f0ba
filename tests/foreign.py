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
import torch

from networks.base import Generator, truncate
from tests.paths import DATA

SMALL: Final = DATA / "foreign"
EVERYTHING: Final = Path(os.environ.get("GANSCOPE_FOREIGN", ""))
"""The folder of all of them, the current one where nobody said."""
WITHOUT_IT: Final = "GANSCOPE_FOREIGN names no folder of files of other programs"


def files(root: Path, *folders: str) -> list[Path]:
    """Every file with pictures in these folders below `root` (none: in all of them)."""
    found = sorted(p for p in root.glob("*/*") if p.suffix != ".npz" and reference(p) is not None)
    return [path for path in found if not folders or path.parent.name in folders]


def reference(path: Path) -> Any:
    """What the program that wrote a file draws from it; None where that is not known."""
    beside = path.with_suffix(".npz")
    return np.load(beside) if beside.exists() else None


def picture(generator: Generator, seed: int = 0, psi: float = 0.7, label: int = 1) -> np.ndarray:
    """The picture of a seed: [C, H, W] float32."""
    z = np.random.RandomState(seed).randn(1, generator.z_dim).astype(np.float32)
    c = torch.eye(generator.c_dim)[[label]] if generator.c_dim else None
    with torch.inference_mode():
        ws = generator.map(torch.from_numpy(z), c)[:, None].repeat(1, generator.num_ws, 1)
        made: np.ndarray = generator.render(truncate(ws, generator.w_avg, psi, c=c))[0].numpy()
    return made


def difference(generator: Generator, drawn: Any, psi: float) -> float:
    """How far our pictures are from theirs, as a share of the largest number in theirs."""
    row = np.atleast_1d(drawn["psi"]).tolist().index(psi)
    cutoff, label = int(drawn["cutoff"]), int(drawn["label"])
    c = torch.zeros(1, generator.c_dim)
    if label >= 0:
        c[0, label] = 1
    worst = 0.0
    for seed, theirs in zip(drawn["seeds"], drawn["images_f32"][row], strict=True):
        z = torch.from_numpy(np.random.RandomState(int(seed)).randn(1, generator.z_dim)).float()
        with torch.inference_mode():
            w = generator.map(z, c if generator.c_dim else None)
            ws = w[:, None].repeat(1, generator.num_ws, 1)
            ws = truncate(ws, generator.w_avg, psi, None if cutoff < 0 else cutoff, c)
            ours = generator.render(ws)[0].numpy()
        if ours.shape != theirs.shape:
            return float("inf")
        worst = max(worst, float(np.abs(ours - theirs).max() / np.abs(theirs).max()))
    return worst
