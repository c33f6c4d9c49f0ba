"""A pipeline that does what its snapshot files say: paints, dawdles, fails, hangs, dies.

It runs inside real renderer processes, so that every fault is one that really happens there.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from common.errors import Cancelled, UserError
from common.progress import IsCancelled, ProgressReport
from renderer.messages.frame import Draft, FrameInfo, StatsSpec
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.messages.to_window import Hello

KILLS, HANGS, RAISES = 666, 667, 668  # seeds


class Behaviour(msgspec.Struct):
    """What a fake snapshot file holds, as JSON. Times in seconds.

    Gates are files: loading or drawing goes on once they exist.
    """

    size: int = 16
    render_s: float = 0.0
    load_s: float = 0.0
    load_gate: str = ""
    render_gate: str = ""
    prepare_gate: str = ""
    draft_s: float = 0.0  # where it is not 0, a draft takes so long where one is allowed
    weights: int = 0  # so many are prepared one by one,
    weights_gate: str = ""
    notes: str = ""  # a file to which a line is added for every load and every picture


class Picture(NamedTuple):
    pixels: npt.NDArray[np.uint8]
    info: FrameInfo


class FakePipeline:
    """Pictures are filled with seed mod 251 in all channels."""

    def __init__(self, options: EngineOptions) -> None:
        if options.device == "gone":
            raise UserError("There is no device gone.", "Choose another.")
        self._options = options
        self._open: dict[str, tuple[Behaviour, int]] = {}
        self._prepared: set[str] = set()
        self._weights: dict[str, int] = {}

    def hello(self) -> Hello:
        return Hello(os.getpid(), ("cpu",), self._options.device, "float32", 1)

    def configure(self, options: EngineOptions) -> Hello:
        FakePipeline.__init__(self, options)
        return self.hello()

    def has(self, path: str) -> bool:
        known = self._open.get(path)
        return known is not None and known[1] == os.stat(path).st_mtime_ns

    def ready(self, request: RenderRequest) -> bool:
        return request.augment is None or request.snapshot in self._prepared

    def prepare(self, request: RenderRequest, cancelled: IsCancelled) -> None:
        behaviour, _ = self._open[request.snapshot]
        note(behaviour.notes, "prepare")
        while shut(behaviour.prepare_gate):
            if cancelled():
                note(behaviour.notes, "prepare cancelled")
                raise Cancelled
            time.sleep(0.002)
        self._prepared.add(request.snapshot)

    def weights_to_prepare(self, path: str) -> bool:
        known = self._open.get(path)
        return known is not None and known[0].weights > self._weights.get(path, 0)

    def prepare_weights(
        self,
        path: str,
        turn: Callable[[], AbstractContextManager[None]],
        progress: ProgressReport,
        cancelled: IsCancelled,
    ) -> None:
        while self.weights_to_prepare(path):
            behaviour = self._open[path][0]
            while shut(behaviour.weights_gate):
                if cancelled():
                    note(behaviour.notes, "weights cancelled")
                    raise Cancelled
                time.sleep(0.002)
            with turn():
                self._weights[path] = self._weights.get(path, 0) + 1
            note(behaviour.notes, f"weight {self._weights[path]}")

    def load(
        self,
        path: str,
        progress: ProgressReport,
        cancelled: IsCancelled,
        keep: bool = True,
    ) -> ModelInfo:
        try:
            data = Path(path).read_bytes()
            changed = os.stat(path).st_mtime_ns
            behaviour = msgspec.json.decode(data, type=Behaviour)
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.") from error
        except msgspec.DecodeError as error:
            notes = data.removeprefix(b"broken ").decode()
            note(notes, f"load {Path(path).name}")
            raise UserError(f"{path} is damaged.", "Get it again.") from error
        note(behaviour.notes, f"load {Path(path).name}")
        if not keep:
            note(behaviour.notes, f"passing {Path(path).name}")
        start = time.monotonic()
        while (passed := time.monotonic() - start) < behaviour.load_s or shut(behaviour.load_gate):
            progress(min(1.0, passed / (behaviour.load_s or 3600)), "Reading")
            if cancelled():
                note(behaviour.notes, f"cancelled {Path(path).name}")
                raise Cancelled
            time.sleep(0.002)
        progress(1.0, "Ready")
        self._open[path] = behaviour, changed
        size = behaviour.size
        return ModelInfo(path, Path(path).name, "fake", "fake", size, 3, 4, 4, 0, 2, 0, (), ())

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        cancelled: IsCancelled | None = None,
        keep: bool = True,
        drafts: bool = False,
    ) -> Picture:
        behaviour, _ = self._open[request.snapshot]
        assert isinstance(request.source, Seed)
        seed = request.source.seed
        note(behaviour.notes, f"begin {seed}")
        if seed == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        if seed == HANGS:
            time.sleep(3600)
        if seed == RAISES:
            raise ZeroDivisionError("a bug")
        start = time.monotonic()
        if drafts and behaviour.draft_s:
            time.sleep(behaviour.draft_s)
            note(behaviour.notes, f"draft {seed}")
            pixels = np.full((behaviour.size, behaviour.size, 4), (seed + 1) % 251, np.uint8)
            return Picture(pixels, FrameInfo({}, "cpu", "float32", 1, draft=Draft(8, "float32")))
        while time.monotonic() - start < behaviour.render_s or shut(behaviour.render_gate):
            if cancelled is not None and cancelled():
                note(behaviour.notes, f"gave up {seed}")
                raise Cancelled
            time.sleep(0.001)
        note(behaviour.notes, f"render {seed}")
        pixels = np.full((behaviour.size, behaviour.size, 4), seed % 251, np.uint8)
        timings = {"asked for statistics": float(stats is not None)}
        return Picture(pixels, FrameInfo(timings, "cpu", "float32", 1))

    def save_w(self, request: RenderRequest, path: str) -> None:
        if not Path(path).parent.is_dir():
            raise UserError(f"There is no folder {Path(path).parent}.")
        assert isinstance(request.source, Seed)
        Path(path).write_text(str(request.source.seed))


def shut(gate: str) -> bool:
    return bool(gate) and not Path(gate).exists()


def note(file: str, text: str) -> None:
    if file:
        with open(file, "a") as out:
            out.write(text + "\n")
