"""A step that does not fit into the memory, in the user's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from common.errors import UserError


@contextmanager
def explained(device: torch.device, size: int, nimg: int) -> Iterator[None]:
    """Running out of memory in a step inside is a UserError.

    size: pictures at a time.
    nimg: pictures shown before; a run that has learnt something is not started from nothing.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_full(error):
            raise
        raise _too_little(device, size, nimg) from error


def _is_full(error: BaseException) -> bool:
    """Whether an error says that there is no memory left, of a GPU or of the machine."""
    # The CPU allocator raises a plain RuntimeError.
    known = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return known or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))


def _too_little(device: torch.device, size: int, nimg: int) -> UserError:
    smaller = f"a --batch-gpu below {size}" if size > 1 else "a smaller --width"
    kept = " and --resume" if nimg else ""
    pictures = "a picture" if size == 1 else f"{size} pictures"
    return UserError(
        f"There is not enough memory on {device} to train with {pictures} at a time.",
        f"Close other programs that use it, or start a new run with {smaller}{kept}.",
    )
