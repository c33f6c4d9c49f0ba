"""Waiting for a renderer on another machine where nobody sees the window, but not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from common.errors import UserError
from common.units import rough_duration
from viz.desk.facts import Engine

PATIENCE: Final = 600.0
"""Seconds that a renderer on another machine may take until it is ready: some start in a queue."""


class Patience:
    """Tells in a terminal how a renderer far away is reached, and when that takes too long.

    What is said of one that is ready, such as that it is of another version, is told as well.

    engine: how the renderer is.
    say: prints a line.
    clock: a clock in seconds that never jumps.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._say = say
        self._clock = clock
        self._since: float | None = None
        self._said: tuple[str, ...] = ()
        self._told = ""  # what was said of it once it was ready

    def trouble(self) -> UserError | None:
        """Return why it is waited for no longer, None where it is; called once in every frame."""
        engine = self._engine()
        line = engine.line
        if engine.state == "ready" and engine.text and engine.text != self._told:
            self._told = engine.text
            self._say(engine.text)
        if line is None or engine.state == "failed":
            self._since = None
            return None
        if self._since is None:
            self._since = self._clock()
            limit = rough_duration(PATIENCE)
            self._say(f"Waiting for {line.place}, at most {limit}; Ctrl+C ends it.")
        known = set(self._said)
        for words in line.said:
            if words not in known:
                self._say(f"{line.place}: {words}")
        self._said = line.said
        if self._clock() - self._since < PATIENCE:
            return None
        last = f" It said last: {line.said[-1]}" if line.said else " It said nothing."
        text = f"{line.place} was not ready within {rough_duration(PATIENCE)}.{last}"
        return UserError(text, "See in a terminal what the command waits for.")
