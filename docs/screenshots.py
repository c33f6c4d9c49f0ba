"""Makes the README's pictures: `python docs/screenshots.py [RUN]`. The program draws them itself.

Those of a run are made where a run of some length is given; only the others carry their sessions,
for the bundled snapshot is on every machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from common.runs import locate
from renderer.messages.journey import Curve, Knob, Point
from renderer.messages.request import RenderRequest
from renderer.pictures.journey import generators
from renderer.pictures.metadata import write_png

ROOT = Path(__file__).resolve().parent.parent
SMOOTH = {"smooth": True}
SNAPSHOT = "assets/busts128.safetensors"  # relative: the pictures name no machine

# name: (request, window options)
PICTURES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "window": (
        {"source": {"type": "plane", "x": 68.05, "y": 0}, "truncation": {"psi": 0.8}},
        ["--size", "1440x900", "--panel", "Style mixing"],
    ),
    "mixing": (
        {
            "source": {"type": "plane", "x": 98, "y": 0},
            "mix": [
                {
                    "source": {"type": "seed", "seed": 65},
                    "weights": [0, 0, 0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1],
                },
                {
                    "source": {"type": "plane", "x": 15, "y": 1},
                    "weights": [1, 1, 0.5],
                },
            ],
            "truncation": {
                "psi": 0.7,
                "curve": [0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 1, 1, 1.1, 1.2],
            },
        },
        ["--size", "1440x900", "--panel", "Style mixing", "--panel", "Noise"],
    ),
    "layers": (
        {
            "source": {"type": "plane", "x": 5, "y": 0},
            "view": {"layer": "b32.conv1", "mode": "channel", "channel": 7, "colormap": "viridis"},
            "edits": [{"layer": "b32.conv1", "channel": 3, "scale": 0}],
        },
        ["--size", "1440x900", "--theme", "light", "--panel", "Performance"],
    ),
    "control": (
        {
            "source": {"type": "plane", "x": 70.4, "y": 0},
            "truncation": {"psi": 0.85},
        },
        ["--size", "1440x900", "--panel", "Control"],
    ),
    "journey": (
        {"source": {"type": "seed", "seed": 68}},
        ["--size", "1440x900", "--panel", "Journey"],
    ),
}
MAPPINGS = [
    {"source": "midi 1 cc 7", "target": "truncation/psi", "low": 0.0, "high": 1.2},
    {"source": "midi 1 pitch bend", "target": "latent/x", "low": 69.0, "high": 72.0},
    {"source": "osc /1/fader3", "target": "noise/strength", "high": 4.0, "smoothing": 0.4},
    {"source": "osc /1/xy/2", "target": "motion/speed", "curve": "exponential"},
    {"source": "midi 10 note 36", "target": "command/next-seed", "toggle": True},
]
"""What moves what in the picture of the panel Control."""


BENT_SEED = 12
BENDS = (
    (),
    ("b8.conv1:zoom=1.5",),
    ("b8.conv1:rotate=25",),
    ("b8.conv1:mirror=1",),
    ("b16.conv1:translate=0.2,0~0.3/3",),
    ("b16.conv1:dilate=2",),
    ("b32.conv1:sharpen=3",),
    ("b16.conv1:sine=1",),
)
"""The pictures of docs/bending.jpg, from the left."""


def journey() -> dict[str, Any]:
    """A journey through six busts, with a curve of psi, as a session has it."""
    seeds = (68, 61, 98, 106, 117, 115)
    found = generators.through_seeds(RenderRequest(SNAPSHOT), seeds, 1.5)
    points = (Point(0.0, 0.7), Point(3.0, 1.0), Point(5.2, 0.5), Point(7.5, 0.9))
    made: dict[str, Any] = msgspec.to_builtins(found)
    made["curves"] = msgspec.to_builtins((Curve(Knob("psi"), points),))
    return made


def pictures_of_run(run: Path) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """name: (session, window options)."""
    files = [str(s.path) for s in locate.snapshots(run) if s.complete and s.kimg]
    newest = {"snapshot": files[-1], "source": {"type": "plane", "x": 68, "y": 0}}
    render = {**newest, "truncation": {"psi": 0.8}}
    early, later = files[len(files) // 4], files[len(files) // 2]
    panes = [
        {"id": 1, "render": {"snapshot": early}},
        {"id": 2, "render": {"snapshot": later}},
        {
            "id": 3,
            "render": {"snapshot": files[-1], "truncation": {"psi": 0.3}},
            "linked": ["latent", "noise", "mixing", "edits", "view"],
        },
    ]
    compare = {"on": True, "layout": "difference", "panes": panes}
    return {
        "training": (
            {"render": render, "view": SMOOTH},
            ["--size", "1440x900", "--panel", "Timeline", "--panel", "Training"],
        ),
        "compare": (
            {"render": render, "compare": compare, "view": SMOOTH},
            ["--size", "1280x800", "--panel", "Timeline"],
        ),
        "discriminator": (
            {"render": render, "augment": {"p": 0.35, "seed": 2, "draws": 11}, "view": SMOOTH},
            ["--size", "1280x800", "--theme", "light", "--panel", "Discriminator"],
        ),
    }


def draw(name: str, session: dict[str, Any], options: list[str]) -> Path:
    """The window as docs/NAME.png."""
    made = ROOT / "docs" / f"{name}.png"
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "session.json"
        file.write_text(json.dumps({"version": 1, **session}))
        target = ["--session", str(file), "--offscreen", "--screenshot", str(made)]
        command = [sys.executable, "visualizer.py", *target, *options]
        subprocess.run(command, cwd=ROOT, check=True)
    return made


def draw_bends() -> None:
    """One seed, plain and bent, as docs/bending.jpg."""
    pictures = []
    with tempfile.TemporaryDirectory() as temporary:
        for number, bends in enumerate(BENDS):
            out = Path(temporary) / str(number)
            options = [part for bend in bends for part in ("--bend", bend)]
            what = ["--network", SNAPSHOT, "--seeds", str(BENT_SEED), "--trunc", "0.7"]
            command = [sys.executable, "visualizer.py", "generate", *what, *options]
            subprocess.run([*command, "--size", "192", "--outdir", str(out)], cwd=ROOT, check=True)
            (file,) = out.glob("*.png")
            with Image.open(file) as image:
                pictures.append(np.asarray(image.convert("RGB")))
    Image.fromarray(np.concatenate(pictures, 1)).save(ROOT / "docs" / "bending.jpg", quality=88)


def main() -> None:
    draw_bends()
    for name, (request, options) in PICTURES.items():
        render = {"snapshot": SNAPSHOT, **request}
        session = {"version": 1, "render": render, "view": SMOOTH}
        if name == "control":
            session["assignments"] = MAPPINGS
        if name == "journey":
            session |= {"journey": journey(), "moment": 1.5}
        made = draw(name, session, options)
        with Image.open(made) as image:
            pixels = np.asarray(image.convert("RGB"))
        # The window writes the full path of the snapshot; these are for every machine.
        write_png(made, pixels, json.dumps(session).encode())
    for run in sys.argv[1:]:
        for name, (session, options) in pictures_of_run(Path(run).absolute()).items():
            made = draw(name, session, options)
            with Image.open(made) as image:
                image.convert("RGB").save(made)  # without the session


if __name__ == "__main__":
    main()
