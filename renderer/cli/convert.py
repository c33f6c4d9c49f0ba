"""`convert`: any readable snapshot as our safetensors, or as a pickle for NVIDIA's programs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

import click

from common.errors import UserError
from common.finite import FiniteRange
from common.runs import locate, stats
from renderer.cli.options.replacing import force_option, keep_existing

AVERAGED = ("G_ema",)
"""The network that pictures are drawn with."""


def _read_notes(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    """The values of KEY=TEXT…, as click calls for them. Raises click.BadParameter."""
    notes = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key.strip() and equals and value.strip()):
            raise click.BadParameter(f"{text!r} is not KEY=TEXT.")
        notes[key.strip()] = value.strip()
    return notes


note_option = click.option(
    "--note",
    "notes",
    multiple=True,
    metavar="KEY=TEXT",
    callback=_read_notes,
    help="Say something about it in the file, such as title=…, licence=…; may be repeated.",
)


@click.command()
@click.argument("source")
@click.argument("dest", type=click.Path(path_type=Path))
@click.option(
    "--half",
    is_flag=True,
    help="Store weights in float16: half the size, nearly the same pictures.",
)
@click.option(
    "--resolution",
    type=click.IntRange(4, 8192),
    help="Of a network that grew (StyleGAN 2019, Progressive GAN): as it was at so many pixels.",
)
@click.option(
    "--fade",
    type=FiniteRange(0, 1),
    help="The weight of its last level then, while it fades in (alpha); 1 where it is not given.",
)
@click.option("--all", "every", is_flag=True, help="Write G and D too, not only G_ema.")
@note_option
@force_option
def command(
    source: str,
    dest: Path,
    half: bool,
    resolution: int | None,
    fade: float | None,
    every: bool,
    notes: dict[str, str],
    force: bool,
) -> None:
    """Write SOURCE (a file, a run directory or RUN/KIMG) to DEST, as its name ends.

    .safetensors: tensors and JSON, nothing else. Without --half, --resolution and --fade the
    result gives pictures identical to the source's, byte for byte. Facts on the training go along,
    but for the folders that paths in them name.

    .pkl: for NVIDIA's StyleGAN2-ADA and StyleGAN3 programs, whose loaders run code in the file:
    a few lines that build their class. With --all they can train it further.
    """
    path = locate.find(source, partial(click.echo, err=True))
    dest = _destination(path, dest)
    keep_existing([dest], force)
    growth = None if resolution is None and fade is None else Growth(resolution, fade)
    names = None if every else AVERAGED
    facts = convert(path, dest, half=half, names=names, notes=notes, growth=growth)
    click.echo(f"Wrote {dest} ({dest.stat().st_size / 1e6:.1f} MB): {facts}.")


def _destination(source: Path, dest: Path) -> Path:
    if dest.is_dir():
        dest = dest / f"{source.stem}.safetensors"
    if dest.suffix not in (".safetensors", ".pkl"):
        raise UserError(
            f"{dest} ends neither in .safetensors nor in .pkl.", "Name the new file so."
        )
    if dest.exists() and dest.samefile(source):
        raise UserError(f"{dest} is the source itself.", "Name another file.")
    if not dest.parent.is_dir():
        raise UserError(f"The directory {dest.parent} does not exist.", "Create it first.")
    return dest


class Growth(NamedTuple):
    """How far a network that grew is to have grown.

    resolution: pixels a side; None: as many as it has. fade: the weight of its last level; None: 1.
    """

    resolution: int | None
    fade: float | None

    def of(self, network: Any) -> Any:
        """The network as it was then. Raises UserError where it never was so."""
        from networks.families.pggan.growth import at_resolution, grows

        if not grows(network):
            raise UserError(
                f"A {getattr(network, 'family', 'network')} network does not grow.",
                "Leave --resolution and --fade out.",
            )
        largest, asked = network.config["img_resolution"], self.resolution
        if asked is not None and (asked & (asked - 1) or asked > largest):
            raise UserError(
                f"--resolution: it has no level of {asked} pixels.",
                f"Give a power of two from 4 to {largest}.",
            )
        if (asked or largest) == 4 and self.fade not in (None, 1.0):
            raise UserError(
                f"--fade {self.fade:g}: at 4 pixels there is no level below to fade in from.",
                "Leave --fade out, or give a larger --resolution.",
            )
        try:
            return at_resolution(network, asked, 1.0 if self.fade is None else self.fade)
        except ValueError as error:
            raise UserError(f"It cannot be brought to that growth: {error}.") from error


def convert(
    source: Path,
    dest: Path,
    *,
    half: bool = False,
    names: tuple[str, ...] | None = AVERAGED,
    notes: Mapping[str, str] | None = None,
    growth: Growth | None = None,
) -> str:
    """Read `source`, write `dest`; returns what was written, in words. Raises UserError.

    names: of the networks that are written, where they are in it; None for all.
    notes: added to the metadata, in place of what is there under the same names.
    growth: how far networks are to have grown; None: as they are.
    """
    import torch

    from networks.snapshots.for_nvidia import write_for_nvidia
    from networks.snapshots.snapshot import open_snapshot, write_snapshot

    if dest.suffix == ".pkl" and (half or notes):
        raise UserError(
            "--half and --note are for .safetensors.", "Leave them out, or name the file so."
        )
    snapshot = open_snapshot(source, names=names)
    networks = snapshot.networks
    if growth is not None:
        networks = {name: growth.of(network) for name, network in networks.items()}
    p = snapshot.augment_p
    named = {
        name: "G_ema, which is the source's G,"
        if name == "G_ema" and name not in snapshot.available
        else name
        for name in networks
    }
    known: dict[str, Any] = without_folders(snapshot.metadata)
    if dest.suffix == ".pkl":
        write_for_nvidia(dest, networks, metadata=known)
        written = [text for name, text in named.items() if name != "augment_pipe"]
        return f"{', '.join(written)} for NVIDIA's programs"
    metadata = {**known, "converted_from": source.name, **(notes or {})}
    write_snapshot(
        dest,
        networks,
        metadata=metadata,
        kimg=snapshot.kimg,
        augment_p=p if p is not None else stats.augment_p(source.parent, snapshot.kimg),
        dtype=torch.float16 if half else None,
    )
    return f"{', '.join(named.values())} in {'float16' if half else 'float32'}"


def without_folders(value: Any) -> Any:
    """Paths reduced to names: a file that is passed on tells nothing of the machine it is from."""
    match value:
        case dict():
            return {key: without_folders(item) for key, item in value.items()}
        case list() | tuple():
            return [without_folders(item) for item in value]
        case str() if PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute():
            return PureWindowsPath(value).name  # takes both kinds of separators
    return value
