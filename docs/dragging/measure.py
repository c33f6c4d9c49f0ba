"""Random drags of a network: how far its handles come, and whether the rest stays where it is.

    python docs/dragging/measure.py assets/busts64.safetensors --psi 0.7

Each drag has a random seed, handle and direction. It is done twice: in the whole picture, and with
only a disc around the way that may move.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from common.dragging import DragPoint, DragSettings
from networks.base import Generator, NoiseInput, Scene, truncate
from networks.dragging.dragging import Dragging
from networks.snapshots.snapshot import open_snapshot
from renderer.pipeline import layer_pictures

MOST = 300
"""Steps after which a drag is broken off."""
SCALE = 4
"""How much larger pictures are shown."""


@dataclass(frozen=True)
class Case:
    """A picture and a point of it. ws: [1, num_ws, w_dim]. mask: the disc, [R, R], 0 and 1."""

    ws: Tensor
    handle: tuple[float, float]
    target: tuple[float, float]
    mask: Tensor


@dataclass(frozen=True)
class Outcome:
    """What became of one. before, after: pixels from handle to target. inside, outside: the mean
    change of the picture there. seconds: of the processor."""

    before: float
    after: float
    inside: float
    outside: float
    steps: int
    seconds: float
    ending: str
    ws: Tensor


def case(G: Generator, seed: int, psi: float) -> Case:
    """A random drag of a tenth to a sixth of the picture, that begins in its middle."""
    random, side = np.random.RandomState(seed), G.resolution
    z = torch.from_numpy(random.randn(1, G.z_dim).astype(np.float32))
    c = torch.eye(G.c_dim)[seed % G.c_dim][None] if G.c_dim else None
    with torch.no_grad():
        ws = truncate(G.map(z, c)[:, None].repeat(1, G.num_ws, 1), G.w_avg, psi)
    x, y = random.uniform(0.3 * side, 0.7 * side, 2)
    angle, way = random.uniform(0, 2 * math.pi), random.uniform(side / 10, side / 6)
    target = x + way * math.cos(angle), y + way * math.sin(angle)
    middle = (x + target[0]) / 2, (y + target[1]) / 2
    rows, columns = np.mgrid[:side, :side] + 0.5
    far = np.hypot(columns - middle[0], rows - middle[1])
    mask = torch.from_numpy((far < way / 2 + side / 6).astype(np.float32))
    return Case(ws, (x, y), target, mask)


def drag(G: Generator, case: Case, settings: DragSettings, *, masked: bool) -> Outcome:
    """Drag until it ends by itself."""
    dragging = Dragging(G, case.ws, Scene(NoiseInput()), settings)
    dragging.set_points([DragPoint(1, case.handle, case.target)])
    dragging.set_mask(case.mask if masked else None)
    before, start = dragging.distance, time.process_time()
    step = dragging.now()
    while not step.ending and step.done < MOST:
        step = dragging.step()
    seconds, ending = time.process_time() - start, step.ending or "broken off"
    step = dragging.settle()
    with torch.no_grad():
        change = (G.render(dragging.ws) - G.render(case.ws)).abs().mean((0, 1))
    inside, outside = change[case.mask > 0].mean(), change[case.mask == 0].mean()
    return Outcome(
        before, step.distance, float(inside), float(outside), step.done, seconds, ending,
        dragging.ws,
    )  # fmt: skip


def words(title: str, found: Sequence[Outcome]) -> str:
    """What all of them come to."""
    before, after = (sum(getattr(o, name) for o in found) for name in ("before", "after"))
    inside, outside = (sum(getattr(o, name) for o in found) for name in ("inside", "outside"))
    steps, seconds = sum(o.steps for o in found), sum(o.seconds for o in found)
    ends = ", ".join(f"{n} {end}" for end, n in Counter(o.ending for o in found).most_common())
    return (
        f"{title}: {before / len(found):.1f} pixels to go become {after / len(found):.1f} "
        f"(-{100 * (1 - after / before):.0f} %); outside / inside {outside / inside:.2f}; "
        f"{steps / len(found):.0f} steps of {1000 * seconds / steps:.0f} ms; {ends}"
    )


def picture(
    G: Generator, cases: Sequence[Case], results: Sequence[Sequence[Outcome]]
) -> Image.Image:
    """A column for each drag: as it was, dragged, and dragged within its disc."""
    side, gap = G.resolution * SCALE, 6
    sheet = Image.new("RGB", (len(cases) * (side + gap) - gap, 3 * (side + gap) - gap), "white")
    for column, one in enumerate(cases):
        rows = [one.ws, *(found[column].ws for found in results)]
        for row, ws in enumerate(rows):
            with torch.no_grad():
                pixels = layer_pictures.rgba(layer_pictures.picture(G.render(ws)))
            shown = Image.fromarray(pixels[..., :3]).resize((side, side), Image.Resampling.BICUBIC)
            _mark(shown, one, ring=row == 2)
            sheet.paste(shown, (column * (side + gap), row * (side + gap)))
    return sheet


def _mark(shown: Image.Image, case: Case, *, ring: bool) -> None:
    pen = ImageDraw.Draw(shown)
    (x0, y0), (x1, y1) = (tuple(v * SCALE for v in p) for p in (case.handle, case.target))
    if ring:
        reach = math.hypot(x1 - x0, y1 - y0) / 2 + shown.width / 6
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline="white", width=2)
    pen.line((x0, y0, x1, y1), fill="black", width=5)
    pen.line((x0, y0, x1, y1), fill="white", width=2)
    for x, y, color in ((x1, y1, "#338cfa"), (x0, y0, "#ed4045")):
        pen.ellipse((x - 7, y - 7, x + 7, y + 7), fill="black")
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=color, outline="white")


def main(arguments: Sequence[str]) -> None:
    """Measure, and draw some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--drags", type=int, default=20)
    parser.add_argument("--psi", type=float, default=1.0)
    parser.add_argument("--layer", default="", help="whose features are followed")
    parser.add_argument("--picture", type=Path, help="where to draw the first six")
    given = parser.parse_args(arguments)
    G = open_snapshot(given.snapshot).G_ema.eval().requires_grad_(False)
    cases = [case(G, seed, given.psi) for seed in range(given.drags)]
    settings, results = DragSettings(layer=given.layer), []
    for title, masked in (("in the whole picture", False), ("within a disc", True)):
        results.append([drag(G, each, settings, masked=masked) for each in cases])
        print(words(title, results[-1]), flush=True)
    if given.picture is not None:
        picture(G, cases[:6], results).save(given.picture)


if __name__ == "__main__":
    main(sys.argv[1:])
