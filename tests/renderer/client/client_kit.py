"""What the tests of the client share: fake snapshot files, and waiting for events."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from renderer.client.client import Event, ReceivedFrame, RenderClient, StatusChanged
from renderer.client.elsewhere import Elsewhere
from renderer.messages.options import EngineOptions
from renderer.messages.request import AugmentView, LayerView, RenderRequest, Seed
from renderer.messages.to_window import FrameReady
from tests.renderer.server.fake_pipeline import Behaviour

PATIENCE = 300.0
FAKE = "tests.renderer.server.fake_pipeline:FakePipeline"


def snapshot(
    folder: Path,
    name: str = "net",
    *,
    size: int = 16,
    render_s: float = 0.0,
    load_s: float = 0.0,
    load_gate: str = "",
    render_gate: str = "",
    prepare_gate: str = "",
    draft_s: float = 0.0,
    weights: int = 0,
    weights_gate: str = "",
) -> str:
    """A fake snapshot file with a `Behaviour`; its doings are noted in `name`.log."""
    behaviour = Behaviour(
        size=size,
        render_s=render_s,
        load_s=load_s,
        load_gate=load_gate,
        render_gate=render_gate,
        prepare_gate=prepare_gate,
        draft_s=draft_s,
        weights=weights,
        weights_gate=weights_gate,
        notes=str(folder / f"{name}.log"),
    )
    path = folder / name
    path.write_bytes(msgspec.json.encode(behaviour))
    return str(path)


def broken(folder: Path, name: str = "net") -> str:
    path = folder / name
    path.write_text(f"broken {folder / name}.log")
    return str(path)


def notes(path: str, *kinds: str) -> list[str]:
    """What was done with a fake snapshot: `load NAME`, `begin SEED`, `render SEED` …"""
    log = Path(path + ".log")
    lines = log.read_text().splitlines() if log.exists() else []
    return [line for line in lines if not kinds or line.startswith(kinds)]


def wait_for_note(path: str, text: str) -> None:
    end = time.monotonic() + PATIENCE
    while text not in notes(path):
        assert time.monotonic() < end, notes(path)
        time.sleep(0.01)


def ask(
    path: str, seed: int, *, view: LayerView | None = None, augment: AugmentView | None = None
) -> RenderRequest:
    return RenderRequest(snapshot=path, source=Seed(seed), view=view, augment=augment)


def far(*words: str, line: Sequence[str] = ()) -> Elsewhere:
    """A renderer that is reached by a command, as one on another machine is.

    words: what its Python runs, by default the renderer.
    line: a command that is given all this as its own arguments, and stands for the line between.
    """
    command = (sys.executable, "-P", *(words or ("-m", "renderer.server")))
    return Elsewhere("farland", (*line, *command))


class Window:
    """Stands for the window: polls when it is woken, and keeps what it saw."""

    def __init__(
        self,
        options: EngineOptions | None = None,
        *,
        pipeline: str = FAKE,
        hang_s: float = 20.0,
        crash_window: float = 20.0,
        env: Mapping[str, str] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._woken = threading.Event()
        self.events: list[Event | FrameReady] = []
        self.client = RenderClient(
            options,
            on_wake=self._woken.set,
            pipeline=pipeline,
            hang_s=hang_s,
            crash_window=crash_window,
            env=env,
            elsewhere=elsewhere,
        )

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def wait(self, wanted: Callable[[Event], object], timeout: float = PATIENCE) -> Event:
        """The first new event that is wanted. `events` keeps all, of frames only the message."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = None
            for event in self.client.poll():
                self.events.append(event.message if isinstance(event, ReceivedFrame) else event)
                if found is None and wanted(event):
                    found = event
            if found is not None:
                return found
            self._woken.wait(min(1.0, max(0.0, end - time.monotonic())))
            self._woken.clear()
        raise AssertionError(f"nothing of the kind after {timeout} s: {self.events[-20:]}")

    def frame(self, id: int, stream: str = "main") -> ReceivedFrame:
        event = self.wait(lambda e: isinstance(e, ReceivedFrame) and answers(e.message, id, stream))
        assert isinstance(event, ReceivedFrame)
        return event

    def all(self, kind: type) -> list[object]:
        return [event for event in self.events if isinstance(event, kind)]

    def states(self) -> list[str]:
        return [event.state for event in self.events if isinstance(event, StatusChanged)]


def answers(message: object, id: int, stream: str = "main") -> bool:
    return getattr(message, "id", None) == id and getattr(message, "stream", None) == stream
