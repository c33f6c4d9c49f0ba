"""The window's end of the renderer: what is asked of it, and what came of it.

`receive` turns the client's events into textures and facts; `send` compares what the window wants
rendered with what was submitted last and submits the difference.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from renderer.client.client import Client, Event, ReceivedFrame, StatusChanged
from renderer.messages.failure import Failure
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import (
    FrameReady,
    Hello,
    JobDone,
    JobFailed,
    Loaded,
    Progress,
    RenderFailed,
    Report,
)
from viz.desk.asks import Ask
from viz.desk.facts import Engine
from viz.desk.jobs import Jobs
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.session.parameters.network import absolute
from viz.shell.feed.meters import Meter


@dataclass
class Stream:
    """One stream of pictures.

    texture: shows the newest one.
    asked: what was submitted last, None where nobody asks any more.
    newest, answered: ids of the newest request, and of the newest that has an answer.
    drafted: the newest of which a draft has come.
    sent: when each request without an answer was submitted, by id.
    held: the newest picture, whose slot is ours until there is a newer one.
    """

    texture: Texture
    asked: Ask | None = None
    newest: int = 0
    answered: int = 0
    drafted: int = 0
    sent: dict[int, float] = field(default_factory=dict)
    held: ReceivedFrame | None = None


class Feed:
    """Owns the streams' textures and the shared-memory slots behind the newest frames.

    jobs: hears what the renderer says of jobs.
    on_frame: told every new picture of the main stream.
    on_status: told how the renderer is, when that changes.

    frames: the newest picture of each stream.
    failures: why the newest request of a stream has none.
    refused: the requests that failed, of streams that have not been asked for anything since.
    engine: how the renderer is.
    """

    def __init__(
        self,
        client: Client,
        jobs: Jobs,
        on_frame: Callable[[Frame], None],
        on_status: Callable[[StatusChanged], None],
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._on_frame = on_frame
        self._on_status = on_status
        self._streams: dict[str, Stream] = {}
        self.frames: dict[str, Frame] = {}
        self.failures: dict[str, Failure] = {}
        self.refused: dict[str, RenderRequest] = {}
        self.engine = Engine()
        self.meter = Meter()
        self._ready_at = 0.0  # what was asked for before has waited for the renderer itself

    def receive(self) -> None:
        """Take in everything the client has; called once per frame, with OpenGL current."""
        for event in self._client.poll():
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case ReceivedFrame():
                self._frame(event)
            case RenderFailed(id=id, stream=name, request=request, failure=failure):
                stream = self._streams.get(name)
                if stream is not None:
                    self._answer(stream, id)
                    self.failures[name] = failure
                    self.refused[name] = request
            case Progress() | Report() | Loaded() | JobDone() | JobFailed():
                if isinstance(event, Loaded):
                    self._opened(event.model)
                self._jobs.take(event)
            case Hello():
                self.engine = Engine("ready", event)
            case StatusChanged(state=state, text=text, line=line):
                hello = self.engine.hello if state == "ready" else None
                self.engine = Engine(state, hello, text, line)
                if line is not None or state in ("restarting", "failed"):
                    self._ready_at = math.inf
                elif state == "ready" and self._ready_at == math.inf:
                    self._ready_at = time.monotonic()
                self._on_status(event)

    def _opened(self, model: ModelInfo) -> None:
        """Have everything drawn again that is of a file which has been written anew."""
        if self._jobs.models.get(model.path) in (None, model):
            return
        for name, stream in self._streams.items():
            if stream.asked is not None and absolute(stream.asked[0].snapshot) == model.path:
                self.forget(name)

    def _frame(self, event: ReceivedFrame) -> None:
        message: FrameReady = event.message
        stream = self._streams.get(message.stream)
        if stream is None and self._jobs.shows(message.stream):
            stream = self._streams[message.stream] = Stream(Texture())
        if stream is None or message.id < stream.answered:
            event.release()
            return
        if message.stream == "main":
            self._measured(message)
        draft = message.info.draft is not None and message.stream != BACKGROUND
        self._answer(stream, message.id, draft=draft)
        stream.texture.upload(event.pixels)
        if stream.held is not None:
            stream.held.release()
        stream.held = event
        frame = Frame(
            message.request,
            message.info,
            stream.texture.name,
            message.width,
            message.height,
            event.pixels,
        )
        self.frames[message.stream] = frame
        self.failures.pop(message.stream, None)
        if message.stream == "main":
            self.meter.rendered(message.info.timings)
            self._on_frame(frame)

    def _measured(self, message: FrameReady) -> None:
        """Tell the meter what its times are of: snapshots of one run take alike."""
        info, model = message.info, self._jobs.models.get(message.request.snapshot)
        subject = None if model is None else (model.family, model.resolution, model.parameters)
        self.meter.about((subject, info.device, info.precision))

    def _answer(self, stream: Stream, id: int, *, draft: bool = False) -> None:
        """Note an answer. A draft is seen, but the request stays without its exact picture."""
        sent = stream.sent.get(id)
        first = stream is self._streams.get("main") and stream.drafted != id
        if first and sent is not None and sent >= self._ready_at:
            self.meter.latency(time.monotonic() - sent)
        if draft:
            stream.drafted = id
        else:
            stream.answered = max(stream.answered, id)
        stream.sent = {
            other: at for other, at in stream.sent.items() if other > id or (draft and other == id)
        }

    def send(self, asks: dict[str, Ask], *, drafts: bool) -> None:
        """Submit what changed; streams that nobody asks for any more keep their last picture.

        drafts: of the main stream may come before the exact pictures. Thumbnails may always be
            drafts.
        Why they failed is forgotten: it is told again when they are asked for again.
        """
        for name, ask in asks.items():
            stream = self._streams.get(name)
            if stream is None:
                stream = self._streams[name] = Stream(Texture())
            # Whoever still asks for a thumbnail that was sent has missed it: it shares the stream.
            missed = name == BACKGROUND and self.idle(name) and name not in self.failures
            if ask != stream.asked or missed:
                request, stats = ask
                stream.asked = ask
                self.refused.pop(name, None)
                may = name == BACKGROUND or (drafts and name == "main")
                stream.newest = self._client.submit(request, stream=name, stats=stats, drafts=may)
                stream.sent[stream.newest] = time.monotonic()
        for name in self._streams.keys() - asks.keys():
            self._streams[name].asked = None
            if name != "main":
                self.failures.pop(name, None)

    def waited(self) -> dict[str, float]:
        """For how many seconds each stream has owed an answer, only of those that owe one."""
        now = time.monotonic()
        streams = ((n, s) for n, s in self._streams.items() if s.asked is not None and s.sent)
        return {name: now - min(stream.sent.values()) for name, stream in streams}

    def take_failure(self, name: str) -> Failure | None:
        """Why a stream has no picture, once: it is forgotten with this call."""
        return self.failures.pop(name, None)

    def idle(self, name: str) -> bool:
        """Whether everything that a stream was asked for has been answered."""
        stream = self._streams.get(name)
        return stream is None or stream.answered >= stream.newest

    def forget(self, name: str) -> None:
        """Submit the stream again even if nothing changed (after an error was mended)."""
        if name in self._streams:
            self._streams[name].asked = None

    def forget_all(self) -> None:
        """Submit all that is asked for again (after the renderer was told to compute otherwise)."""
        for name in self._streams:
            self.forget(name)

    @property
    def settled(self) -> bool:
        """Whether every stream that is asked for has answered its newest request."""
        streams = (s for s in self._streams.values() if s.asked is not None)
        return all(s.answered >= s.newest for s in streams)

    def close(self) -> None:
        """Let go of frames and textures; the client stays open."""
        for stream in self._streams.values():
            if stream.held is not None:
                stream.held.release()
            stream.texture.delete()
        self._streams.clear()
        self.frames.clear()
