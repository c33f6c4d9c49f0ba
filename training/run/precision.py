"""The number formats that training computes in."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from common.errors import UserError
from training.run.options import Precision


def choose_precision(name: str, device: str) -> Precision:
    """What `--precision` (auto, fp32, fp16, bf16) stands for on a device, cuda or cpu.

    fp16 is that of the top resolutions alone (`Generator.set_precision`); bf16, with the range of
    float32, is that of every convolution. Raises UserError.
    """
    match name, device:
        case ("auto" | "fp16", "cuda"):
            return "fp16"
        case "fp16", _:
            raise UserError("--precision fp16 needs a CUDA device.", "Use bf16 or fp32 on a CPU.")
        case "bf16", _:
            return "bf16"
    return "fp32"


def computing(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """For a forward pass and what it differentiates."""
    if precision == "bf16":
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
