"""Small data, small networks and short runs for the trainer's tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import torch
from PIL import Image

from tests.paths import ROOT
from training.run import rundir
from training.run.options import Adam, DataLoader, Options, TrainingSet, read
from training.start import launch

SIZE = 16


def suns(count: int, seed: int = 0, size: int = SIZE) -> np.ndarray:
    """A yellow disc somewhere on a warm to cold gradient: uint8 [count, size, size, 3]."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[:size, :size] / size
    pictures = []
    for _ in range(count):
        top, bottom = rng.rand(2, 3) * 0.5 + [[0.0, 0.1, 0.4], [0.5, 0.2, 0.0]]
        picture = y[..., None] * bottom + (1 - y[..., None]) * top
        (cx, cy), radius = rng.rand(2) * 0.5 + 0.25, rng.rand() * 0.15 + 0.15
        picture[(x - cx) ** 2 + (y - cy) ** 2 < radius**2] = [0.95, 0.9, 0.3]
        pictures.append((picture.clip(0, 1) * 255).astype(np.uint8))
    return np.stack(pictures)


def write_data(folder: Path, count: int = 200, *, classes: int = 0, size: int = SIZE) -> Path:
    """A data set of suns; with classes, image i is of class i mod classes."""
    folder.mkdir(parents=True)
    names = [f"img{i:05d}.png" for i in range(count)]
    for name, picture in zip(names, suns(count, size=size), strict=True):
        Image.fromarray(picture).save(folder / name)
    if classes:
        labels = [[name, i % classes] for i, name in enumerate(names)]
        (folder / "dataset.json").write_bytes(msgspec.json.encode({"labels": labels}))
    return folder


def tiny(data: Path, **changes) -> Options:
    """Options of a run that takes 4 ms a picture on one thread."""
    widths = {"channel_base": 256, "channel_max": 32, "num_fp16_res": 0, "conv_clamp": None}
    options = Options(
        run_dir="",
        training_set_kwargs=TrainingSet(str(data)),
        cfg="tiny",
        threads=1,
        data_loader_kwargs=DataLoader(num_workers=0),
        G_kwargs={"z_dim": 32, "w_dim": 32, "mapping_layers": 2, **widths},
        D_kwargs=widths,
        G_opt_kwargs=Adam(0.0025),
        D_opt_kwargs=Adam(0.0025),
        loss_kwargs={"r1_gamma": 0.05},
        augment_kwargs={"xflip": 1, "rotate90": 1, "xint": 1, "brightness": 1},
        total_kimg=1,
        kimg_per_tick=0.25,
        batch_size=16,
        batch_gpu=16,
        ema_kimg=1,
    )
    return msgspec.structs.replace(options, **changes)


def make(outdir: Path, options: Options, name: str = "tiny") -> Path:
    """A run directory that is ready to start."""
    return Path(launch.make_run(options, str(outdir), name).run_dir)


def start(run: Path, *, continued: bool = False) -> None:
    """Train in this process, on one thread."""
    threads = torch.get_num_threads()
    try:
        launch.start(read(run), continued=continued)
    finally:
        torch.set_num_threads(threads)


def start_process(run: Path, *, continued: bool = False) -> subprocess.Popen:
    """Train in another process."""
    code = (
        "from pathlib import Path\n"
        "from training.run import options\n"
        "from training.start import launch\n"
        "if __name__ == '__main__':\n"
        f"    launch.start(options.read(Path({str(run)!r})), continued={continued})\n"
    )
    # Threads of the environment would change how sums are rounded.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    # A file, not a pipe: children of a process that was killed may hold it open for a while.
    with output_of(run).open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stdout=output, stderr=output
        )


def output_of(run: Path) -> Path:
    """What the latest process of a run printed."""
    return run.with_suffix(".out")


def state_of(run: Path) -> Path:
    return run / rundir.STATE
