"""`convert`: any readable snapshot as our safetensors, which gives identical pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from renderer import locate
from renderer.errors import UserError


@click.command()
@click.argument("source")
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--half", is_flag=True, help="Store weights in float16: half the size, nearly the "
              "same pictures.")  # fmt: skip
@click.option("--all", "every", is_flag=True, help="Write G and D too, not only G_ema.")
def command(source: str, dest: Path, half: bool, every: bool) -> None:
    """Write SOURCE (a file, a run directory or RUN/KIMG) to DEST as safetensors.

    Without --half the result gives pictures identical to the source's, byte for byte.
    """
    path = locate.resolve(source)
    dest = _destination(path, dest)
    facts = convert(path, dest, half=half, every=every)
    click.echo(f"Wrote {dest} ({dest.stat().st_size / 1e6:.1f} MB): {facts}.")


def _destination(source: Path, dest: Path) -> Path:
    if dest.is_dir():
        dest = dest / f"{source.stem}.safetensors"
    if dest.suffix != ".safetensors":
        raise UserError(f"{dest} does not end in .safetensors.", "Name the new file so.")
    if dest.exists() and dest.samefile(source):
        raise UserError(f"{dest} is the source itself.", "Name another file.")
    if not dest.parent.is_dir():
        raise UserError(f"The directory {dest.parent} does not exist.", "Create it first.")
    return dest


def convert(source: Path, dest: Path, *, half: bool = False, every: bool = False) -> str:
    """Read `source`, write `dest`; returns what was written, in words. Raises UserError."""
    import torch

    from networks.errors import SnapshotError
    from networks.snapshot import open_snapshot, write_snapshot

    try:
        snapshot = open_snapshot(source, names=None if every else ("G_ema",))
        p = snapshot.augment_p
        metadata: dict[str, Any] = {**snapshot.metadata, "converted_from": source.name}
        write_snapshot(
            dest,
            snapshot.networks,
            metadata=metadata,
            kimg=snapshot.kimg,
            augment_p=p if p is not None else locate.augment_p(source.parent, snapshot.kimg),
            dtype=torch.float16 if half else None,
        )
    except SnapshotError as error:
        raise UserError(error.message, error.remedy) from error
    return f"{', '.join(snapshot.networks)} in {'float16' if half else 'float32'}"
