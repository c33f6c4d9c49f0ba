"""From what the user asked for to the options of a run, checked before anything starts."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from common.runs import locate
from training.metrics.names import parse_all
from training.run.config import Config
from training.run.configs import configure
from training.run.growth import Growth
from training.run.lineage import with_loss
from training.run.options import Adam, DataLoader, Options, TrainingSet
from training.run.precision import choose_precision
from training.start.asked import Asked, check_family, check_numbers
from training.start.batches import batch_gpu, check_length, growth_of, snapshots_lost

if TYPE_CHECKING:
    from networks.snapshots.snapshot import Snapshot
    from networks.training_traits import TrainingTraits
    from training.data.dataset import ImageDataset

# ADA, Appendix D: p moves five times as fast in transfer learning.
_ADA_KIMG, _TRANSFER_KIMG = 500.0, 100.0
_SURE = 8  # pixels a side: families without a way of their own to make networks have them from here
_TARGETS = {"rt": 0.6, "rv": 0.5}  # ADA, Section 3


def plan(asked: Asked, tell: Callable[[str], None] = lambda text: None) -> tuple[Options, str]:
    """The options of the run, all but `run_dir`, and the description that its name gets.

    tell: is told, line by line, what the run would take from the snapshot to start from, and
        which snapshots at the ends of phases it would not keep.
    The data and that snapshot are opened. Raises UserError, which names the flag.
    """
    check_numbers(asked)
    from networks.augment import GROUPS
    from training.learn.family import trainable_family
    from training.learn.parts import untrained
    from training.run.distributed import choose_device
    from training.start.launch import open_data

    data = TrainingSet(
        path=str(Path(asked.data).expanduser().absolute()),
        use_labels=asked.cond,
        max_size=asked.subset,
        xflip=asked.mirror,
        val_fraction=asked.val_fraction,
    )
    dataset, held_out = open_data(data, asked.seed)
    if asked.subset is not None and asked.subset > dataset.raw_count:
        raise UserError(
            f"--subset: {asked.subset} images are asked for, and {asked.data} has "
            f"{dataset.raw_count}.",
            "Use fewer, or leave --subset out.",
        )
    dataset.verify()
    if held_out is not None:
        held_out.verify()
    device = choose_device(asked.device)
    config = _config(asked, dataset.resolution)
    check_family(asked, config)
    traits = trainable_family(config.family).traits
    if asked.cond and not traits.labels:
        raise UserError(
            f"--cond: --cfg {asked.cfg} is trained without labels.",
            "Leave it out, or use another configuration.",
        )
    source = _resume(asked, config, dataset.resolution, dataset.channels)
    resume = None if source is None else source.path
    growth = _growth(asked, config, traits, dataset.resolution, source)
    if growth is not None:
        check_length(growth, asked.kimg or config.kimg)
        if (lost := snapshots_lost(growth, asked.kimg or config.kimg)) is not None:
            tell(f"Warning: {lost}")
    batch, at_a_time, lr = config.batch, 0, config.learning_rate
    if growth is None:
        at_a_time = batch_gpu(config, batch, asked.gpus, asked.batch_gpu)
    else:
        full = growth.levels[-1]
        batch, at_a_time, lr = full.batch_size, full.batch_gpu, full.lr
    loss: dict[str, Any] = config.loss_kwargs
    if asked.loss is not None:
        loss["adversarial"] = asked.loss
    if asked.gamma is not None:
        loss["r1_gamma"] = asked.gamma
    if asked.bcr:
        loss |= {"bcr_real": 10.0, "bcr_fake": 10.0}  # ADA, Appendix C
    options = Options(
        run_dir="",
        training_set_kwargs=TrainingSet(
            data.path,
            data.use_labels,
            data.max_size,
            data.xflip,
            dataset.resolution,
            data.val_fraction,
        ),
        cfg=asked.cfg,
        family=config.family,
        num_gpus=asked.gpus,
        device=device,
        threads=asked.threads,
        image_snapshot_ticks=asked.snap,
        network_snapshot_ticks=asked.snap,
        snapshot_format=asked.snapshot_format,
        keep=asked.keep,
        metrics=tuple(metric.name for metric in parse_all(asked.metrics or "")),
        random_seed=asked.seed,
        data_loader_kwargs=DataLoader(num_workers=asked.workers),
        G_kwargs=config.G_kwargs,
        D_kwargs=_D_kwargs(asked, config),
        G_opt_kwargs=Adam(lr, config.betas),
        D_opt_kwargs=Adam(lr, config.betas),
        loss_kwargs=loss,
        aug=asked.aug or config.aug,
        augment_kwargs=GROUPS[asked.augpipe],
        augment_p=asked.p or 0.0,
        ada_heuristic=asked.heuristic,
        ada_target=_TARGETS[asked.heuristic] if asked.target is None else asked.target,
        ada_kimg=asked.ada_kimg or (_TRANSFER_KIMG if resume else _ADA_KIMG),
        total_kimg=asked.kimg or config.kimg,
        kimg_per_tick=asked.tick,
        batch_size=batch,
        batch_gpu=at_a_time,
        growth=growth,
        ema_kimg=config.average_kimg,
        # A trained average must not be forgotten.
        ema_rampup=None if resume else config.average_rampup,
        precision=choose_precision(asked.precision, device),
        allow_tf32=asked.tf32,
        resume_pkl=resume,
        ganscope_version=importlib.metadata.version("ganscope"),
    )
    if source is not None:
        _compare(options, dataset, source, tell)
    elif traits.new_generator is not None or dataset.resolution < _SURE:
        untrained(options, dataset)  # it may not know networks of every resolution
    if options.metrics:
        import torch

        from training.metrics.during import open_evaluator

        open_evaluator(options, torch.device("cpu"))  # what is missing is told now
    return options, _description(asked, config, dataset.name)


def _config(asked: Asked, resolution: int) -> Config:
    """The configuration, with the loss and the width asked for. Raises UserError."""
    try:
        config = configure(asked.cfg, resolution, asked.gpus, asked.batch)
    except ValueError as error:
        raise UserError(
            f"--batch: {error}.", f"Use a multiple of {4 * asked.gpus}, such as {16 * asked.gpus}."
        ) from error
    if asked.loss is not None:
        config = replace(config, **with_loss(config, asked.loss))
    base, most = round(config.channel_base * asked.width), round(config.channel_max * asked.width)
    if base < resolution or most < 1:
        least = max(resolution / config.channel_base, 1 / config.channel_max)
        raise UserError(
            f"--width: {asked.width:g} leaves layers with less than one channel.",
            f"Use {math.ceil(least * 1000) / 1000:g} or more; 1 is as the configuration has it.",
        )
    return replace(config, channel_base=base, channel_max=most)


def _D_kwargs(asked: Asked, config: Config) -> dict[str, Any]:  # noqa: N802
    frozen = {"freeze_layers": asked.freezed} if config.family == "stylegan2" else {}
    return config.D_kwargs | frozen


def _growth(
    asked: Asked,
    config: Config,
    traits: TrainingTraits,
    resolution: int,
    source: Snapshot | None,
) -> Growth | None:
    """How the networks grow, from as far as those of the snapshot `source` have grown."""
    if traits.progressive_growth is None:
        return None
    first = traits.progressive_growth.first_resolution
    if source is not None:
        from networks.families.pggan.growth import resolution_in_use
        from training.start.resume import generator_of

        first = max(first, resolution_in_use(resolution, generator_of(source).config["lod"]))
    return growth_of(
        config,
        first=first,
        resolution=resolution,
        gpus=asked.gpus,
        batch=asked.batch,
        batch_gpu=asked.batch_gpu,
        stable_kimg=asked.stable_kimg,
        fade_kimg=asked.fade_kimg,
    )


def _resume(asked: Asked, config: Config, resolution: int, channels: int) -> Snapshot | None:
    if asked.resume is None:
        return None
    from training.start.resume import generator_of, open_source

    path = str(locate.resolve(asked.resume))
    snapshot = open_source(path, resolution=resolution, channels=channels)
    if snapshot.family != config.family:
        raise UserError(
            f"{path} holds networks of the family {snapshot.family}, and --cfg {asked.cfg} trains "
            f"{config.family}.",
            "Choose the --cfg that it was trained with, or another snapshot.",
        )
    if asked.freezed and "D" not in snapshot.networks:
        raise UserError(
            f"--freezed: {path} holds no discriminator.",
            "Leave --freezed out, or resume from a snapshot that has one.",
        )
    smaller = generator_of(snapshot).resolution
    if asked.freezed and smaller != resolution:
        raise UserError(
            f"--freezed: {path} makes pictures of {smaller}×{smaller} pixels, and the first layers "
            f"of D, those for {resolution}×{resolution}, are not in it.",
            "Leave --freezed out, or resume from a snapshot for pictures of that size.",
        )
    return snapshot


def _compare(
    options: Options, dataset: ImageDataset, source: Snapshot, tell: Callable[[str], None]
) -> None:
    """Tell what fits, before a run directory is made. Raises UserError where nothing does."""
    from training.learn.parts import untrained
    from training.start import resume

    G, D = untrained(options, dataset)
    report = resume.compare(source, {"G": G, "D": D, "G_ema": G})
    tell(f"Starting from {source.path}")
    for entry in report:
        tell(f"  {entry}")
    if (warning := resume.little(source, report)) is not None:
        tell(f"Warning: {warning}")


def _description(asked: Asked, config: Config, name: str) -> str:
    """What sets the run apart from others, for its name."""
    parts = [name]
    parts += ["cond"] if asked.cond else []
    parts += [] if asked.subset is None else [f"subset{asked.subset}"]
    parts += ["mirror"] if asked.mirror else []
    parts += [asked.cfg if asked.gpus == 1 else f"{asked.cfg}{asked.gpus}"]
    parts += [] if asked.gamma is None else [f"gamma{asked.gamma:g}"]
    parts += [] if asked.kimg is None else [f"kimg{asked.kimg:g}"]
    parts += [] if asked.batch is None else [f"batch{asked.batch}"]
    parts += [] if asked.width == 1 else [f"width{asked.width:g}"]
    parts += [] if asked.loss is None else [asked.loss]
    parts += [] if asked.stable_kimg is None else [f"stable{asked.stable_kimg:g}"]
    parts += [] if asked.fade_kimg is None else [f"fade{asked.fade_kimg:g}"]
    parts += [] if asked.aug in (None, config.aug) else [asked.aug]
    parts += [] if asked.p is None else [f"p{asked.p:g}"]
    parts += [] if asked.target is None else [f"target{asked.target:g}"]
    parts += [] if asked.ada_kimg is None else [f"adakimg{asked.ada_kimg:g}"]
    parts += [] if asked.heuristic == "rt" else [asked.heuristic]
    parts += [] if asked.augpipe == "bgc" else [asked.augpipe]
    parts += ["bcr"] if asked.bcr else []
    parts += ["resume"] if asked.resume else []
    parts += [f"freezed{asked.freezed}"] if asked.freezed else []
    return "-".join(parts)
