"""How weights are prepared on this machine: by the user's own measurements where there are any."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import msgspec
import torch

from common.cache_folder import cache_folder
from ops.prepared.table import Table, delivered, read_table
from renderer.pipeline.drafts import bfloat16_pays


def own_table() -> Path:
    """Where `bench --tune` writes what it has measured."""
    return cache_folder("tuning") / "convolutions.json"


@cache
def this_machine() -> Table:
    """What was measured on this machine, or else on the one that the program was written on."""
    try:
        return read_table(own_table())
    except FileNotFoundError:
        return delivered()
    except (OSError, msgspec.DecodeError) as error:
        # It only decides how fast drafts are.
        print(f"{own_table()} cannot be used: {error}", file=sys.stderr)
        return delivered()


def draft_dtype() -> torch.dtype:
    """The number format of drafts on this machine."""
    return torch.bfloat16 if bfloat16_pays() else torch.float32
