"""What is kept of a picture is exact: where only a draft is seen, the exact one is waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from renderer.messages.failure import Failure
from renderer.messages.request import RenderRequest
from viz.desk.asks import Ask
from viz.desk.notify import Notify
from viz.gpu.pictures import Frame

STREAM = "exact"
"""The stream that asks for the exact pictures."""


class ExactFrames:
    """Hands over frames that are no drafts, in the order in which they were asked for.

    Whoever asks for the same gets the same answer: the renderer is asked once, and fails once.

    asks: what is to be kept rendered for that, by stream.
    """

    def __init__(
        self,
        frames: Mapping[str, Frame],
        wanted: Callable[[], RenderRequest],
        take_failure: Callable[[str], Failure | None],
        notify: Notify,
    ) -> None:
        """Make one.

        frames: the newest picture of each stream.
        wanted: the request of the session, which a draft may lag behind.
        take_failure: why a stream has no picture, once.
        """
        self._frames = frames
        self._wanted = wanted
        self._take_failure = take_failure
        self._notify = notify
        self._waiting: dict[RenderRequest, list[Callable[[Frame], None]]] = {}

    @property
    def asks(self) -> Mapping[str, Ask]:
        request = next(iter(self._waiting), None)
        return {} if request is None else {STREAM: (request, None)}

    @property
    def pending(self) -> bool:
        """Whether an exact picture is being waited for."""
        return bool(self._waiting)

    def give(self, frame: Frame, then: Callable[[Frame], None]) -> None:
        """Call `then` with this frame, or where it is a draft with the exact one, once it is there.

        That is the one that the session wants now: who lets go of the mouse means its last place.
        """
        if frame.info.draft is None:
            then(frame)
        else:
            self._waiting.setdefault(self._wanted(), []).append(then)

    def refresh(self) -> None:
        """Hand over what has come; called once per frame of the window."""
        request = next(iter(self._waiting), None)
        if request is None:
            return
        failure, frame = self._take_failure(STREAM), self._frames.get(STREAM)
        if failure is not None:
            del self._waiting[request]
            self._notify(failure.message, error=True)
        elif frame is not None and frame.request == request:
            for then in self._waiting.pop(request):
                then(frame)
