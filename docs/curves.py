"""Curves of training runs side by side: `python docs/curves.py OUT.png NAME=RUN …` (matplotlib).

Distance to the data (`metric-*.jsonl`), ADA's p, and r_t, over thousands of real images shown.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import matplotlib.pyplot as plt
import numpy as np

from common.runs import stats

COLORS = ("#4c8ed9", "#e0803c", "#5aa469", "#b05fb0", "#888888")


def distances(run: Path, metric: str) -> list[tuple[float, float]]:
    """(kimg, value) of each evaluated snapshot; the last evaluation of one counts."""
    found: dict[float, float] = {}
    file = run / f"metric-{metric}.jsonl"
    for line in file.read_text().splitlines() if file.exists() else []:
        entry = json.loads(line)
        kimg = re.search(r"(\d+)\.\w+$", entry["snapshot_pkl"])
        if kimg is not None:
            found[float(kimg[1])] = entry["results"][metric]
    return sorted(found.items())


def series(run: Path, name: str) -> list[tuple[float, float]]:
    """(kimg, mean) of each tick that has the quantity."""
    ticks = (t for t in stats.read(run) if name in t and "Progress/kimg" in t)
    return [(t["Progress/kimg"], t[name]) for t in ticks]


def smooth(points: list[tuple[float, float]], share: float = 0.7) -> list[float]:
    values, mean = [], None
    for _, value in points:
        mean = value if mean is None else share * mean + (1 - share) * value
        values.append(mean)
    return values


@click.command()
@click.option("--metric", default="fd2k_lite", show_default=True)
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("runs", nargs=-1, required=True, metavar="NAME=RUN …")
def main(metric: str, out: Path, runs: tuple[str, ...]) -> None:
    """Draw the curves of runs into the picture OUT."""
    plt.rcParams |= {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    figure, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
    titles = (f"{metric} (lower is better)", "ADA p", "r_t")
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, loc="left")
        axis.set_xlabel("kimg")
        axis.grid(alpha=0.25)
    for index, text in enumerate(runs):
        name, _, path = text.partition("=")
        color = COLORS[index % len(COLORS)]
        measured = distances(Path(path), metric)
        if measured:
            axes[0].plot(*np.transpose(measured), color=color, label=name, marker=".")
        p = series(Path(path), "Progress/augment")
        r_t = series(Path(path), "Progress/r_t") or series(Path(path), "Loss/signs/real")
        for axis, points in ((axes[1], p), (axes[2], r_t)):
            axis.plot([kimg for kimg, _ in points], smooth(points), color=color, label=name)
    axes[0].set_ylim(bottom=0)
    axes[2].axhline(0.6, color="#888888", linestyle=":", linewidth=1)
    axes[0].legend(frameon=False)
    figure.savefig(out, dpi=120)


if __name__ == "__main__":
    main()
