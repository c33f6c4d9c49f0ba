"""Makes the README's pictures: `python docs/screenshots.py`. The program draws them itself."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from renderer.metadata import write_png

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = "assets/earth64.safetensors"  # relative: the pictures name no machine

# name: (request, window options)
PICTURES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "window": (
        {"source": {"type": "plane", "x": 60.1, "y": 0.05}, "truncation": {"psi": 0.8}},
        ["--size", "1440x900", "--panel", "Style mixing"],
    ),
    "mixing": (
        {
            "source": {"type": "plane", "x": 60, "y": 0},
            "mix": [
                {"source": {"type": "seed", "seed": 7}, "weights": [0, 0, 0, 0, 1, 1, 0.5]},
                {
                    "source": {"type": "plane", "x": 62.4, "y": 1.3},
                    "weights": [0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
                },
            ],
            "truncation": {"psi": 0.7, "curve": [0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1.1, 1.2]},
        },
        ["--size", "1440x900", "--panel", "Style mixing", "--panel", "Noise"],
    ),
    "layers": (
        {
            "source": {"type": "plane", "x": 59, "y": 0},
            "view": {"layer": "b32.conv1", "mode": "channel", "channel": 7, "colormap": "viridis"},
            "edits": [{"layer": "b32.conv1", "channel": 3, "scale": 0}],
        },
        ["--size", "1440x900", "--theme", "light", "--panel", "Performance"],
    ),
}


def main() -> None:
    folder = ROOT / "docs"
    for name, (request, options) in PICTURES.items():
        session = {"version": 1, "render": {"snapshot": SNAPSHOT, **request}}
        with tempfile.TemporaryDirectory() as temporary:
            file = Path(temporary) / "session.json"
            file.write_text(json.dumps(session))
            target = ["--session", str(file), "--offscreen", "--screenshot", f"{folder}/{name}.png"]
            command = [sys.executable, "visualizer.py", *target, *options]
            subprocess.run(command, cwd=ROOT, check=True)
        with Image.open(folder / f"{name}.png") as image:
            pixels = np.asarray(image.convert("RGB"))
        # The window writes the full path of the snapshot; these are for every machine.
        write_png(folder / f"{name}.png", pixels, json.dumps(session).encode())


if __name__ == "__main__":
    main()
