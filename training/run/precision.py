"""The number formats of training, as its options name them."""

from __future__ import annotations

from typing import Final

from common.errors import UserError
from common.precision import Precision
from training.run.options import PrecisionOption

_MEANINGS: Final[dict[PrecisionOption, Precision]] = {
    "fp32": "float32",
    "fp16": "float16",
    "bf16": "bfloat16",
}


def choose_precision(name: str, device: str) -> PrecisionOption:
    """What `--precision` (auto, fp32, fp16, bf16) stands for on a device, cuda or cpu.

    Raises UserError for fp16 on a CPU.
    """
    match name, device:
        case ("auto" | "fp16", "cuda"):
            return "fp16"
        case "fp16", _:
            raise UserError("--precision fp16 needs a CUDA device.", "Use bf16 or fp32 on a CPU.")
        case "bf16", _:
            return "bf16"
    return "fp32"


def precision_of(option: PrecisionOption) -> Precision:
    """The precision that an option of training means."""
    return _MEANINGS[option]
