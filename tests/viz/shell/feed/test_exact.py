"""Exact frames for what is kept, without a window."""

from __future__ import annotations

import numpy as np

from renderer.messages.failure import Failure
from renderer.messages.frame import Draft, FrameInfo
from renderer.messages.request import RenderRequest, Seed
from viz.gpu.pictures import Frame
from viz.shell.feed.exact import STREAM, ExactFrames


def frame(request: RenderRequest, draft: Draft | None = None) -> Frame:
    info = FrameInfo({}, "cpu", "float32", 1, draft=draft)
    return Frame(request, info, 0, 8, 8, np.zeros((8, 8, 4), np.uint8))


def test_pictures_kept_twice_are_asked_for_once_and_fail_once() -> None:
    first, second = (RenderRequest(snapshot="a.pkl", source=Seed(seed)) for seed in (1, 2))
    wanted, failures, said = [first], [Failure("Out of memory.")], []
    frames: dict[str, Frame] = {}
    exact = ExactFrames(
        frames,
        lambda: wanted[-1],
        lambda _: failures.pop() if failures else None,
        lambda text, error: said.append(text),
    )
    kept: list[RenderRequest] = []
    seen = frame(first, Draft(8, "bfloat16"))
    for request in (first, first, second, second):
        wanted.append(request)
        exact.give(seen, lambda frame: kept.append(frame.request))
    assert exact.asks == {STREAM: (first, None)}
    exact.refresh()
    # The stream would not be asked for the same again: what waited for it would do so for ever.
    assert said == ["Out of memory."]
    assert exact.asks == {STREAM: (second, None)}
    exact.refresh()
    assert exact.pending, "there is no answer yet"
    frames[STREAM] = frame(second)
    exact.refresh()
    assert kept == [second, second]
    assert not exact.pending
    assert exact.asks == {}
