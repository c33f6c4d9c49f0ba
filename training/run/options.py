"""Everything that a run was asked for: what `training_options.json` holds. No torch here.

Names are those of NVIDIA's trainers where these have the same thing, so that tools made for them
read ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from common.errors import UserError, why
from common.regular import require_regular
from common.runs.names import OPTIONS
from training.run.growth import Growth
from training.run.instead import instead_of_continuing

Augmentation = Literal["ada", "fixed", "noaug"]
PrecisionOption = Literal["fp32", "fp16", "bf16"]
Heuristic = Literal["rt", "rv"]
AdversarialLoss = Literal["logistic", "minimax", "wgan-gp"]
AugmentationGroup = Literal[
    "blit", "geom", "color", "filter", "noise", "cutout", "bg", "bgc", "bgcf", "bgcfn", "bgcfnc"
]
Device = Literal["cuda", "cpu"]
DeviceChoice = Literal["auto", "cuda", "cpu"]
SnapshotFormat = Literal["safetensors", "pkl"]


class TrainingSet(msgspec.Struct, frozen=True):
    """The data of a run.

    path: the zip or folder.
    use_labels: whether the networks are conditioned on its labels.
    max_size: images kept, before mirroring; None for all.
    xflip: whether every image is also shown flipped.
    resolution: pixels a side; None before the data has been opened.
    val_fraction: the share of the images that is held out to measure r_v.
    """

    path: str
    use_labels: bool = False
    max_size: int | None = None
    xflip: bool = False
    resolution: int | None = None
    val_fraction: float = 0.0


class DataLoader(msgspec.Struct, frozen=True):
    """How images are read ahead.

    num_workers: processes for each GPU, 0 for none.
    prefetch_factor: batches that each of them keeps ready.
    """

    num_workers: int = 2
    prefetch_factor: int = 4


class Adam(msgspec.Struct, frozen=True):
    """An optimizer, before the correction for lazy regularisation (`optim.lazy_adam`).

    lr: the learning rate.
    betas: decay of the averages of gradients and of their squares.
    eps: keeps the quotient of the two finite.
    """

    lr: float
    betas: tuple[float, float] = (0.0, 0.99)
    eps: float = 1e-8


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A run. A kimg is a thousand real images shown; a tick is the time between two lines of log.

    run_dir: its directory; empty before there is one.
    training_set_kwargs: the data.
    cfg: the name of the configuration that the values below come from.
    family: of the networks.
    num_gpus: processes, each with a GPU where the device is cuda.
    device: where the networks are.
    threads: CPU threads of each process; None for torch's own choice.
    image_snapshot_ticks: ticks between two grids of generated pictures.
    network_snapshot_ticks: ticks between two snapshots.
    snapshot_format: what a snapshot is: `pkl` is the pickle of NVIDIA's trainers.
    keep: how many of the newest snapshots are kept; None for all.
    metrics: names of what every snapshot is measured by.
    random_seed: of everything that is drawn.
    data_loader_kwargs: how images are read ahead.
    G_kwargs, D_kwargs: constructor keywords of the networks, the data's own facts left out.
    G_opt_kwargs, D_opt_kwargs: their optimizers.
    G_reg_interval, D_reg_interval: steps from one of regularisation to the next; None for none.
    loss_kwargs: keywords of LossOptions.
    aug: `ada` adapts p, `fixed` keeps it, `noaug` keeps it at 0.
    augment_kwargs: the strength of each augmentation that is used.
    augment_p: p at the start.
    ada_heuristic, ada_target: what ADA holds at which value.
    ada_interval: minibatches between two steps of p.
    ada_kimg: kimg in which p may go from 0 to 1.
    total_kimg: the length of the run.
    kimg_per_tick: the length of a tick.
    batch_size: images in a step, of all GPUs together.
    batch_gpu: images that one GPU takes at a time.
    growth: how the networks grow, with a batch and a learning rate for each resolution; what is
        said of those elsewhere is of the full resolution. None where they do not grow.
    ema_kimg: half-life of the averaged generator.
    ema_rampup: the half-life is at most this share of the images seen; None for no limit.
    precision: the number format of convolutions.
    allow_tf32: whether a GPU may multiply faster and coarser.
    cudnn_benchmark: whether cuDNN tries out which of its algorithms is fastest.
    resume_pkl: the snapshot that the run starts from; None where it starts untrained.
    ganscope_version: the version that began the run.
    """

    run_dir: str
    training_set_kwargs: TrainingSet
    cfg: str
    family: str = "stylegan2"
    num_gpus: int = 1
    device: Device = "cpu"
    threads: int | None = None
    image_snapshot_ticks: int = 50
    network_snapshot_ticks: int = 50
    snapshot_format: SnapshotFormat = "safetensors"
    keep: int | None = None
    metrics: tuple[str, ...] = ()
    random_seed: int = 0
    data_loader_kwargs: DataLoader = DataLoader()
    G_kwargs: dict[str, Any]
    D_kwargs: dict[str, Any]
    G_opt_kwargs: Adam
    D_opt_kwargs: Adam
    G_reg_interval: int | None = 4
    D_reg_interval: int | None = 16
    loss_kwargs: dict[str, Any]
    aug: Augmentation = "ada"
    augment_kwargs: dict[str, float]
    augment_p: float = 0.0
    ada_heuristic: Heuristic = "rt"
    ada_target: float = 0.6
    ada_interval: int = 4
    ada_kimg: float = 500
    total_kimg: float
    kimg_per_tick: float = 4
    batch_size: int
    batch_gpu: int
    growth: Growth | None = None
    ema_kimg: float
    ema_rampup: float | None = 0.05
    precision: PrecisionOption = "fp32"
    allow_tf32: bool = False
    cudnn_benchmark: bool = True
    resume_pkl: str | None = None
    ganscope_version: str = ""


def to_json(options: Options) -> dict[str, Any]:
    """The options as `training_options.json` and the metadata of snapshots hold them."""
    document: dict[str, Any] = msgspec.to_builtins(options)
    return document


def read(run: Path) -> Options:
    """The options of a run that `train` made. Raises UserError for any other folder."""
    path = run / OPTIONS
    require_regular(run)
    if not run.exists():
        raise UserError(f"{run} does not exist.", "Name a run that `train` made.")
    try:
        return msgspec.json.decode(path.read_bytes(), type=Options)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(
            f"{run} is no run directory: it has no {path.name}.",
            "Name one that `train` made, such as runs/00000-faces-auto.",
        ) from error
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(
            f"{path} cannot be continued from: {why(error)}.",
            f"Only ganscope's own runs can be. {instead_of_continuing(run)}",
        ) from error
