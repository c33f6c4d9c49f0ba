"""The lineage in two pictures: `python docs/lineage/plot.py NAME=RUN …` (matplotlib).

curves.png: distance to the data (`metric-*.jsonl`), the resolution, and D's scores, over thousands
of real images shown. samples.png: what each run draws from the same seeds, below the data.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from common.runs import stats

COLORS = ("#888888", "#5aa469", "#b05fb0", "#4c8ed9", "#e0803c")
SHOWN = 8  # pictures of each run at a moment
SCALE = 2


def distances(run: Path, metric: str) -> list[tuple[float, float]]:
    """(kimg, value) of each snapshot that was measured; the last value of one counts."""
    found: dict[float, float] = {}
    for line in (run / f"metric-{metric}.jsonl").read_text().splitlines():
        entry = json.loads(line)
        kimg = re.search(r"(\d+)\.\w+$", entry["snapshot_pkl"])
        if kimg is not None:
            found[float(kimg[1])] = entry["results"][metric]
    return sorted(found.items())


def series(run: Path, name: str) -> list[tuple[float, float]]:
    """(kimg, mean) of each tick that has the quantity."""
    return [(t["Progress/kimg"], t[name]) for t in stats.read(run) if name in t]


def curves(out: Path, runs: dict[str, Path], metric: str) -> None:
    """Draw the curves of runs."""
    plt.rcParams |= {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    titles = (f"{metric} (lower is better)", "resolution", "D's score: real − generated")
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, loc="left")
        axis.set_xlabel("kimg")
        axis.grid(alpha=0.25)
    for color, (name, run) in zip(COLORS, runs.items(), strict=False):
        axes[0].plot(*np.transpose(distances(run, metric)), color=color, label=name, marker=".")
        grown = series(run, "Progress/resolution")
        if grown:
            axes[1].step(*np.transpose(grown), color=color, where="pre")
        real, fake = series(run, "Loss/scores/real"), series(run, "Loss/scores/fake")
        gap = [(at, r - f) for (at, r), (_, f) in zip(real, fake, strict=True)]
        axes[2].plot(*np.transpose(gap), color=color)
    axes[0].set_ylim(bottom=0)
    axes[0].legend(frameon=False, fontsize=8)
    axes[1].set_yscale("log", base=2)
    axes[1].set_yticks([4, 8, 16, 32], ["4", "8", "16", "32"])
    figure.savefig(out, dpi=110)


def samples(out: Path, runs: dict[str, Path], moments: list[int], size: int) -> None:
    """A row of the data, and one of each run with a block of pictures for each moment.

    moments: in kimg; white where a run has no grid of one. size: pixels a side of a picture.
    """
    gap, block = 8, SHOWN * size * SCALE
    width = len(moments) * (block + gap) - gap
    sheet = Image.new("RGB", (width, (size * SCALE + 4) * (len(runs) + 1) - 4), "white")
    reals = [next(iter(runs.values())) / "reals.png"] * len(moments)
    grids = [[run / f"fakes{kimg:06d}.png" for kimg in moments] for run in runs.values()]
    for i, row in enumerate([reals, *grids]):
        for j, grid in enumerate(row):
            if not grid.exists():
                continue
            top = j * size if i == 0 else 0  # other pictures of the data in each block
            part = Image.open(grid).convert("RGB").crop((0, top, SHOWN * size, top + size))
            large = part.resize((block, size * SCALE), Image.Resampling.NEAREST)
            sheet.paste(large, (j * (block + gap), i * (size * SCALE + 4)))
    sheet.save(out, optimize=True)


@click.command()
@click.option("--metric", default="fd500_lite", show_default=True)
@click.option("--kimg", default="12,20", show_default=True, help="Moments of the samples.")
@click.option("--size", default=32, show_default=True, help="Pixels a side.")
@click.option("--out", type=click.Path(path_type=Path), default=Path(__file__).parent)
@click.argument("runs", nargs=-1, required=True, metavar="NAME=RUN …")
def main(metric: str, kimg: str, size: int, out: Path, runs: tuple[str, ...]) -> None:
    """Draw curves.png and samples.png of RUNS, oldest family first."""
    named = {name: Path(path) for name, _, path in (text.partition("=") for text in runs)}
    curves(out / "curves.png", named, metric)
    samples(out / "samples.png", named, [int(at) for at in kimg.split(",")], size)


if __name__ == "__main__":
    main()
