"""Signals that end the program: it ends as it does when its window is closed.

Otherwise the command that reaches a renderer on another machine would be left behind, as it has a
session of its own.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl+C, `kill` or a logout, and a terminal that is closed."""


@contextmanager
def ended_by_signals(quit: Callable[[], None]) -> Iterator[None]:
    """Call `quit` on each of the signals while inside, in the main thread.

    What `nohup` has started ignores that its terminal is closed, and goes on doing so.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        quit()

    previous = {number: signal.signal(number, handle) for number in ENDING if not _outlives(number)}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)


def _outlives(number: int) -> bool:
    """Whether a signal says that the terminal is closed, which the program was to outlive."""
    hangup = getattr(signal, "SIGHUP", None)
    return number == hangup and signal.getsignal(number) is signal.SIG_IGN


def leave() -> None:
    """End a program without a window yet, as Ctrl+C does: what is open is closed."""
    raise KeyboardInterrupt
