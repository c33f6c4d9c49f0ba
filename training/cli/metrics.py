"""`metrics`: how close a generator's pictures are to the data, in published numbers and in ours."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import UserError
from common.files import make_folder
from common.runs import locate
from training.cli.machine import machine_options
from training.metrics.names import BUILT_IN, PUBLISHED, Metric, parse_all
from training.run.options import DeviceChoice

if TYPE_CHECKING:
    from training.metrics.evaluate import Outcome


@click.command("metrics")
@click.option("--network", help="Snapshot file, run directory, or RUN/KIMG.")
@click.option(
    "--data",
    metavar="ZIP | FOLDER",
    help="Real pictures.  [default: what the snapshot was trained with]",
)
@click.option(
    "--metrics",
    "names",
    default="fd10k_lite",
    show_default=True,
    metavar="NAME,NAME…",
    help="See above.",
)
@click.option("--mirror", type=bool, help="Real pictures also flipped.  [default: as in training]")
@click.option(
    "--num",
    type=click.IntRange(1),
    metavar="N",
    help="Pictures to generate, instead of as the name says; the value then gets the name of N.",
)
@click.option(
    "--weights",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Weights of a published feature network: weights-inception-2015-12-05-6726825d"
    ".pth, vgg16-397923af.pth, weights-vgg16-lpips.pth.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=32,
    show_default=True,
    help="Pictures at a time; less needs less memory.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="The first of the seeds, which count up.",
)
@click.option("--outdir", help="Where metric-NAME.jsonl is added to.  [default: the run]")
@click.option("--no-cache", is_flag=True, help="Look at the real pictures again.")
@click.option("--json", "only_json", is_flag=True, help="Print nothing but the lines of JSON.")
@click.option("--progress", is_flag=True, help="Say how far it is in lines for other programs.")
@machine_options("CPU threads.")
def command(
    network: str | None,
    data: str | None,
    names: str,
    mirror: bool | None,
    num: int | None,
    weights: tuple[Path, ...],
    batch: int,
    seed: int,
    outdir: str | None,
    no_cache: bool,
    only_json: bool,
    progress: bool,
    device: DeviceChoice,
    threads: int | None,
) -> None:
    """Measure a generator against real pictures; lower is better where nothing else is said.

    \b
    Built in (no download; not FID or KID, and not comparable with them):
      fdN_lite  Fréchet distance of EfficientNet-Lite0 features
      kdN_lite  kernel distance (cubic MMD², unbiased) of the same
    N pictures are made and compared with N real ones. Compare values of
    equal N only. The floor beside a value is the distance between two sets
    of real pictures: what a perfect generator would get.

    \b
    Published (their weights are downloaded, or given with --weights):
      fid50k_full   Fréchet Inception distance to all real pictures
      kid50k_full   kernel Inception distance
      pr50k3_full   precision and recall: higher is better, at most 1
      is50k         inception score: higher is better; needs no data
      ppl_zfull ppl_wfull ppl_zend ppl_wend   path length, of faces (cropped)
      ppl2_wend     path length of whole pictures; needs no data

    Numbers may differ (fd2k_lite, fid10k_full, ppl2_wend_n1k). To look at 1000 pictures takes about
    35 s on one CPU thread for _lite and 180 s for FID, besides generating them; metrics of one
    feature network share it. Real pictures are looked at once and remembered.
    """
    if network is None:
        raise UserError("No network is named.", "Give --network FILE, RUN or RUN/KIMG.")
    metrics = parse_all(names)
    if num is not None:
        metrics = tuple(dict.fromkeys(metric.at(num) for metric in metrics))
    if not metrics:
        raise UserError("--metrics names none.", f"There are {', '.join((*PUBLISHED, *BUILT_IN))}.")
    tell = partial(click.echo, err=True)
    snapshot = locate.resolve(network) if only_json else locate.find(network, tell)
    folder = make_folder(outdir) if outdir is not None else snapshot.parent
    writes = outdir is not None or locate.is_run(folder)
    outcomes = _measure(
        metrics,
        snapshot,
        data,
        mirror,
        weights,
        batch,
        seed,
        device,
        threads,
        cached=not no_cache,
        quiet=only_json,
        progress=progress,
    )
    _tell(outcomes, snapshot, folder if writes else None, only_json)
    failures = [(o.metric.name, o.failure) for o in outcomes if o.failure is not None]
    if failures:
        from training.metrics.collect import in_words

        name, failure = failures[0]
        raise UserError(f"{name} failed: {in_words(failure)}")


def _measure(
    metrics: tuple[Metric, ...],
    snapshot: Path,
    data: str | None,
    mirror: bool | None,
    weights: tuple[Path, ...],
    batch: int,
    seed: int,
    device_name: DeviceChoice,
    threads: int | None,
    *,
    cached: bool,
    quiet: bool,
    progress: bool,
) -> list[Outcome]:
    import torch

    from networks.precision import on_device
    from networks.snapshots.snapshot import open_snapshot
    from training.metrics import networks, source
    from training.metrics.bar import bar, progress_lines
    from training.metrics.cache import Cache, default_folder
    from training.metrics.collect import Team, no_bar
    from training.metrics.evaluate import Evaluator
    from training.run.distributed import Group, choose_device

    def note(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    if threads is not None:
        torch.set_num_threads(threads)
    device = torch.device(choose_device(device_name))
    opened = open_snapshot(snapshot)
    G = opened.G_ema.requires_grad_(False).to(device)
    G.set_precision(on_device("float16", device))
    dataset = None
    if G.c_dim or any(metric.needs_data for metric in metrics):
        known = source.trained_with(opened.metadata)
        dataset = source.open_data(known, snapshot, data=data, mirror=mirror, labels=G.c_dim > 0)
        mirrored = ", mirrored" if dataset.mirror else ""
        note(f"Data: {dataset.path}, {len(dataset.names):,} images{mirrored}")
    evaluator = Evaluator(
        metrics,
        networks.load_all(metrics, device, weights),
        dataset,
        device=device,
        cache=Cache(default_folder() if cached else None, note),
        batch=batch,
        first=seed,
    )
    for found in evaluator.networks.values():
        note(f"Features: {found.key}")
    shown = progress_lines if progress else no_bar if quiet else bar
    return evaluator(G, Team(Group(device=device), bar=shown))


def _tell(outcomes: list[Outcome], snapshot: Path, folder: Path | None, only_json: bool) -> None:
    from training.metrics import report
    from training.run.rundir import RunDir

    for outcome in outcomes:
        if outcome.failure is not None:
            continue
        line = report.line(outcome, snapshot, folder, num_gpus=1)
        if not only_json:
            click.echo(report.words(outcome), err=True)
        click.echo(json.dumps(line))
        sys.stdout.flush()
        if folder is not None:
            RunDir(folder).append_metric(outcome.metric.name, line)
