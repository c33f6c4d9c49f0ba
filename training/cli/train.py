"""`train`: a generator from a folder of images, or a run that goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

import click
from click.core import ParameterSource

from common.errors import UserError
from common.runs import locate
from training.cli.machine import machine_options
from training.run.configs import CONFIGS
from training.run.options import (
    AdversarialLoss,
    Augmentation,
    AugmentationGroup,
    Heuristic,
    SnapshotFormat,
)
from training.start.changes import Changes

Command = TypeVar("Command", bound=Callable[..., Any])

AUGPIPES = get_args(AugmentationGroup)


def switch(*names: str, help: str) -> Callable[[Command], Command]:
    """A flag that also takes a value, as in `--mirror 1`."""
    return click.option(
        *names, is_flag=False, flag_value="1", default="0", type=bool, metavar="[BOOL]", help=help
    )


@click.command("train")
@click.option("--outdir", help="Folder for runs; the run gets a numbered one in it.")
@click.option(
    "--data",
    help="Data set: a zip or folder made by `dataset`; with --continue where it was moved to.",
)
@click.option("--gpus", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--cfg",
    type=click.Choice(CONFIGS),
    default="auto",
    show_default=True,
    help="Hyperparameters: of StyleGAN2, of StyleGAN (2019), Progressive GAN or DCGAN; those "
    "called small suit a CPU.",
)
@click.option("--kimg", type=float, help="Length, in thousands of images.  [default: by --cfg]")
@click.option(
    "--batch", type=click.IntRange(1), help="Over all GPUs together.  [default: by --cfg]"
)
@click.option(
    "--batch-gpu",
    type=click.IntRange(1),
    help="At a time on one GPU; less needs less memory.  [default: by --cfg]",
)
@click.option(
    "--width",
    type=float,
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="Channels of all layers, as a share of what --cfg has.",
)
@click.option(
    "--loss",
    type=click.Choice(get_args(AdversarialLoss)),
    help="logistic: the loss that does not saturate; minimax: the first one of GANs; wgan-gp: "
    "Wasserstein with a gradient penalty.  [default: wgan-gp for pggan, else logistic]",
)
@click.option("--gamma", type=float, help="Weight of R1.  [default: by --cfg]")
@click.option(
    "--stable-kimg",
    type=float,
    metavar="KIMG",
    help="With networks that grow: how long each resolution is trained alone before the next "
    "fades in.  [default: by --cfg]",
)
@click.option(
    "--fade-kimg",
    type=float,
    metavar="KIMG",
    help="With networks that grow: how long a resolution takes to fade in.  [default: by --cfg]",
)
@click.option(
    "--aug",
    type=click.Choice(get_args(Augmentation)),
    help="Augmentation: adaptive, at a fixed p, or none.  [default: ada for StyleGAN2, else noaug]",
)
@click.option("--p", type=float, help="Probability: of --aug fixed, or where ada starts.")
@click.option("--target", type=float, help="Of ada's heuristic.  [default: 0.6, rv: 0.5]")
@click.option(
    "--ada-kimg",
    type=float,
    metavar="KIMG",
    help="In which p may go from 0 to 1; short runs need less.  [default: 500, with --resume 100]",
)
@click.option(
    "--heuristic",
    type=click.Choice(get_args(Heuristic)),
    default="rt",
    show_default=True,
    help="What ada follows: the sign of D on real images, or its gap to images held out.",
)
@click.option(
    "--augpipe",
    type=click.Choice(AUGPIPES),
    default="bgc",
    show_default=True,
    help="Which augmentations.",
)
@click.option("--bcr", is_flag=True, help="Balanced consistency regularisation.")
@switch("--cond", help="Train with the labels of the data.")
@switch("--mirror", help="Every image also flipped.")
@click.option("--subset", type=click.IntRange(1), help="Use only so many images.")
@click.option(
    "--val-fraction", type=float, default=0.0, help="Hold so many images out to measure r_v."
)
@click.option(
    "--resume",
    metavar="SNAPSHOT | RUN",
    help="Start with the weights of a snapshot; --dry-run says how much of them fits.",
)
@click.option(
    "--continue",
    "continued",
    metavar="RUN",
    help="Go on with a run that stopped, exactly as if it had not.",
)
@click.option(
    "--freezed",
    type=click.IntRange(0),
    default=0,
    help="With --resume: so many layers of D stay as they are (FreezeD).",
)
@click.option(
    "--tick", type=float, default=4.0, show_default=True, metavar="KIMG", help="Length of a tick."
)
@click.option(
    "--snap",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="Snapshot and samples every so many ticks.",
)
@click.option(
    "--metrics",
    metavar="NAME,NAME…",
    help="Measure every snapshot, such as fd2k_lite; `metrics --help` has the names. On one CPU "
    "thread fd2k_lite takes over a minute each time; the first also looks at real pictures.",
)
@click.option(
    "--snapshot-format",
    type=click.Choice(get_args(SnapshotFormat)),
    default="safetensors",
    show_default=True,
    help="Of snapshots: pkl is read by NVIDIA's programs and made for them, whose loaders run code "
    "in it.",
)
@click.option("--keep", type=click.IntRange(1), help="Keep only the newest so many snapshots.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Processes that read images, for each GPU.",
)
@machine_options("CPU threads of each process.")
@click.option(
    "--precision",
    type=click.Choice(["auto", "fp32", "fp16", "bf16"]),
    default="auto",
    help="auto: float16 in the top resolutions on CUDA, float32 on a CPU.",
)
@click.option("--fp32", is_flag=True, help="The same as --precision fp32.")
@click.option("--tf32", is_flag=True, help="Faster, coarser multiplication on recent GPUs.")
@click.option("--dry-run", is_flag=True, help="Print the options and stop.")
@click.pass_context
def command(
    context: click.Context,
    /,
    outdir: str | None,
    continued: str | None,
    fp32: bool,
    dry_run: bool,
    **flags: Any,
) -> None:
    """Train a generator, or go on with a run.

    Ctrl+C finishes the step, saves and stops; a second one stops at once.
    """
    if continued is not None:
        _continue(context, continued, dry_run)
        return
    if flags["data"] is None or not flags["data"].strip():
        raise UserError("No data is named.", "Give --data, a zip or folder made by `dataset`.")
    if outdir is None or not outdir.strip():
        raise UserError("No folder for the run is named.", "Give --outdir, such as runs.")
    if fp32:
        if flags["precision"] not in ("auto", "fp32"):
            raise UserError("--fp32 and --precision differ.", "Give one of them.")
        flags["precision"] = "fp32"

    from training.run.options import to_json
    from training.start import launch
    from training.start.asked import Asked
    from training.start.plan import plan

    if flags["resume"] is not None:
        flags["resume"] = str(locate.find(flags["resume"], partial(click.echo, err=True)))
    # A run that starts tells it by itself, in its log too.
    tell = partial(click.echo, err=True) if dry_run else lambda text: None
    options, description = plan(Asked(**flags), tell)
    launch.check_devices(options)
    if dry_run:
        _show(to_json(options))
        return
    launch.start_new(options, outdir, description)


def _continue(context: click.Context, continued: str, dry_run: bool) -> None:
    given = {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    changes = {name: value for name, value in given.items() if name in Changes.__annotations__}
    extra = sorted(given.keys() - changes.keys() - {"continued", "dry_run"})
    if extra:
        raise UserError(
            f"--continue goes on as the run began, without --{extra[0].replace('_', '-')}.",
            "Leave it out, or start a new run with --resume.",
        )
    if not continued.strip():
        raise UserError("--continue: no run is named.", "Name one that `train` made.")
    if not changes.get("data", "given").strip():
        raise UserError("--data: no data is named.", "Say where it was moved to, or leave it out.")
    from training.run.options import to_json
    from training.start import launch

    options = launch.options_to_continue(
        Path(continued).expanduser().absolute(), cast(Changes, changes)
    )
    launch.check_devices(options, continued=True)
    if dry_run:
        _show(to_json(options))
        return
    launch.start(options, continued=True)


def _show(options: dict[str, Any]) -> None:
    click.echo(json.dumps(options, indent=2, ensure_ascii=False))
