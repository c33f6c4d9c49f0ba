"""What a client tells the window, besides the messages that it hands on as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from renderer.messages.frame import StatsSpec
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_window import FrameReady, HandedOn, Progress, RenderFailed
from renderer.transport.shared_memory import Pixels

State: TypeAlias = Literal["starting", "ready", "restarting", "failed"]


@dataclass(frozen=True)
class Line:
    """The line to a renderer on another machine, as long as that is not ready.

    place: that machine, as the user named it.
    began: when the command that reaches it was started, on the clock of `time.monotonic`.
    answered: the renderer has said who it is, and starts.
    said: the last lines that the command has written to stderr.
    lost: why the line was lost, or could not be had when it was tried last; empty before.
    again_at: when it is tried again, on that clock; None while it is tried, and where it is not.
    """

    place: str
    began: float
    answered: bool = False
    said: tuple[str, ...] = ()
    lost: str = ""
    again_at: float | None = None


@dataclass(frozen=True)
class StatusChanged:
    """How the renderer is.

    state: `failed` also stands for a renderer that does not answer; `restart` helps with both.
    text: one line for the status bar; empty where there is nothing to say.
    line: how one on another machine is reached; None where it is ready, or on this machine.
    warning: the text tells of something that the user should mend though it works.
    """

    state: State
    text: str = ""
    line: Line | None = None
    warning: bool = False


class ReceivedFrame:
    """A finished picture. `pixels` [height, width, 4] is a read-only view of shared memory.

    The renderer does not touch it until `release`, or until nobody holds the frame any more: keep
    the frame while its pixels are in use, and copy them to keep them longer.
    """

    __slots__ = ("_release", "message", "pixels")

    def __init__(
        self, message: FrameReady, pixels: Pixels, release: Callable[[], None] | None = None
    ) -> None:
        self.message = message
        self.pixels = pixels
        self._release = release

    def release(self) -> None:
        """Give the slot back. Calling it again does nothing."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def __del__(self) -> None:
        self.release()


Event: TypeAlias = HandedOn | ReceivedFrame | StatusChanged


class Client(Protocol):
    """What the window and the commands need of a renderer. No method ever waits for it."""

    def submit(
        self,
        request: RenderRequest,
        *,
        stream: str = "main",
        stats: StatsSpec | None = None,
        drafts: bool = False,
    ) -> int:
        """Ask for a picture; a newer request of the stream replaces it. The id of the answer.

        drafts: a picture that takes long may be answered by a draft before the exact one.
        """

    def start(self, work: Work) -> int:
        """Begin a job in the background: its number, which all that is told of it carries.

        It ends with JobDone (opening a snapshot: Loaded) or JobFailed.
        """

    def cancel(self, job: int) -> None:
        """Ask for the end of a job, which is told by JobFailed."""

    def configure(self, options: EngineOptions) -> None:
        """Change what is computed on; answered by Hello."""

    def restart(self) -> None:
        """End the renderer, in whatever state it is, and start another; one far away at once."""

    def give_up(self) -> None:
        """Reach for a renderer on another machine no longer, until `restart`."""

    def poll(self) -> list[Event]:
        """What has happened since the last call; of each stream only the newest answer."""

    def close(self) -> None:
        """End the renderer and free everything, in less than a second."""


class Inbox:
    """Events that wait for `poll`. Not locked: its owner does that.

    Per stream only the newest answer is kept, be it a picture or a failure, and per job only the
    newest progress, so it stays small however seldom it is emptied.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._answers: dict[str, ReceivedFrame | RenderFailed] = {}

    def put(self, event: Event) -> bool:
        """Add an event. True where there was none before, so that the window has to be woken."""
        empty = not (self._events or self._answers)
        if isinstance(event, ReceivedFrame | RenderFailed):
            stream = event.stream if isinstance(event, RenderFailed) else event.message.stream
            older = self._answers.pop(stream, None)
            self._answers[stream] = event
            if isinstance(older, ReceivedFrame):
                older.release()
        else:
            if isinstance(event, Progress):
                self._events = [
                    e for e in self._events if not (isinstance(e, Progress) and e.job == event.job)
                ]
            self._events.append(event)
        return empty

    def take(self) -> list[Event]:
        """All that has happened since the last call."""
        events = [*self._events, *self._answers.values()]
        self._events, self._answers = [], {}
        return events
