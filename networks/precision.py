"""What the names of `common.precision` mean to torch: for the renderer, training and metrics alike.

precision = on_device("float16", device)
network.set_precision(precision)
with computing(precision, device):
    img = network.render(ws)
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from common.precision import Precision


def on_device(precision: Precision, device: torch.device) -> Precision:
    """What a device computes in where `precision` is asked for: float16 is for CUDA only."""
    return "float32" if precision == "float16" and device.type != "cuda" else precision


def computing(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Holds around what networks compute, and around the derivatives of that.

    float32 and float16 need only `set_precision`; bfloat16 is torch's autocast, which chooses for
    every operator.
    """
    if precision == "bfloat16":
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
