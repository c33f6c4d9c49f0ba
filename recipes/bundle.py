"""`python -m recipes.bundle RUN DEST`: of a run, the snapshot worth bundling, and its card.

It measures snapshots that nobody has measured, takes the one nearest to its data, and writes three
files: the averaged generator in float16, with D, which other runs can start from (DEST), a sheet of
its pictures (.jpg) and the facts of its card (.md). What the numbers cannot tell is for the eye:
look at the sheet before it is shipped.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from PIL import Image

from common.errors import UserError
from common.files import write_atomically
from common.finite import FiniteRange
from common.runs.best import best_snapshot
from common.runs.state import RunState, SnapshotFile
from recipes.command import run
from recipes.whole_run import read_run
from renderer.cli.convert import AVERAGED, convert, note_option
from renderer.cli.options.replacing import force_option, keep_existing

_SEEDS, _ACROSS = 96, 12
_PSI = 0.8


@click.command("bundle")
@click.argument("folder", metavar="RUN", type=click.Path(file_okay=False, path_type=Path))
@click.argument("dest", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--metric", default="fd2k_lite", show_default=True, help="A distance: low is good.")
@click.option(
    "--every",
    type=FiniteRange(1),
    default=16,
    show_default=True,
    metavar="KIMG",
    help="Measure snapshots so far apart, and the newest.",
)
@note_option
@force_option
def command(
    folder: Path, dest: Path, metric: str, every: float, notes: dict[str, str], force: bool
) -> None:
    """Choose the best snapshot of RUN by its distance to the data, and write DEST.safetensors.

    Beside it come a sheet of pictures, DEST.jpg, and facts for its card, DEST.md.
    """
    from renderer.cli import generate
    from training.cli import metrics

    if dest.suffix != ".safetensors":
        raise UserError(f"{dest} does not end in .safetensors.", "Name the new file so.")
    sheet, facts = dest.with_suffix(".jpg"), dest.with_suffix(".md")
    keep_existing([dest, sheet, facts], force)
    state = read_run(folder)
    for snapshot in to_measure(state, metric, every):
        _do(metrics.command, "--network", snapshot.path, "--metrics", metric)
    state = read_run(folder)
    best = best_snapshot(state, metric)
    if best is None:
        raise UserError(f"{folder} has no snapshot with a value of {metric}.", "Train it first.")
    chosen, index = best
    convert(Path(chosen.path), dest, half=True, names=(*AVERAGED, "D"), notes=notes)
    with tempfile.TemporaryDirectory() as drawn:
        seeds = f"0-{_SEEDS - 1}"
        _do(
            generate.command,
            *("--network", str(dest), "--seeds", seeds, "--trunc", str(_PSI), "--outdir", drawn),
        )
        _write_sheet(sheet, sorted(Path(drawn).glob("*.png")))
    text = card(state, metric, chosen, index, _floor(folder, metric), dest)
    write_atomically(facts, text.encode())
    click.echo(f"Wrote {dest}, {sheet.name} and {facts.name}.")


def to_measure(state: RunState, metric: str, every: float) -> list[SnapshotFile]:
    """The snapshots that `metric` is still wanted of: `every` kimg from each other, and the newest.

    Those that are not whole are left out, and those near one that has been measured.
    """
    known = state.metrics.get(metric)
    done = [] if known is None else known.kimg.tolist()
    wanted: list[SnapshotFile] = []
    whole = [file for file in state.snapshots if file.complete and file.kimg]
    for file in whole:
        apart = 0.5 if file is whole[-1] else every
        if all(abs(file.kimg - kimg) >= apart for kimg in done):
            wanted.append(file)
            done.append(file.kimg)
    return wanted


def card(
    state: RunState, metric: str, chosen: SnapshotFile, index: int, floor: float | None, dest: Path
) -> str:
    """The facts of a card, in Markdown: what was chosen, and of how many.

    index: of its value in the metric.
    floor: the distance between two sets of real pictures, where it is known.
    dest: the file that was written of it.
    """
    values = state.metrics[metric]
    options = state.options
    value = f"{values.value[index]:.1f}"
    if floor is not None:
        value += f", where two sets of real pictures are {floor:.1f} apart"
    ticks = state.series.get("Progress/augment", np.zeros(0))
    rows = {
        "file": f"`{dest.name}`, {dest.stat().st_size / 1e6:.1f} MB: `G_ema` and `D` in float16",
        "trained": f"{chosen.kimg:g} kimg of `{options.data}` with `--cfg {options.cfg}`",
        metric: f"{value}; the best of {len(values.kimg)} snapshots measured",
        "ADA": f"p ended at {ticks[-1]:.3f}" if len(ticks) else "p is not known",
    }
    lines = [f"# {dest.stem}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in rows.items()]
    return "\n".join([*lines, ""])


def _floor(folder: Path, metric: str) -> float | None:
    lines = (folder / f"metric-{metric}.jsonl").read_text().splitlines()
    found: float | None = json.loads(lines[-1])["results"].get(f"{metric}_floor")
    return found


def _do(command: click.Command, *arguments: str) -> None:
    command.main(args=list(arguments), standalone_mode=False)


def _write_sheet(dest: Path, pictures: Sequence[Path]) -> None:
    shown = [np.asarray(Image.open(path).convert("RGB")) for path in pictures]
    rows = [np.concatenate(shown[at : at + _ACROSS], 1) for at in range(0, len(shown), _ACROSS)]
    encoded = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(encoded, "JPEG", quality=90)
    write_atomically(dest, encoded.getvalue())


if __name__ == "__main__":
    run(command)
