"""How long work tells what it has done, and is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

ProgressReport: TypeAlias = Callable[[float, str], None]
"""Called with the share that is done (0…1, negative where it is unknown) and a line of text."""

IsCancelled: TypeAlias = Callable[[], bool]
"""True once the work is no longer wanted; whoever does it raises Cancelled then."""


def silent(_fraction: float, _text: str) -> None:
    """A ProgressReport that nobody reads."""


def never() -> bool:
    """An IsCancelled of work that nobody takes back."""
    return False
