"""A step that does not fit into the memory, in the user's words."""

from __future__ import annotations

import torch

from common.errors import UserError


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no memory left, of a GPU or of the machine."""
    # The CPU allocator raises a plain RuntimeError.
    known = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return known or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))


def too_little(device: torch.device, size: int, nimg: int) -> UserError:
    """What to tell where a step of `size` pictures at a time did not fit.

    nimg: pictures shown before it; a run that has learnt something is not started from nothing.
    """
    smaller = f"a --batch-gpu below {size}" if size > 1 else "a smaller --width"
    kept = " and --resume" if nimg else ""
    pictures = "a picture" if size == 1 else f"{size} pictures"
    return UserError(
        f"There is not enough memory on {device} to train with {pictures} at a time.",
        f"Close other programs that use it, or start a new run with {smaller}{kept}.",
    )
