"""Switches: plain operators to check the fast ones against, and first gradients only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_reference: ContextVar[bool] = ContextVar("reference_path", default=False)
_first: ContextVar[bool] = ContextVar("first_gradients", default=False)


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


@contextmanager
def first_gradients() -> Iterator[None]:
    """Nothing that is computed inside this block, in this thread, is differentiated twice.

    Operators then keep and compute less, most of all where weights are constants: it suits
    searching for the input of a fixed network.
    """
    token = _first.set(True)
    try:
        yield
    finally:
        _first.reset(token)


def in_first_gradients() -> bool:
    """Whether this is inside of a `first_gradients` block."""
    return _first.get()
