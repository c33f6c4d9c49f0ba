"""From options to a running loop: what is checked first, and what every rank then does."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import nn

from common.errors import UserError
from networks.snapshots.snapshot import Snapshot
from training.data.dataset import ImageDataset, split
from training.learn import parts, samples
from training.learn.loop import Loop
from training.learn.reporter import Reporter
from training.learn.run_reporter import RunReporter
from training.metrics.during import open_evaluator
from training.run import rundir, state
from training.run.distributed import Group, StopRequest, joined, launched, spawn
from training.run.lock import locked
from training.run.options import Options, TrainingSet, to_json
from training.run.options import read as read_options
from training.run.position import Position
from training.run.rundir import STATE, RunDir
from training.start import resume
from training.start.batches import snapshots_lost
from training.start.changes import Changes, changed


def open_data(options: TrainingSet, seed: int) -> tuple[ImageDataset, ImageDataset | None]:
    """The images to train on, and those held out for r_v, if any. Raises UserError."""
    dataset = ImageDataset(
        options.path,
        use_labels=options.use_labels,
        mirror=options.xflip,
        max_size=options.max_size,
        seed=seed,
        resolution=options.resolution,
    )
    if not options.val_fraction:
        return dataset, None
    training, validation = split(dataset, options.val_fraction, seed)
    return dataset.restrict(training), dataset.restrict(validation)


def check_devices(options: Options, *, continued: bool = False) -> None:
    """Check that there are as many GPUs as asked for. Raises UserError.

    continued: whether the run goes on, which it does with as many as it began with.
    """
    if options.device != "cuda":
        return
    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if found < options.num_gpus and launched() is None:
        flag = f"--gpus {found}" if found else "--device cpu"
        raise UserError(
            f"GPUs that are asked for: {options.num_gpus}, found: {found}.",
            f"Continue it where there are as many, or start a new run with --resume and {flag}."
            if continued
            else f"Use {flag}.",
        )


def options_to_continue(run: Path, changes: Changes) -> Options:
    """The options of a run that stopped, with `changes`. Raises UserError where it cannot go on."""
    options = msgspec.structs.replace(read_options(run), run_dir=str(run))
    tensors, document = state.read(run / STATE)
    # What else a state holds, such as r_t, may be unknown and so NaN.
    learnt = ("G.", "D.", "G_ema.", "G_opt.", "D_opt.", "loss.")
    resume.check_finite(
        run / STATE, {name: value for name, value in tensors.items() if name.startswith(learnt)}
    )
    del tensors
    options = changed(options, changes)
    waiting, _ = RunDir(run).waiting(document)  # metrics of the last snapshot may be left to do
    if document["nimg"] >= round(options.total_kimg * 1000) and waiting is None:
        done = document["nimg"] / 1000
        raise UserError(f"{run} is done: {done:g} kimg.", f"Go further with --kimg {2 * done:g}.")
    images = options.training_set_kwargs
    if "data" not in changes and not Path(images.path).exists():
        raise UserError(
            f"{run} was trained with {images.path}, which is not here.",
            "Where it was moved, say where to with --data.",
        )
    dataset, _ = open_data(images, options.random_seed)
    words = {"images": "images to train on", "channels": "channels", "label_dim": "classes"}
    for fact, now in _shape(dataset).items():
        if document.get(fact, now) != now:
            raise UserError(
                f"{options.training_set_kwargs.path} has changed: it has {now} {words[fact]}, "
                f"not {document[fact]}.",
                "Put the old data back, or start a new run with --resume.",
            )
    if "data" in changes and document.get("fingerprint") not in (None, dataset.fingerprint()):
        raise UserError(
            f"--data: {images.path} is not what {run} was trained with.",
            "Its files have to be the same. A folder is copied with the times of its files, as "
            "`cp -a` does.",
        )
    return options


def start_new(options: Options, outdir: str, description: str) -> None:
    """Make the run directory and train. Raises UserError."""
    given = launched()
    # Under torchrun all ranks come here: the first makes the folder, and tells the others.
    if given is None:
        options = make_run(options, outdir, description)
    start(options, new=(outdir, description))


def make_run(options: Options, outdir: str, description: str) -> Options:
    """The options with the run directory that is made for them. Raises UserError."""
    run = rundir.create(Path(outdir).expanduser().absolute(), description)
    options = msgspec.structs.replace(options, run_dir=str(run.path))
    run.write_options(to_json(options))
    return options


def start(options: Options, *, continued: bool = False, new: tuple[str, str] | None = None) -> None:
    """Train in this process, or in one process per GPU; returns when training has stopped.

    continued: whether the run goes on from its state.
    new: the folder of runs and the description, from which the first rank makes the run directory
        under torchrun.
    Raises UserError.
    """
    given = launched()
    if given is not None:
        rank, size = given
        if size != options.num_gpus:
            raise UserError(
                f"The run is for {options.num_gpus} processes, and {size} were started.",
                f"Use --gpus {size}." if not continued else f"Start {options.num_gpus}.",
            )
        local = int(os.environ.get("LOCAL_RANK", rank))
        with joined(rank, size, options.device, local_rank=local, address="env://") as group:
            if new is not None and not options.run_dir:
                options = _made_by_first(group, options, *new)
            run_rank(group, options, continued)
    elif options.num_gpus > 1:
        spawn(options.num_gpus, options.device, run_rank, options, continued)
    else:
        with joined(0, 1, options.device, local_rank=0, address="") as group:
            run_rank(group, options, continued)


def _made_by_first(group: Group, options: Options, outdir: str, description: str) -> Options:
    if group.rank == 0:
        options = make_run(options, outdir, description)
    path = group.gather(options.run_dir.encode())[0].decode()
    return msgspec.structs.replace(options, run_dir=path)


def run_rank(group: Group, options: Options, continued: bool) -> None:
    """Do all that one rank does. The first holds the run meanwhile."""
    run = RunDir(Path(options.run_dir))
    with locked(run.path) if group.rank == 0 else contextlib.nullcontext():
        # Another process may be writing the run still: nobody reads before the first holds it.
        group.any(False)
        _run_rank(group, options, continued, run)


def _run_rank(group: Group, options: Options, continued: bool, run: RunDir) -> None:
    configure_torch(options)
    dataset, validation = open_data(options.training_set_kwargs, options.random_seed)
    tensors, document = state.read(run.state) if continued else ({}, {})
    if continued and group.rank == 0:
        _remember(run, options)
    indices = samples.choose(dataset, options.random_seed)
    data: dict[str, Any] = {}
    reporter = Reporter()
    if group.rank == 0:
        data = {**_shape(dataset), "fingerprint": dataset.fingerprint()}  # a look at every file
        z_dim = options.G_kwargs["z_dim"]
        reporter = RunReporter(
            options,
            run,
            samples.make_grid(dataset, indices, z_dim, options.random_seed),
            data_facts(dataset),
            group.device,
            data=data,
            seconds=document.get("seconds", 0.0),
        )
    reporter.log(f"Run:         {run.path}")
    log_data(reporter, dataset, validation)
    evaluator = open_evaluator(options, group.device, reporter.warn)

    def prepare(networks: dict[str, nn.Module]) -> None:
        if options.resume_pkl is not None and not continued:
            reporter.log(f"Starting from {options.resume_pkl}")
            source = open_transfer(options, dataset)
            report = resume.transfer(source, networks)
            for entry in report:
                reporter.log(f"  {entry}")
            if (warning := resume.little(source, report)) is not None:
                reporter.warn(warning)

    built = parts.build(options, dataset, group, prepare)
    loop = Loop(options, group, built, dataset, validation, reporter, evaluator)
    if continued:
        waiting, size = run.waiting(document)
        if group.rank == 0:
            run.rewind_stats(size)
        loop.load(tensors, Position.from_json(document), waiting)
        if group.rank == 0 and document.get("fingerprint") not in (None, data["fingerprint"]):
            reporter.warn(f"{dataset.path} is not as it was when the run was saved.")
        reporter.log(f"Continuing at {loop.position.nimg / 1000:.1f} kimg.")
    elif group.rank == 0:
        samples.write_reals(run.path / "reals.png", dataset, indices)
        reporter.fakes(built, None)
        growth = options.growth
        if growth and (lost := snapshots_lost(growth, options.total_kimg)) is not None:
            reporter.log(f"Warning: {lost}")
    del tensors
    reporter.log(f"Training for {options.total_kimg:g} kimg …")
    with StopRequest().listening() as stop:
        loop.run(stop)


def _remember(run: RunDir, options: Options) -> None:
    """Keep what a run goes on with, so that it need not be said again when it goes on the next
    time, and so that whoever watches it knows how long it will be."""
    if read_options(run.path) != options:
        run.write_options(to_json(options))


def open_transfer(options: Options, dataset: ImageDataset) -> Snapshot:
    """The snapshot that the run starts from. Raises UserError."""
    assert options.resume_pkl is not None
    return resume.open_source(
        options.resume_pkl, resolution=dataset.resolution, channels=dataset.channels
    )


def configure_torch(options: Options) -> None:
    """Set torch's own switches as the options say."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = options.cudnn_benchmark
    torch.backends.cudnn.allow_tf32 = options.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = options.allow_tf32


def data_facts(dataset: ImageDataset) -> Mapping[str, Any]:
    """What the metadata of snapshots says of the data."""
    return {
        "dataset": {
            "name": dataset.name,
            "images": len(dataset.names),
            "resolution": dataset.resolution,
            "channels": dataset.channels,
            "label_dim": dataset.label_dim,
        }
    }


def _shape(dataset: ImageDataset) -> dict[str, int]:
    """What has to be the same when a run goes on; `images` counts mirrored ones too."""
    return {
        "images": len(dataset),
        "channels": dataset.channels,
        "label_dim": dataset.label_dim,
    }


def log_data(reporter: Reporter, dataset: ImageDataset, validation: ImageDataset | None) -> None:
    """Tell what is trained on."""
    reporter.log(f"Num images:  {len(dataset)}")
    reporter.log(f"Image shape: {[dataset.channels, dataset.resolution, dataset.resolution]}")
    reporter.log(f"Label shape: {[dataset.label_dim]}")
    if validation is not None:
        reporter.log(f"Held out:    {len(validation)}")
