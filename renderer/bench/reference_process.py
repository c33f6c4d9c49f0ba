"""Draws with the generator of a reference implementation, in a process of its own.

python reference_process.py SETTINGS, with the checkout first on PYTHONPATH. It is a process of its
own because packages there have the names of ours, and it imports nothing of ours.
SETTINGS is JSON: `threads`, `z_dim`, `c_dim`, `w_dim`, `resolution`, `img_channels`, keyword
arguments of the mapping and of the synthesis network, and `weights`, a file of torch.save.
Each line on stdin is JSON with `seed` and `picture`, a file for the picture as .npy. The answer is
a line with the milliseconds from z to bytes. The first line says that it is ready.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import time
from typing import Any

import numpy as np
import torch


def main(settings: dict[str, Any]) -> None:
    torch.set_num_threads(settings["threads"])
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever the checkout prints is no answer
    generator = _generator(settings)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        z = np.random.RandomState(asked["seed"]).randn(1, settings["z_dim"]).astype(np.float32)
        c = torch.zeros(1, settings["c_dim"])
        c[:, :1] = 1
        # Of a single thread only its own time counts, whatever else the machine does.
        clock = time.thread_time if settings["threads"] == 1 else time.perf_counter
        begun = clock()
        with torch.inference_mode():
            ws = generator.mapping(torch.from_numpy(z), c, truncation_psi=0.7)
            img = generator.synthesis(ws, noise_mode="const")
            _levels = (img[0].permute(1, 2, 0) * 127.5 + 128).clamp(0, 255).to(torch.uint8).numpy()
        ms = 1000 * (clock() - begun)
        np.save(asked["picture"], img.numpy())
        print(ms, file=answers, flush=True)


def _generator(settings: dict[str, Any]) -> Any:
    names = ("training.networks_stylegan2", "training.networks")
    found = [name for name in names if importlib.util.find_spec(name) is not None]
    generator = importlib.import_module(found[0] if found else names[0]).Generator(
        settings["z_dim"],
        settings["c_dim"],
        settings["w_dim"],
        settings["resolution"],
        settings["img_channels"],
        mapping_kwargs=settings["mapping"],
        synthesis_kwargs=settings["synthesis"],
    )
    generator.load_state_dict(torch.load(settings["weights"], weights_only=True))
    return generator.eval().requires_grad_(False)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
