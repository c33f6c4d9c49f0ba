"""The generator of a reference implementation, which the user has a checkout of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import numpy as np
import torch
from torch import Tensor

from common.errors import UserError
from networks.families.stylegan2.generator import StyleGAN2Generator
from renderer.bench import reference_process

_REMEDY: Final = (
    "Give the folder of a PyTorch implementation of StyleGAN2 that has training/networks.py or "
    "training/networks_stylegan2.py."
)


class Reference:
    """Draws one picture after the other in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], errors: IO[str], folder: Path) -> None:
        self._process, self._errors, self._picture = process, errors, folder / "picture.npy"

    def draw(self, seed: int) -> tuple[float, Tensor]:
        """The milliseconds from z to bytes, and the picture [1, C, H, W]. Raises UserError."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(
                json.dumps({"seed": seed, "picture": str(self._picture)}) + "\n"
            )
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None
        return float(self.line()), torch.from_numpy(np.load(self._picture))

    def line(self) -> str:
        """The next line of its answers. Raises UserError where it has ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._failure()
        return line

    def _failure(self) -> UserError:
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().strip().splitlines() or ["It ended."]
        return UserError(f"The reference implementation could not draw: {said[-1]}", _REMEDY)


@contextmanager
def reference(checkout: Path, generator: StyleGAN2Generator, threads: int) -> Iterator[Reference]:
    """The reference implementation of a network, with the same weights, on the CPU.

    checkout: its folder. Raises UserError where there is none, or it cannot be run.
    """
    parts = [checkout / "training" / f"{name}.py" for name in ("networks", "networks_stylegan2")]
    if not any(part.is_file() for part in parts):
        raise UserError(f"{checkout} is no checkout of a reference implementation.", _REMEDY)
    config = generator.config
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile("w+") as errors:
        folder = Path(name)
        torch.save(generator.state_dict(), folder / "weights.pt")
        settings = {
            "threads": threads,
            "z_dim": generator.z_dim,
            "c_dim": generator.c_dim,
            "w_dim": generator.w_dim,
            "resolution": generator.resolution,
            "img_channels": generator.img_channels,
            "mapping": {"num_layers": config["mapping_layers"]},
            "synthesis": {
                key: config[key] for key in ("channel_base", "channel_max", "conv_clamp")
            },
            "weights": str(folder / "weights.pt"),
        }
        path = os.pathsep.join(filter(None, (str(checkout), os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(
            # -P: nothing that lies beside the script is meant.
            [sys.executable, "-P", reference_process.__file__, json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            running = Reference(process, errors, folder)
            running.line()
            yield running
        finally:
            process.kill()
            process.communicate()
