"""The switch between the fast operators and the plain ones they are checked against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_reference: ContextVar[bool] = ContextVar("reference_path", default=False)


@contextmanager
def reference_path() -> Iterator[None]:
    """Compute with the plain definitions of `ops.reference` inside this block, in this thread."""
    token = _reference.set(True)
    try:
        yield
    finally:
        _reference.reset(token)


def on_reference_path() -> bool:
    """Whether this is inside of a `reference_path` block."""
    return _reference.get()
