"""The gain at which a difference is well seen: the strongest colour goes to what differs most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from renderer.pictures import compose
from viz.gpu.pictures import Frame
from viz.session import comparing
from viz.session.ranges import GAIN
from viz.session.session import Layout, Session

SPREAD = 4.0
"""How many times the root of the mean square counts as the strongest difference: a few pixels that
differ more must not leave all others pale."""


def automatic(frames: Sequence[Frame | None], reference: int) -> float:
    """Return the gain for the differences of pictures from one of them, 1 where all are alike.

    frames: the picture of each number, None where there is none yet.
    reference: the number of the one that the others are measured from.
    """
    first, strongest = frames[reference], 0.0
    for other in frames:
        if first is not None and other is not None and other is not first:
            numbers = compose.difference_numbers(first.pixels, other.pixels)
            strongest = max(strongest, min(float(numbers.maximum), SPREAD * numbers.rms))
    return GAIN.nearest(round(255 / strongest, 1)) if strongest else 1.0


class FirstGain:
    """Chooses the gain of a difference that was opened on pictures that were all alike.

    It does so once, when they differ for the first time.
    """

    def __init__(self) -> None:
        self._alike = False
        self._measured: list[Frame | None] = []

    def choose(self, session: Session, frames: list[Frame | None]) -> Session:
        """Return the session with that gain, where it is time for it.

        frames: the picture of each number, None where there is none yet.
        """
        compare = session.compare
        if compare.layout != "difference" or compare.gain != 1.0:
            self._alike, self._measured = False, []
            return session
        unfinished = any(frame is None or frame.info.draft is not None for frame in frames)
        if unfinished or _same(frames, self._measured):
            return session
        self._measured = frames
        gain = automatic(frames, comparing.pair(compare)[0])
        chosen = self._alike and gain != 1.0
        self._alike = gain == 1.0
        return session.with_compare(gain=gain) if chosen else session


def _same(some: list[Frame | None], others: list[Frame | None]) -> bool:
    """Whether they are the very same pictures."""
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def in_layout(session: Session, layout: Layout, frames: Mapping[str, Frame]) -> Session:
    """Return the session with another layout of its comparison.

    A difference whose gain nobody has chosen begins with the automatic one.
    frames: the newest picture of each stream.
    """
    compare = session.compare
    session = session.with_compare(layout=layout)
    if layout != "difference" or compare.layout == layout or not compare.panes:
        return session
    if compare.gain != 1.0:
        return session
    streams = ("main", *(comparing.stream(pane) for pane in compare.panes))
    shown = [frames.get(stream) for stream in streams]
    return session.with_compare(gain=automatic(shown, comparing.pair(compare)[0]))
