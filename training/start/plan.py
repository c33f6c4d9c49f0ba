"""From what the user asked for to the options of a run, checked before anything starts."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from common.errors import UserError
from common.runs import locate
from training.metrics.names import parse_all
from training.run.configs import Config, ConfigName, configure
from training.run.options import (
    Adam,
    Augmentation,
    AugmentationGroup,
    DataLoader,
    DeviceChoice,
    Heuristic,
    Options,
    SnapshotFormat,
    TrainingSet,
)
from training.run.precision import choose_precision

if TYPE_CHECKING:
    from networks.snapshots.snapshot import Snapshot
    from training.data.dataset import ImageDataset

# ADA, Appendix D: p moves five times as fast in transfer learning.
_ADA_KIMG, _TRANSFER_KIMG = 500.0, 100.0
_TARGETS = {"rt": 0.6, "rv": 0.5}  # ADA, Section 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The flags of `train`, as its help explains them; None stands for a flag that is not given."""

    data: str
    cfg: ConfigName = "auto"
    gpus: int = 1
    device: DeviceChoice = "auto"
    threads: int | None = None
    kimg: float | None = None
    batch: int | None = None
    batch_gpu: int | None = None
    gamma: float | None = None
    aug: Augmentation = "ada"
    p: float | None = None
    target: float | None = None
    ada_kimg: float | None = None
    heuristic: Heuristic = "rt"
    augpipe: AugmentationGroup = "bgc"
    bcr: bool = False
    cond: bool = False
    mirror: bool = False
    subset: int | None = None
    val_fraction: float = 0.0
    resume: str | None = None
    freezed: int = 0
    tick: float = 4.0
    snap: int = 50
    snapshot_format: SnapshotFormat = "safetensors"
    keep: int | None = None
    metrics: str | None = None
    seed: int = 0
    workers: int = 2
    precision: Literal["auto", "fp32", "fp16", "bf16"] = "auto"
    tf32: bool = False


def plan(asked: Asked, tell: Callable[[str], None] = lambda text: None) -> tuple[Options, str]:
    """The options of the run, all but `run_dir`, and the description that its name gets.

    tell: is told, line by line, what the run would take from the snapshot to start from.
    The data and that snapshot are opened. Raises UserError, which names the flag.
    """
    _check_numbers(asked)
    from networks.augment import GROUPS
    from training.run.distributed import choose_device
    from training.start.launch import open_data

    data = TrainingSet(
        path=str(Path(asked.data).expanduser().absolute()),
        use_labels=asked.cond,
        max_size=asked.subset,
        xflip=asked.mirror,
        val_fraction=asked.val_fraction,
    )
    dataset, _ = open_data(data, asked.seed)
    if asked.subset is not None and asked.subset > dataset.raw_count:
        raise UserError(
            f"--subset: {asked.subset} images are asked for, and {asked.data} has "
            f"{dataset.raw_count}.",
            "Use fewer, or leave --subset out.",
        )
    dataset.verify()
    device = choose_device(asked.device)
    config = _config(asked, dataset.resolution)
    source = _resume(asked, dataset.resolution, dataset.channels)
    resume = None if source is None else source.path
    loss: dict[str, Any] = config.loss_kwargs
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
        D_kwargs={**config.D_kwargs, "freeze_layers": asked.freezed},
        G_opt_kwargs=Adam(config.learning_rate),
        D_opt_kwargs=Adam(config.learning_rate),
        loss_kwargs=loss,
        aug=asked.aug,
        augment_kwargs=GROUPS[asked.augpipe],
        augment_p=asked.p or 0.0,
        ada_heuristic=asked.heuristic,
        ada_target=_TARGETS[asked.heuristic] if asked.target is None else asked.target,
        ada_kimg=asked.ada_kimg or (_TRANSFER_KIMG if resume else _ADA_KIMG),
        total_kimg=asked.kimg or config.kimg,
        kimg_per_tick=asked.tick,
        batch_size=config.batch,
        batch_gpu=_batch_gpu(asked, config),
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
    if options.metrics:
        import torch

        from training.metrics.during import open_evaluator

        open_evaluator(options, torch.device("cpu"))  # what is missing is told now
    return options, _description(asked, dataset.name)


def _check_numbers(asked: Asked) -> None:
    """Check what can be checked without the data. Raises UserError."""

    def need(fits: bool, flag: str, value: object, remedy: str) -> None:
        if not fits:
            raise UserError(f"--{flag}: {value} is out of range.", remedy)

    def above(value: float | None) -> bool:
        return value is None or (math.isfinite(value) and value > 0)

    gamma, p, target = asked.gamma, asked.p, asked.target
    need(
        gamma is None or (math.isfinite(gamma) and gamma >= 0),
        "gamma",
        gamma,
        "Use 0 or more; 0 turns R1 off.",
    )
    need(p is None or 0 <= p <= 1, "p", p, "p is a probability: 0 to 1.")
    need(target is None or 0 <= target <= 1, "target", target, "Use 0 to 1; the paper has 0.6.")
    need(above(asked.kimg), "kimg", asked.kimg, "Use more than 0 thousand images.")
    need(above(asked.ada_kimg), "ada-kimg", asked.ada_kimg, "Use more than 0 thousand images.")
    need(above(asked.tick), "tick", asked.tick, "Use more than 0 thousand images.")
    need(0 <= asked.val_fraction < 1, "val-fraction", asked.val_fraction, "Use 0 up to 1.")
    if asked.aug == "fixed" and p is None:
        raise UserError("--aug fixed needs to know p.", "Give it with --p, such as --p 0.2.")
    if asked.aug == "noaug" and p:
        raise UserError("--aug noaug has no p.", "Use --aug fixed, or leave --p out.")
    if target is not None and asked.aug != "ada":
        raise UserError(f"--aug {asked.aug} has no target.", "Leave --target out.")
    if asked.ada_kimg is not None and asked.aug != "ada":
        raise UserError(f"--aug {asked.aug} leaves p alone.", "Leave --ada-kimg out.")
    if asked.freezed and asked.resume is None:
        raise UserError(
            "--freezed keeps layers of D as they were learnt, and D starts untrained.",
            "Give a snapshot with --resume, or leave --freezed out.",
        )
    if asked.heuristic == "rv" and not asked.val_fraction:
        raise UserError(
            "--heuristic rv compares with images held out.",
            "Hold some out with --val-fraction, such as 0.1.",
        )


def _config(asked: Asked, resolution: int) -> Config:
    try:
        return configure(asked.cfg, resolution, asked.gpus, asked.batch)
    except ValueError as error:
        raise UserError(
            f"--batch: {error}.", f"Use a multiple of {4 * asked.gpus}, such as {16 * asked.gpus}."
        ) from error


def _batch_gpu(asked: Asked, config: Config) -> int:
    """Pictures at a time on one GPU: as many as the configuration has, or as it is asked for."""
    share = config.batch // asked.gpus
    group = min(config.stddev_group, share)
    if asked.batch_gpu is not None:
        if asked.batch_gpu < 1 or share % asked.batch_gpu or asked.batch_gpu % group:
            raise UserError(
                f"--batch-gpu: {asked.batch_gpu} does not divide the {share} pictures of each GPU "
                f"into groups of {group}.",
                f"Use one of {', '.join(str(n) for n in _sizes(share, group))}.",
            )
        return asked.batch_gpu
    limit = max(config.batch_gpu or share, group)
    return max(n for n in _sizes(share, group) if n <= limit)


def _sizes(share: int, group: int) -> list[int]:
    return [n for n in range(group, share + 1) if share % n == 0 and n % group == 0]


def _resume(asked: Asked, resolution: int, channels: int) -> Snapshot | None:
    if asked.resume is None:
        return None
    from training.start.resume import open_source

    path = str(locate.resolve(asked.resume))
    snapshot = open_source(path, resolution=resolution, channels=channels)
    if asked.freezed and "D" not in snapshot.networks:
        raise UserError(
            f"--freezed: {path} holds no discriminator.",
            "Leave --freezed out, or resume from a snapshot that has one.",
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


def _description(asked: Asked, name: str) -> str:
    """What sets the run apart from others, for its name."""
    parts = [name]
    parts += ["cond"] if asked.cond else []
    parts += [] if asked.subset is None else [f"subset{asked.subset}"]
    parts += ["mirror"] if asked.mirror else []
    parts += [asked.cfg if asked.gpus == 1 else f"{asked.cfg}{asked.gpus}"]
    parts += [] if asked.gamma is None else [f"gamma{asked.gamma:g}"]
    parts += [] if asked.kimg is None else [f"kimg{asked.kimg:g}"]
    parts += [] if asked.batch is None else [f"batch{asked.batch}"]
    parts += [] if asked.aug == "ada" else [asked.aug]
    parts += [] if asked.p is None else [f"p{asked.p:g}"]
    parts += [] if asked.target is None else [f"target{asked.target:g}"]
    parts += [] if asked.ada_kimg is None else [f"adakimg{asked.ada_kimg:g}"]
    parts += [] if asked.heuristic == "rt" else [asked.heuristic]
    parts += [] if asked.augpipe == "bgc" else [asked.augpipe]
    parts += ["bcr"] if asked.bcr else []
    parts += ["resume"] if asked.resume else []
    parts += [f"freezed{asked.freezed}"] if asked.freezed else []
    return "-".join(parts)
