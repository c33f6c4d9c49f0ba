"""`python -m recipes.example RUN DEST`: a training run small enough to be shipped, to look at.

What the window reads of a run is kept: statistics, log, metrics, options, some snapshots (the
averaged generator in float16) and their pictures (as JPEG). The last of them has D too, so that
other runs can start from it. What else only the trainer needs is not, and of paths only the names
are, so that nothing tells of the machine. It is complete where its statistics end: nobody waits for
what will not come.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import click
from PIL import Image

from common.errors import UserError
from common.files import write_atomically
from common.runs import locate
from common.runs.names import LOG, OPTIONS, STATS
from recipes.command import run
from recipes.whole_run import read_run

# A path of the log, which errors put in quotes; no part of an address or of a unit such as s/kimg.
_PATH = re.compile(r"""(?<![\w.:/])/[^\s'"]*/([^\s'"]+)""")


@click.command("example")
@click.argument("folder", metavar="RUN", type=click.Path(file_okay=False, path_type=Path))
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option("--kimg", "kimgs", required=True, metavar="N,N…", help="Of the snapshots to keep.")
def command(folder: Path, dest: Path, kimgs: str) -> None:
    """Write the folder DEST: of RUN, what there is to look at."""
    ticks = read_run(folder).kimg
    if not len(ticks):
        raise UserError(f"{folder} has no statistics yet.", "Wait for its first tick.")
    if dest.exists():
        raise UserError(f"{dest} exists already.", "Remove it, or name another folder.")
    kept = _snapshots(folder, kimgs)
    dest.mkdir(parents=True)
    try:
        _write(folder, float(ticks[-1]), kept, dest)
    except BaseException:
        shutil.rmtree(dest)  # a part of an example is none, and in the way of the next attempt
        raise
    size = sum(file.stat().st_size for file in dest.iterdir())
    click.echo(f"Wrote {dest}: {len(kept)} snapshots, {size / 1e6:.1f} MB.")


def _write(folder: Path, length: float, kept: Sequence[Path], dest: Path) -> None:
    """Fill the folder `dest` with what is shown of the run, and of its snapshots those `kept`.

    length: of the run, in kimg.
    """
    from renderer.cli.convert import AVERAGED, convert, without_folders

    options = without_folders(json.loads((folder / OPTIONS).read_text()))
    options["total_kimg"] = length
    write_atomically(dest / OPTIONS, json.dumps(options, indent=2).encode())
    log = _PATH.sub(r"\1", (folder / LOG).read_text())
    write_atomically(dest / LOG, log.encode())
    for file in (folder / STATS, *folder.glob("metric-*.jsonl")):
        shutil.copyfile(file, dest / file.name)
    for snapshot in kept:
        names = (*AVERAGED, "D") if snapshot is kept[-1] else AVERAGED
        convert(snapshot, dest / snapshot.name, half=True, names=names)
    grids = [snapshot.stem.replace("network-snapshot-", "fakes") for snapshot in kept]
    for name in ("reals", *grids):
        if (folder / f"{name}.png").is_file():
            write_atomically(dest / f"{name}.jpg", _as_jpeg(folder / f"{name}.png"))


def _snapshots(folder: Path, kimgs: str) -> list[Path]:
    """The snapshots of a run at so many kimg, whole and ours. Raises UserError."""
    there = {
        snapshot.kimg: snapshot.path
        for snapshot in locate.snapshots(folder)
        if snapshot.complete and snapshot.path.suffix == ".safetensors"
    }
    found = []
    for text in kimgs.split(","):
        kimg = int(text) if text.strip().isdigit() else None
        if kimg is None or kimg not in there:
            listed = ", ".join(f"{at:g}" for at in there if at is not None)
            raise UserError(f"--kimg: {folder} has no snapshot at {text}.", f"It has {listed}.")
        found.append(there[kimg])
    return found


def _as_jpeg(path: Path) -> bytes:
    encoded = io.BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").save(encoded, "JPEG", quality=85)
    return encoded.getvalue()


if __name__ == "__main__":
    run(command)
