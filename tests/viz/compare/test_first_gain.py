"""A difference that was opened on pictures that are alike gets its gain once they differ."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.messages.frame import Draft, FrameInfo
from renderer.messages.request import RenderRequest
from viz.compare.gain import FirstGain, automatic
from viz.gpu.pictures import Frame
from viz.session import comparing
from viz.session.session import Session


def frame(level: int, draft: Draft | None = None) -> Frame:
    pixels = np.full((4, 4, 4), level, np.uint8)
    pixels[..., 3] = 255
    info = FrameInfo({}, "", "float32", 0, draft=draft)
    return Frame(RenderRequest("a"), info, 0, 4, 4, pixels)


@pytest.fixture
def session() -> Session:
    compared = comparing.kept(Session().with_render(snapshot="a"))
    return compared.with_compare(on=True, layout="difference")


def test_it_is_chosen_when_they_first_differ(session: Session) -> None:
    gain, same = FirstGain(), frame(50)
    assert gain.choose(session, [same, same]) is session
    rough = [frame(60, Draft(8, "float32")), same]
    assert gain.choose(session, rough) is session, "a preview says nothing yet"
    differing = [frame(60), same]
    found = gain.choose(session, differing)
    assert found.compare.gain == automatic(differing, 0) > 1
    # Whoever brings it back to 1 has chosen it.
    assert gain.choose(found, differing) is found
    back = found.with_compare(gain=1.0)
    assert gain.choose(back, differing).compare.gain == 1.0
    assert gain.choose(back, [frame(90), same]).compare.gain == 1.0


def test_differing_from_the_first_it_stays_what_it_is(session: Session) -> None:
    gain, differing = FirstGain(), [frame(50), frame(60)]
    assert gain.choose(session, differing) is session
    assert gain.choose(session, [frame(70), frame(60)]) is session


def test_other_layouts_have_none(session: Session) -> None:
    gain, same, grid = FirstGain(), frame(50), session.with_compare(layout="grid")
    assert gain.choose(session, [same, same]) is session
    assert gain.choose(grid, [frame(60), same]) is grid
