"""What somebody sees who drags: pictures a second, and how soon the first of them changes.

The whole way through a renderer process of its own, with drafts and without, one drag of each in
turn, so that what else the machine does hits both alike. A new latent is asked for in every frame
of a window that draws sixty a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

from msgspec import Struct

from common.errors import UserError
from common.progress import IsCancelled, ProgressReport
from renderer.bench.benchmark import Snapshot, random_network
from renderer.bench.report import Drag
from renderer.client.client import ReceivedFrame, RenderClient
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.messages.to_window import RenderFailed
from renderer.pipeline.pipeline import Pipeline

FRAME = 1 / 60
TIMEOUT = 300.0
WARM_UP = 3  # pictures by which the pipeline learns how long they take


def pipeline(options: EngineOptions) -> Pipeline:
    """A pipeline whose snapshots are networks of random weights, named by their resolution."""

    def opened(path: str, progress: ProgressReport, cancelled: IsCancelled) -> Snapshot:
        return Snapshot(random_network(int(Path(path).name)))

    return Pipeline(options, opened)


def drag(
    resolution: int, threads: int, seconds: float, drags: int, step: Callable[[int, int], None]
) -> Drag:
    """Drag for some seconds, several times with and without drafts.

    step: called with the number of drags that are done and of all. Raises UserError where the
    renderer does not answer.
    """
    options = EngineOptions(device="cpu", threads=threads)
    plain: list[_Seen] = []
    drafted: list[_Seen] = []
    with RenderClient(options, pipeline=f"{__name__}:pipeline") as client:
        hand = _Hand(client, str(resolution))
        for _ in range(WARM_UP):
            hand.rest()
        for done in range(drags):
            for drafts, found in ((False, plain), (True, drafted)):
                found.append(hand.drag(seconds, drafts=drafts))
            step(done + 1, drags)
    kinds = [kind for one in drafted for kind in one.drafts]
    return Drag(
        resolution=resolution,
        drags=drags,
        plain_per_second=median(one.per_second for one in plain),
        per_second=median(one.per_second for one in drafted),
        plain_first_ms=median(one.first_ms for one in plain),
        first_ms=median(one.first_ms for one in drafted),
        plain_gap_ms=median(one.gap_ms for one in plain),
        gap_ms=median(one.gap_ms for one in drafted),
        exact_ms=median(one.exact_ms for one in drafted),
        draft=max(set(kinds), key=kinds.count) if kinds else "",
    )


class _Seen(Struct):
    """What was seen of one drag; fields as in `Drag`."""

    per_second: float
    first_ms: float
    gap_ms: float
    exact_ms: float
    drafts: list[str]


class _Hand:
    """Asks for pictures as a window does from which somebody drags."""

    def __init__(self, client: RenderClient, snapshot: str) -> None:
        self._client, self._snapshot, self._seed = client, snapshot, 0
        self._exact = 0

    def _ask(self, *, drafts: bool) -> int:
        self._seed += 1
        request = RenderRequest(self._snapshot, Seed(self._seed))
        return self._client.submit(request, drafts=drafts)

    def rest(self) -> None:
        """Ask for one exact picture, and wait for it."""
        self._wait(self._ask(drafts=False))

    def drag(self, seconds: float, *, drafts: bool) -> _Seen:
        times: list[float] = []
        kinds: list[str] = []
        begun, newest, asked = time.perf_counter(), 0, 0.0
        while (now := time.perf_counter()) < begun + seconds:
            if now >= asked + FRAME:
                newest, asked = self._ask(drafts=drafts), now
            for frame in self._frames():
                times.append(time.perf_counter() - begun)
                draft = frame.message.info.draft
                if draft is not None:
                    kinds.append(f"{draft.resolution}² {draft.precision}")
            time.sleep(0.001)
        let_go = time.perf_counter()
        self._wait(newest)
        edges = [0.0, *times, seconds]
        return _Seen(
            per_second=len(times) / seconds,
            first_ms=1000 * (times[0] if times else seconds),
            gap_ms=1000 * max(b - a for a, b in pairwise(edges)),
            exact_ms=1000 * (time.perf_counter() - let_go),
            drafts=kinds,
        )

    def _wait(self, id: int) -> None:
        """Wait for the exact picture of a request, which may have come during the drag already."""
        end = time.perf_counter() + TIMEOUT
        while self._exact < id:
            if time.perf_counter() > end:
                raise UserError(
                    "The renderer did not answer.", "Run it again on a quieter machine."
                )
            for _ in self._frames():
                pass
            time.sleep(0.001)

    def _frames(self) -> Iterator[ReceivedFrame]:
        for event in self._client.poll():
            if isinstance(event, ReceivedFrame):
                if event.message.info.draft is None:
                    self._exact = max(self._exact, event.message.id)
                yield event
                event.release()
            elif isinstance(event, RenderFailed):
                raise UserError(event.failure.message, event.failure.remedy)
