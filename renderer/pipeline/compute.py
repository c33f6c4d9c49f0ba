"""What to compute on: device, precision and threads, chosen from the options."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch

from common.errors import UserError
from common.precision import Precision
from networks.precision import on_device
from renderer.messages.options import EngineOptions
from renderer.pipeline.allocator import keep_memory


@dataclass(frozen=True)
class Compute:
    """A choice that this machine can carry out.

    device: a device that is there, with its index where it is a GPU.
    precision: the number format of networks.
    threads: of the CPU, at least 1.
    drafts: whether pictures that take long may be rough while they move.
    """

    device: torch.device
    precision: Precision
    threads: int
    drafts: bool = False

    @property
    def device_name(self) -> str:
        """The device as it is listed by `devices`."""
        return _describe(self.device)


def devices() -> tuple[str, ...]:
    """Every device of this machine: `cpu`, then `cuda:0 (its name)` and so on."""
    return ("cpu", *(_describe(torch.device("cuda", index)) for index in range(_cards())))


def choose(options: EngineOptions) -> Compute:
    """What `options` ask for. Raises UserError for a device that is not there.

    A CPU computes in float32 where float16 is asked for.
    """
    device = _find_device(options.device)
    precision = on_device("float16" if options.precision == "auto" else options.precision, device)
    threads = options.threads if options.threads > 0 else max(1, _usable_cores() - 1)
    drafts = options.precision == "auto" and device.type == "cpu"
    return Compute(device, precision, threads, drafts)


def apply(compute: Compute) -> None:
    """Set what torch and the C library keep per process, so that equal requests give equal pixels,
    and soon."""
    keep_memory()
    torch.set_num_threads(compute.threads)
    if compute.device.type == "cuda":
        # TF32 keeps 10 bits of the mantissa: the last digits of published pictures would be lost.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.deterministic = True


def _cards() -> int:
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _usable_cores() -> int:
    # A container or taskset may allow fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _describe(device: torch.device) -> str:
    if device.type != "cuda":
        return str(device)
    return f"cuda:{device.index} ({torch.cuda.get_device_name(device)})"


def _find_device(text: str) -> torch.device:
    count = _cards()
    name = text.split(" ")[0].lower()  # a listed device is named "cuda:0 (its name)"
    if name == "auto":
        name = "cuda" if count else "cpu"
    if name == "cpu":
        return torch.device("cpu")
    kind, _, index = name.partition(":")
    if kind == "cuda" and (index or "0").isdecimal() and int(index or 0) < count:
        return torch.device("cuda", int(index or 0))
    raise UserError(
        f"There is no device {text!r} here.", f"Choose one of: auto, {', '.join(devices())}."
    )
