"""What the user asked for, and what of it can be checked without the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from common.errors import UserError
from training.run.config import Config
from training.run.configs import ConfigName
from training.run.options import (
    AdversarialLoss,
    Augmentation,
    AugmentationGroup,
    DeviceChoice,
    Heuristic,
    SnapshotFormat,
)


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
    width: float = 1.0
    loss: AdversarialLoss | None = None
    gamma: float | None = None
    stable_kimg: float | None = None
    fade_kimg: float | None = None
    aug: Augmentation | None = None
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


def check_numbers(asked: Asked) -> None:
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
    for flag, kimg in (("stable-kimg", asked.stable_kimg), ("fade-kimg", asked.fade_kimg)):
        fits = kimg is None or (math.isfinite(kimg) and kimg >= 0)
        need(fits, flag, kimg, "Use 0 thousand images or more.")
    if asked.stable_kimg == 0 and asked.fade_kimg == 0:
        raise UserError(
            "--stable-kimg 0 with --fade-kimg 0 trains no resolution before the next one is added.",
            "Give one of them more than 0, such as 1, or leave one out.",
        )
    need(above(asked.width), "width", asked.width, "1 is as the configuration has it.")
    check_kimg(asked.kimg)
    need(above(asked.ada_kimg), "ada-kimg", asked.ada_kimg, "Use more than 0 thousand images.")
    need(above(asked.tick), "tick", asked.tick, "Use more than 0 thousand images.")
    need(0 <= asked.val_fraction < 1, "val-fraction", asked.val_fraction, "Use 0 up to 1.")
    if asked.aug == "fixed" and p is None:
        raise UserError("--aug fixed needs to know p.", "Give it with --p, such as --p 0.2.")
    if asked.aug == "noaug" and p:
        raise UserError("--aug noaug has no p.", "Use --aug fixed, or leave --p out.")
    if target is not None and asked.aug in ("fixed", "noaug"):
        raise UserError(f"--aug {asked.aug} has no target.", "Leave --target out.")
    if asked.ada_kimg is not None and asked.aug in ("fixed", "noaug"):
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


def check_kimg(kimg: float | None) -> None:
    """Check that a length, if one is given, is one of an image or more. Raises UserError."""
    if kimg is not None and not (math.isfinite(kimg) and round(kimg * 1000) >= 1):
        raise UserError(
            f"--kimg: {kimg} is out of range.", "Use more than 0 thousand images: 0.001 or more."
        )


def check_family(asked: Asked, config: Config) -> None:
    """Check that what was asked for goes with the family of the configuration. Raises UserError."""
    if asked.freezed and config.family != "stylegan2":
        raise UserError(
            f"--freezed: --cfg {asked.cfg} trains {config.family}, whose layers cannot be frozen.",
            "Leave it out, or use a configuration of StyleGAN2.",
        )
    if asked.snapshot_format == "pkl" and config.family != "stylegan2":
        raise UserError(
            f"--snapshot-format: NVIDIA's programs cannot read what --cfg {asked.cfg} trains.",
            "Leave it out, or use a configuration of StyleGAN2.",
        )
    for flag, value in (("stable-kimg", asked.stable_kimg), ("fade-kimg", asked.fade_kimg)):
        if value is not None and config.growing is None:
            raise UserError(
                f"--{flag}: the networks of --cfg {asked.cfg} do not grow.",
                "Leave it out, or use --cfg stylegan1 or pggan.",
            )
    if asked.aug is None and config.aug == "noaug":
        for flag, value in (("p", asked.p), ("target", asked.target), ("ada-kimg", asked.ada_kimg)):
            if value is not None:
                raise UserError(
                    f"--{flag}: --cfg {asked.cfg} is trained without augmentation.",
                    "Add --aug ada, or leave it out.",
                )
    if asked.gamma and config.loss == "wgan-gp":
        raise UserError(
            "--gamma is the weight of R1, and wgan-gp has a penalty of its own.",
            "Leave it out, or use --loss logistic.",
        )
