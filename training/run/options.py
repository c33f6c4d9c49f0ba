"""Everything that a run was asked for: what `training_options.json` holds. No torch here.

Names are those of NVIDIA's trainers where these have the same thing, so that tools made for them
read ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from common.errors import UserError

Augmentation = Literal["ada", "fixed", "noaug"]
PrecisionOption = Literal["fp32", "fp16", "bf16"]


class TrainingSet(msgspec.Struct, frozen=True):
    """The data. max_size: images kept before mirroring. val_fraction: held out for r_v."""

    path: str
    use_labels: bool = False
    max_size: int | None = None
    xflip: bool = False
    resolution: int | None = None
    val_fraction: float = 0.0


class DataLoader(msgspec.Struct, frozen=True):
    num_workers: int = 2
    prefetch_factor: int = 4


class Adam(msgspec.Struct, frozen=True):
    """Before the correction for lazy regularisation."""

    lr: float
    betas: tuple[float, float] = (0.0, 0.99)
    eps: float = 1e-8


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A run. Batches are of all GPUs together, `batch_gpu` of one at a time; kimg: 1000 images.

    G_kwargs, D_kwargs: constructor keywords of the networks, data's own facts left out.
    loss_kwargs: of LossOptions. augment_kwargs: strengths. augment_p: at the start, or fixed.
    ada_kimg: for p from 0 to 1. ema_rampup: share of the images seen so far, None for none.
    *_reg_interval: iterations between regularisation steps. keep: newest snapshots kept.
    """

    run_dir: str
    training_set_kwargs: TrainingSet
    cfg: str
    num_gpus: int = 1
    device: Literal["cuda", "cpu"] = "cpu"
    threads: int | None = None
    image_snapshot_ticks: int = 50
    network_snapshot_ticks: int = 50
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
    ada_heuristic: Literal["rt", "rv"] = "rt"
    ada_target: float = 0.6
    ada_interval: int = 4
    ada_kimg: float = 500
    total_kimg: float
    kimg_per_tick: float = 4
    batch_size: int
    batch_gpu: int
    ema_kimg: float
    ema_rampup: float | None = 0.05
    precision: PrecisionOption = "fp32"
    allow_tf32: bool = False
    cudnn_benchmark: bool = True
    resume_pkl: str | None = None
    ganscope_version: str = ""


def to_json(options: Options) -> dict[str, Any]:
    """As JSON holds it."""
    document: dict[str, Any] = msgspec.to_builtins(options)
    return document


def read(run: Path) -> Options:
    """The options of one of our runs. Raises UserError."""
    path = run / "training_options.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Options)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(
            f"{run} is no run directory: it has no {path.name}.",
            "Name one that `train` made, such as runs/00000-faces-auto.",
        ) from error
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(
            f"{path} cannot be continued from: {error}.",
            "Only ganscope's own runs can be; start a new one with --resume and a snapshot.",
        ) from error
