"""The renderer process: takes requests from a pipe, draws the newest, publishes the pixels.

Threads: *main* draws; `reader` takes messages from the pipe, so that an old request is forgotten
the moment a newer one arrives; `opening` opens snapshots; `preparing` prepares weights; `beside`,
`live` and `between` do jobs beside and between the pictures (`renderer/server/jobs/`); `heartbeat`
says once a second that the process lives and how the render loop gets on. The process ends with its
window: at the end of the pipe, or when `heartbeat` sees that its parent is gone.

Started by `renderer.client.process`; torch is first imported by the pipeline.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec
from msgspec import structs

from common.errors import Cancelled, UserError
from common.parent import when_parent_ends
from renderer.messages.engine import Engine, make_engine
from renderer.messages.failure import Failure, explain
from renderer.messages.options import EngineOptions
from renderer.messages.protocol import decode_to_renderer
from renderer.messages.to_renderer import (
    BACKGROUND,
    Ask,
    Cancel,
    Configure,
    DropRing,
    Received,
    Release,
    Render,
    Start,
    Stop,
    ToRenderer,
)
from renderer.messages.to_window import Hello, JobDone, JobFailed, RenderFailed, ToWindow
from renderer.server.background import Background
from renderer.server.compute_turns import ComputeTurns
from renderer.server.far_window import FarWindow
from renderer.server.heartbeat import Heartbeat
from renderer.server.publish import Publisher
from renderer.server.schedule import Schedule
from renderer.transport.carrier import PixelSender
from renderer.transport.link import Link

HEARTBEAT_INTERVAL = 1.0
GRACE = 0.3  # seconds that a file being written has when the window goes
MAX_LOADS = 3  # of the same snapshot for the same request


class Server:
    """Runs in one renderer process, from its start to its end."""

    def __init__(
        self,
        link: Link,
        carry: Callable[[Callable[[ToWindow], None]], PixelSender],
        *,
        host: str = "",
        silence: float = math.inf,
        far: Callable[[Callable[[ToWindow], None]], FarWindow] | None = None,
    ) -> None:
        """Make a server.

        link: the pipe to the window.
        carry: makes what carries pixels, of what sends a message.
        host: the name of this machine, for a window on another one.
        far: makes what a window on another machine needs besides, of what sends a message.
        silence: the seconds without a message after which the window counts as gone.
        """
        self._link = link
        self._host = host
        self._silence = silence
        self._heard = time.monotonic()
        self._leaving = threading.Lock()
        self._rendering = ComputeTurns()
        self._schedule = Schedule()
        self._heartbeat = Heartbeat()
        self._publisher = carry(self._send)
        self._far = None if far is None else far(self._send_now)
        self._background = Background(
            self._schedule, self._rendering, self._send, self._publisher.publish
        )
        self._opening = self._background.opening
        self._gave_up: set[str] = set()
        self._loads: dict[str, tuple[int, int]] = {}

    def run(self, factory: str, options: EngineOptions) -> NoReturn:
        """Serve until the window goes.

        factory: the pipeline, as `module:name`.
        options: the device, the precision and the threads to begin with.
        """
        when_parent_ends(lambda: self._leave(0))
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        try:
            with self._heartbeat.busy("starting"):
                engine = self._start(factory, options)
            self._background.begin(engine)
            while True:
                self._step(engine, self._schedule.next())
        except Exception:  # noqa: BLE001 - the window reads the reason from stderr
            traceback.print_exc()
        self._leave(1)

    def _start(self, factory: str, options: EngineOptions) -> Engine:
        try:
            engine = make_engine(factory, options)
        except UserError as error:
            # A device that was chosen once and is gone now must not keep the program from starting.
            engine = make_engine(factory, EngineOptions())
            self._send(JobFailed(0, "", explain(error)))
        self._send(self._hello(engine.hello()))
        return engine

    def _hello(self, hello: Hello) -> Hello:
        return structs.replace(hello, host=self._host)

    # -- the render loop --------------------------------------------------------------------------

    def _step(self, engine: Engine, item: Render | Configure | Release | DropRing) -> None:
        match item:
            case Render():
                with self._heartbeat.busy("drawing"):
                    self._render(engine, item)
            case Configure():
                with self._heartbeat.busy("changing the device"):
                    self._configure(engine, item.options)
            case Release():
                self._publisher.release(item)
            case DropRing():
                self._publisher.drop(item.ring)

    def _render(self, engine: Engine, render: Render) -> None:
        try:
            if not engine.has(render.request.snapshot):
                self._open(render)
                return
            if not engine.ready(render.request):
                self._schedule.park(render)
                self._opening.prepare(render.request)
                return
            keep = render.stream != BACKGROUND
            drafts = render.drafts and not self._schedule.has_draft(render)
            with self._rendering:
                drawn = engine.render(
                    render.request, render.stats, lambda: self._obsolete(render), keep, drafts
                )
            self._publisher.publish(render, drawn)
            if drawn.info.draft is not None and keep:
                self._schedule.refine(render)
            if keep and engine.weights_to_prepare(render.request.snapshot):
                self._background.preparing.prepare(render.request.snapshot)
        except Cancelled:
            if self._schedule.overtaken(render):
                self._schedule.put_back(render)
            elif not self._schedule.has_draft(render):
                self._gave_up.add(render.stream)
            return
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            self._fail(render, explain(error))
        self._gave_up.discard(render.stream)
        self._loads.pop(render.stream, None)

    def _obsolete(self, render: Render) -> bool:
        """Say whether drawing this has become useless.

        While somebody drags, every picture is overtaken by the next and all are worth showing. One
        of another network or another view is not; but never two in a row, or nothing would show.
        Neither is the exact one of which a draft is out: there will be a draft of the next.
        One that is drawn in the background gives way to all others.
        """
        if self._schedule.overtaken(render):
            return True
        newer = self._schedule.newer(render)
        if newer is not None and self._schedule.has_draft(render):
            return True
        if newer is None or render.stream in self._gave_up:
            return False
        old, new = render.request, newer.request
        return (old.snapshot, old.view) != (new.snapshot, new.view)

    def _open(self, render: Render) -> None:
        """Have the snapshot of a request opened; the request comes back when that is done."""
        path = render.request.snapshot
        failure = self._opening.failure(path)
        known, count = self._loads.get(render.stream, (render.id, 0))
        count = count + 1 if known == render.id else 1
        if failure is None and count > MAX_LOADS:
            failure = Failure(
                f"{path} was opened {MAX_LOADS} times and was gone from memory each time.",
                "Give the cache of networks more room, or wait until the file is written.",
            )
        self._loads[render.stream] = (render.id, count)
        if failure is not None:
            self._fail(render, failure)
        self._schedule.park(render)  # a failed one too: it is drawn when the file changes
        if failure is None:
            self._opening.load(path)

    def _fail(self, render: Render, failure: Failure) -> None:
        self._publisher.forget(render.stream)
        self._send(RenderFailed(render.id, render.stream, render.request, failure))

    def _configure(self, engine: Engine, options: EngineOptions) -> None:
        try:
            with self._rendering:
                hello = engine.configure(options)
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            self._send(JobFailed(0, "", explain(error)))
            hello = engine.hello()
        self._opening.forget_failures()
        self._send(self._hello(hello))

    # -- the other threads ------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            while (data := self._link.receive()) is not None:
                self._accept(decode_to_renderer(data))
        except (OSError, ValueError):  # msgspec.DecodeError is a ValueError
            traceback.print_exc()
            self._leave(1)
        self._leave(0)

    def _accept(self, message: ToRenderer) -> None:
        self._heard = time.monotonic()
        match message:
            case Received(size=size):
                self._publisher.received(size)
            case Ask():
                if self._far is not None:
                    self._far.disk.take(message)
            case Start():
                start = message if self._far is None else self._far.deliveries.begin(message)
                if start is not None:
                    self._background.start(start)
            case Cancel():
                self._background.cancel(message.job)
                if self._far is not None:
                    self._far.deliveries.cancel(message.job)
            case Stop():
                self._leave(0)
            case _:
                self._schedule.put(message)

    def _beat(self) -> None:
        while True:
            self._send(self._heartbeat.read())
            if time.monotonic() - self._heard > self._silence:
                self._leave(0)
            time.sleep(HEARTBEAT_INTERVAL)
            self._opening.recheck()

    def _send(self, message: ToWindow) -> None:
        match message:
            case JobDone() | JobFailed() if self._far and self._far.deliveries.end(message):
                pass  # it is sent behind the files
            case _:
                self._send_now(message)

    def _send_now(self, message: ToWindow) -> None:
        try:
            self._link.send(message)
        except OSError:
            self._leave(0)  # nobody is listening any more

    def _leave(self, code: int) -> NoReturn:
        # A thread may be deep inside an operator or a driver: an orderly end could take minutes.
        self._leaving.acquire()
        self._background.stop(GRACE)
        self._publisher.close()
        if self._far is not None:
            self._far.deliveries.close()
        sys.stderr.flush()
        os._exit(code)


def take_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the pipe to the window, which is read from and written to.

    What anyone prints from now on goes to stderr.
    """
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return reader, writer


def be_modest() -> None:
    """Let the window come first: for the processor, and when memory runs out."""
    if hasattr(os, "nice"):
        os.nice(5)
    for name, text in (("comm", "ganscope-render"), ("oom_score_adj", "500")):
        file = Path("/proc/self", name)
        if file.exists():
            try:
                file.write_text(text)
            except OSError as error:
                print(f"{file}: {error}", file=sys.stderr)


def main(factory: str, prefix: str, options: str) -> NoReturn:
    """Run the renderer process of a window on this machine.

    factory: the pipeline, as `module:name`.
    prefix: what the names of shared-memory segments begin with.
    options: EngineOptions as JSON.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the window's to handle
    link = Link(*take_stdio())
    be_modest()
    server = Server(link, partial(Publisher, prefix))
    server.run(factory, msgspec.json.decode(options, type=EngineOptions))
