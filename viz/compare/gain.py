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
