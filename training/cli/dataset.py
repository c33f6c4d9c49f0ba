"""`dataset`: any pile of images as a zip or folder that can be trained on."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from common.errors import UserError
from common.stopping import sigterm_as_interrupt

if TYPE_CHECKING:
    from training.prepare.convert import Format
    from training.prepare.item import LabelsFrom
    from training.prepare.transform import Filter, Kind


@click.command("dataset")
@click.option(
    "--source",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder (with all its folders), zip, LMDB, CIFAR archive (.tar.gz), or MNIST images "
    "(…-idx3-ubyte.gz).",
)
@click.option(
    "--dest",
    required=True,
    type=click.Path(path_type=Path),
    help="A name that ends in .zip, or a folder.",
)
@click.option("--max-images", type=click.IntRange(1), metavar="N", help="Stop after the first N.")
@click.option(
    "--transform",
    type=click.Choice(["center-crop", "center-crop-wide"]),
    help="The largest centred square; or of shape width:height, with black above and below.  "
    "[default: resize as it is]",
)
@click.option("--width", type=click.IntRange(4), metavar="PIXELS", help="A power of two.")
@click.option(
    "--height",
    type=click.IntRange(4),
    metavar="PIXELS",
    help="As --width, or less for center-crop-wide.",
)
@click.option(
    "--resize-filter", type=click.Choice(["lanczos", "box"]), default="lanczos", show_default=True
)
@click.option(
    "--labels",
    type=click.Choice(["auto", "folders", "json", "none"]),
    default="auto",
    show_default=True,
    help="Classes from the names of the top folders, or from dataset.json (at the top, or in the "
    "folder of the images; names and classes may be written in other ways while they can mean "
    "only one thing); auto: from dataset.json, or of CIFAR and MNIST, where there are any, never "
    "from folders.",
)
@click.option(
    "--background",
    default="white",
    show_default=True,
    metavar="COLOUR",
    help="Shown through transparency: a name, or #rrggbb. --channels 4 keeps it instead.",
)
@click.option(
    "--channels",
    type=click.Choice(["auto", "1", "3", "4"]),
    default="auto",
    show_default=True,
    help="Grey, RGB, or RGB with transparency; auto: grey where all are, else RGB.",
)
@click.option(
    "--range",
    "span",
    type=(click.IntRange(0, 65535), click.IntRange(0, 65535)),
    default=(0, 65535),
    metavar="LOW HIGH",
    help="The values of 16-bit grey that become black and white, 0 4095 for 12 bits.  "
    "[default: 0 65535]",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["png", "jpeg", "webp"]),
    default="png",
    show_default=True,
    help="png is exact; jpeg and webp travel lighter.",
)
@click.option(
    "--quality",
    type=click.IntRange(1, 100),
    default=95,
    show_default=True,
    help="Of jpeg and webp.",
)
@click.option(
    "--workers",
    type=click.IntRange(0),
    default=0,
    help="Processes; 0 for one on each processor.  [default: 0]",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace a data set at --dest; a zip or folder that holds anything else is never touched.",
)
def command(
    source: Path,
    dest: Path,
    max_images: int | None,
    transform: Kind | None,
    width: int | None,
    height: int | None,
    resize_filter: Filter,
    labels: LabelsFrom,
    background: str,
    channels: str,
    span: tuple[int, int],
    format_: Format,
    quality: int,
    workers: int,
    force: bool,
) -> None:
    """Make a data set for `train`: PNGs of one size in a zip or folder, with dataset.json.

    Unusable images are skipped and reported; of animations the first frame is taken. Files without
    a known extension are looked into. The layout is the one that NVIDIA's tools read.
    """
    from training.data.processes import available
    from training.prepare.convert import Settings
    from training.prepare.files import COUNTED
    from training.prepare.run import prepare
    from training.prepare.source import open_source
    from training.prepare.transform import Transform
    from training.prepare.write import check_destination

    counts: dict[str, Literal[1, 3, 4] | None] = {"auto": None, "1": 1, "3": 3, "4": 4}
    shape = Transform(transform, width, height, resize_filter)
    settings = Settings(shape, _colour(background), counts[channels], format_, quality, span)
    settings.check()
    source, dest = source.expanduser(), dest.expanduser()
    _apart(source, dest)
    check_destination(dest, force)
    started = time.monotonic()
    images = open_source(source, labels, size=width or height)
    count = len(images) if max_images is None else min(len(images), max_images)
    workers = min(workers or available(), -(-count // 32) or 1)
    with sigterm_as_interrupt(), _bar(count) as bar:

        def progress(image: Any) -> None:
            # Of some there may be thousands: lines of theirs would drown the others.
            if image.reason and image.reason not in COUNTED:
                detail = f" ({image.detail})" if image.detail else ""
                bar.write(f"Skipped {image.name}: {image.reason}{detail}", file=sys.stderr)
            if max_images is None or not image.reason:
                bar.update()

        report = prepare(
            images,
            dest,
            settings,
            max_images=max_images,
            workers=workers,
            force=force,
            progress=progress,
        )
    seconds = time.monotonic() - started
    click.echo(f"Wrote {dest} in {seconds:.1f} s ({report.written / seconds:,.0f} images/s).")
    click.echo("\n".join(report.lines()))


def _bar(total: int) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, unit=" images", file=sys.stderr, disable=None)


def _colour(text: str) -> tuple[int, int, int]:
    from PIL import ImageColor

    try:
        red, green, blue = ImageColor.getrgb(text)[:3]
    except ValueError as error:
        raise UserError(
            f"--background: {text!r} is no colour.", "Use a name such as white, or #rrggbb."
        ) from error
    return red, green, blue


def _apart(source: Path, dest: Path) -> None:
    here, there = source.resolve(), dest.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise UserError(
            f"--dest {dest} and --source {source} lie one inside the other.",
            "Write the data set somewhere else.",
        )
