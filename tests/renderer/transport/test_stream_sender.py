"""Pictures over a line: the newest wins, little is on its way, and what is kept is exact."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from renderer.messages.frame import Draft, FrameInfo
from renderer.messages.request import RenderRequest, Seed
from renderer.messages.to_renderer import BACKGROUND, Render
from renderer.messages.to_window import FrameReady, PixelPart, RenderFailed, ToWindow
from renderer.transport import stream_sender
from renderer.transport.credit import CHUNK, LEAST, Credit
from renderer.transport.shared_memory import Pixels
from renderer.transport.stream_receiver import StreamReceiver
from renderer.transport.stream_sender import StreamSender

PATIENCE = 120.0


class Picture:
    def __init__(self, pixels: Pixels, draft: Draft | None = None) -> None:
        self.pixels = pixels
        self.info = FrameInfo({}, "cpu", "float32", 1, draft=draft)


class Line:
    """A sender, and a window that takes what comes once it is told to.

    frames: what has come, with its pixels.
    """

    def __init__(self) -> None:
        self.credit = Credit()
        self.sender = StreamSender(self._send, self.credit)
        self.frames: list[tuple[FrameReady, Pixels]] = []
        self.failed: list[RenderFailed] = []
        self._receiver = StreamReceiver()
        self._came = threading.Condition()
        self._queue: list[ToWindow] = []
        self.flight = self.most = 0

    def _send(self, message: ToWindow) -> None:
        with self._came:
            self._queue.append(message)
            if isinstance(message, PixelPart):
                self.flight += len(message.data)
                self.most = max(self.most, self.flight)
            self._came.notify_all()

    def take(self, done: Callable[[], bool]) -> None:
        """Take in what comes, a message at a time, until something is so."""
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, self.frames
            with self._came:
                if not self._queue:
                    self._came.wait(0.05)
                    continue
                message = self._queue.pop(0)
            match message:
                case PixelPart():
                    self._receiver.take(message)
                    with self._came:
                        self.flight -= len(message.data)
                    self.sender.received(len(message.data))
                case FrameReady():
                    self.frames.append((message, self._receiver.fetch(message)))
                case RenderFailed():
                    self.failed.append(message)

    def until(self, happened: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < end
            time.sleep(0.005)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.sender.close()


def noise(seed: int, side: int = 256) -> Pixels:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def render(id: int, stream: str = "main", *, drafts: bool = False) -> Render:
    return Render(id, RenderRequest("net", Seed(id)), stream, None, drafts)


def test_a_window_that_takes_nothing_has_little_sent_and_then_the_newest(line: Line) -> None:
    for id in range(1, 40):
        line.sender.publish(render(id), Picture(noise(id)))
        if id == 1:
            line.until(lambda: line.flight > 0)
    line.until(lambda: line.flight >= LEAST)
    assert line.most <= line.credit.window
    assert not line.frames
    line.take(lambda: bool(line.frames) and line.frames[-1][0].id == 39)
    assert len(line.frames) == 2, "the one on its way, and the newest"
    assert (line.frames[-1][1] == noise(39)).all()


def test_what_moves_is_a_draft_until_it_stands_still(line: Line) -> None:
    line.sender.publish(render(1, drafts=True), Picture(noise(1)))
    line.take(lambda: len(line.frames) == 2)
    (first, _), (second, pixels) = line.frames
    assert first.id == second.id == 1
    assert first.packing == "jpeg"
    assert first.info.draft is not None
    assert second.info.draft is None
    assert (pixels == noise(1)).all()


def test_an_exact_picture_on_its_way_gives_way_to_what_moves_again(line: Line) -> None:
    line.sender.publish(render(1, drafts=True), Picture(noise(1, 700)))
    line.take(lambda: len(line.frames) == 1)
    line.until(lambda: line.flight > 0)  # the exact one has begun
    line.sender.publish(render(2, drafts=True), Picture(noise(2, 700)))
    line.take(lambda: bool(line.frames) and line.frames[-1][0].id == 2)
    assert [frame.id for frame, _ in line.frames] == [1, 2]
    line.take(lambda: line.frames[-1][0].info.draft is None)
    assert (line.frames[-1][1] == noise(2, 700)).all()


def test_drafts_of_the_pipeline_are_followed_by_its_exact_picture_at_once(line: Line) -> None:
    line.sender.publish(render(1, drafts=True), Picture(noise(1), Draft(64, "bfloat16")))
    line.take(lambda: len(line.frames) == 1)
    draft = line.frames[0][0].info.draft
    assert draft is not None
    assert (draft.resolution, draft.precision) == (64, "bfloat16")
    line.sender.publish(render(1, drafts=True), Picture(noise(5)))
    line.take(lambda: len(line.frames) == 2)
    frame, pixels = line.frames[1]
    assert frame.info.draft is None
    assert (pixels == noise(5)).all()


def test_what_allows_no_drafts_is_exact_whatever_the_line(line: Line) -> None:
    line.sender.publish(render(1, "exact"), Picture(noise(1, 700)))
    line.take(lambda: bool(line.frames))
    assert line.frames[0][0].info.draft is None
    assert (line.frames[0][1] == noise(1, 700)).all()


def test_thumbnails_give_way_to_what_somebody_waits_for(line: Line) -> None:
    line.sender.publish(render(1, BACKGROUND), Picture(noise(1, 700)))
    line.until(lambda: line.flight > 0)
    line.sender.publish(render(2), Picture(noise(2)))
    line.take(lambda: len(line.frames) == 2)
    assert [frame.stream for frame, _ in line.frames] == ["main", BACKGROUND]
    assert (line.frames[1][1] == noise(1, 700)).all(), "it is sent again from its beginning"


def test_two_streams_take_turns(line: Line) -> None:
    for id in range(1, 9):
        line.sender.publish(render(id), Picture(noise(id)))
        line.sender.publish(render(100 + id, "pane0"), Picture(noise(id)))
        line.take(lambda id=id: {f.id for f, _ in line.frames} >= {id, 100 + id})


def test_a_slow_line_makes_what_moves_coarser(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_sender, "LONG", 0.0)
    monkeypatch.setattr(stream_sender, "SOON", 0.0)
    qualities = []
    for id in range(1, 5):
        line.sender.publish(render(id, drafts=True), Picture(noise(id)))
        line.take(lambda id=id: bool(line.frames) and line.frames[-1][0].id == id)
        draft = line.frames[-1][0].info.draft
        assert draft is not None
        qualities.append(draft.jpeg)
    assert qualities == [90, 75, 50, 50]


def test_a_picture_that_cannot_be_packed_fails_and_the_next_is_sent(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(pixels: Pixels) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(stream_sender, "pack_exactly", full)
        line.sender.publish(render(1), Picture(noise(1)))
        line.take(lambda: bool(line.failed))
    line.sender.publish(render(2), Picture(noise(2)))
    line.take(lambda: bool(line.frames))


def test_pixels_out_of_order_are_refused() -> None:
    receiver = StreamReceiver()
    receiver.take(PixelPart(0, b"x" * CHUNK))
    with pytest.raises(ValueError, match="follow"):
        receiver.take(PixelPart(3, b"x"))
