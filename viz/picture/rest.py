"""How long the mouse has rested: what lies over a picture leaves it while nobody moves."""

from __future__ import annotations

import math

FADE_AFTER = 2.0
"""How many seconds of rest pass before what lies over a picture begins to fade."""
FADE_SECONDS = 0.4
"""How many seconds the fading takes."""


class Rest:
    """The time since the mouse moved, and how opaque it leaves what lies over a picture.

    opacity: 1 while the mouse moves, 0 when it has rested, as at the start.
    """

    def __init__(self) -> None:
        self._idle = math.inf
        self.opacity = 0.0

    def pass_time(self, dt: float, *, awake: bool) -> None:
        """Take in a frame of the window.

        dt: seconds since the last one.
        awake: the mouse has moved over the picture, or is on a control.
        """
        self._idle = 0.0 if awake else self._idle + dt
        share = min(max((self._idle - FADE_AFTER) / FADE_SECONDS, 0.0), 1.0)
        self.opacity = 1.0 - share
