"""The window's end of the renderer: what is asked of it, and what came of it.

`receive` turns the client's events into textures and facts in the `Context`; `send` compares
what the window wants rendered with what was submitted last and submits the difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from renderer.client.client import Client, Event, ReceivedFrame, StatusChanged
from renderer.messages.protocol import (
    Failure,
    FrameReady,
    Hello,
    JobDone,
    JobFailed,
    Loaded,
    ModelInfo,
    Progress,
    RenderFailed,
    StatsSpec,
)
from renderer.messages.request import RenderRequest
from viz.desk.context import Context, Engine, Frame, Job
from viz.gpu.texture import Texture
from viz.shell.meters import Meter

Ask = tuple[RenderRequest, StatsSpec | None]


@dataclass
class Stream:
    """One stream of pictures. sent: when each request without an answer was submitted."""

    texture: Texture
    asked: Ask | None = None
    newest: int = 0
    answered: int = 0
    sent: dict[int, float] = field(default_factory=dict)
    held: ReceivedFrame | None = None


@dataclass(frozen=True)
class Ended:
    """A job that is over. failure None: it worked."""

    job: Job
    model: ModelInfo | None = None
    failure: Failure | None = None
    cancelled: bool = False
    text: str = ""


class Feed:
    """Owns the streams' textures and the shared-memory slots behind the newest frames."""

    def __init__(
        self,
        client: Client,
        context: Context,
        on_ended: Callable[[Ended], None],
        on_frame: Callable[[Frame], None],
        on_status: Callable[[StatusChanged], None],
    ) -> None:
        self._client = client
        self._context = context
        self._on_ended = on_ended
        self._on_frame = on_frame
        self._on_status = on_status
        self._streams: dict[str, Stream] = {}
        self._jobs: dict[int, Job] = {}
        self._started: dict[int, float] = {}
        self.models: dict[str, ModelInfo] = {}
        self.meter = Meter(context.meters)

    def start_job(self, job: int, label: str) -> None:
        """Show a job that was just handed to the client."""
        self._jobs[job] = Job(job, label)
        self._started[job] = time.monotonic()
        self._context.jobs = tuple(self._jobs.values())

    def receive(self) -> None:
        """Take in everything the client has. Call once per GUI frame, with GL current."""
        for event in self._client.poll():
            self._take(event)
        self._context.jobs = tuple(self._jobs.values())

    def _take(self, event: Event) -> None:
        match event:
            case ReceivedFrame():
                self._frame(event)
            case RenderFailed(id=id, stream=name, failure=failure):
                stream = self._streams.get(name)
                if stream is not None:
                    self._answer(stream, id)
                    self._context.failures[name] = failure
            case Progress(job=id, fraction=fraction, text=text):
                if id in self._jobs:
                    self._jobs[id] = Job(
                        id, self._jobs[id].label, fraction, text, self._eta(id, fraction)
                    )
            case Loaded(job=id, model=model):
                self.models[model.path] = model
                self._end(id, model=model)
            case JobDone(job=id, text=text):
                self._end(id, text=text)
            case JobFailed(job=id, failure=failure, cancelled=cancelled):
                self._end(id, failure=failure, cancelled=cancelled)
            case Hello():
                self._context.engine = Engine("ready", event)
            case StatusChanged(state=state, text=text):
                hello = self._context.engine.hello if state == "ready" else None
                self._context.engine = Engine(state, hello, text)
                self._on_status(event)

    def _frame(self, event: ReceivedFrame) -> None:
        message: FrameReady = event.message
        stream = self._streams.get(message.stream)
        if stream is None or message.id < stream.answered:
            event.release()
            return
        self._answer(stream, message.id)
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
        self._context.frames[message.stream] = frame
        self._context.failures.pop(message.stream, None)
        if message.stream == "main":
            self.meter.rendered(message.info.timings)
            self._on_frame(frame)

    def _answer(self, stream: Stream, id: int) -> None:
        stream.answered = max(stream.answered, id)
        sent = stream.sent.get(id)
        if sent is not None and stream is self._streams.get("main"):
            self.meter.latency(time.monotonic() - sent)
        stream.sent = {other: at for other, at in stream.sent.items() if other > id}

    def _eta(self, job: int, fraction: float) -> float | None:
        passed = time.monotonic() - self._started[job]
        if fraction <= 0.02 or passed < 0.5:
            return None
        return passed * (1 - fraction) / fraction

    def _end(
        self,
        id: int,
        *,
        model: ModelInfo | None = None,
        failure: Failure | None = None,
        cancelled: bool = False,
        text: str = "",
    ) -> None:
        self._started.pop(id, None)
        job = self._jobs.pop(id, Job(id, ""))
        self._on_ended(Ended(job, model, failure, cancelled, text))

    def send(self, asks: dict[str, Ask]) -> None:
        """Submit what changed; streams that nobody asks for any more keep their last picture.

        Why they failed is forgotten: it is told again when they are asked for again.
        """
        for name, ask in asks.items():
            stream = self._streams.get(name)
            if stream is None:
                stream = self._streams[name] = Stream(Texture())
            if ask != stream.asked:
                request, stats = ask
                stream.asked = ask
                stream.newest = self._client.submit(request, stream=name, stats=stats)
                stream.sent[stream.newest] = time.monotonic()
        for name in self._streams.keys() - asks.keys():
            self._streams[name].asked = None
            if name != "main":
                self._context.failures.pop(name, None)

    def idle(self, name: str) -> bool:
        """Everything that this stream was asked for has been answered."""
        stream = self._streams.get(name)
        return stream is None or stream.answered >= stream.newest

    def forget(self, name: str) -> None:
        """Submit the stream again even if nothing changed (after an error was mended)."""
        if name in self._streams:
            self._streams[name].asked = None

    @property
    def settled(self) -> bool:
        """Every stream that is asked for has answered its newest request, and no job runs."""
        streams = (s for s in self._streams.values() if s.asked is not None)
        return not self._jobs and all(s.answered >= s.newest for s in streams)

    def close(self) -> None:
        """Let go of frames and textures; the client stays open."""
        for stream in self._streams.values():
            if stream.held is not None:
                stream.held.release()
            stream.texture.delete()
        self._streams.clear()
        self._context.frames.clear()
