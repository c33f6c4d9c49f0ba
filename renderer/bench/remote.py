"""What dragging is like over a line: pictures per second, and how late they are.

The pictures exist already, so that only the line is measured, and they are about as hard to pack as
photographs with grain. A real renderer process is behind a real pipe, which
`renderer.bench.shaper` makes slow.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np

from common.errors import UserError
from renderer.bench.report import RemoteLine
from renderer.bench.transport import Stills
from renderer.client.client import ReceivedFrame, RenderClient
from renderer.client.elsewhere import Elsewhere
from renderer.messages.request import RenderRequest, Seed
from renderer.transport.packing import pack_exactly, pack_lossily
from renderer.transport.shared_memory import Pixels

DELAY = 0.05
"""Seconds that a byte takes from one end of the line to the other."""
RATE = 20e6 / 8
"""Bytes per second of the line: 20 Mbit/s."""
MOVES = 1 / 60
"""Seconds between two requests of somebody who drags."""
TIMEOUT = 120.0
COUNT = 8  # different pictures


class Photographs(Stills):
    """Ready pictures that are as hard to pack as photographs; the snapshot's name is their side."""

    def made(self, path: str) -> Sequence[Pixels]:
        """See Stills."""
        return [photograph(int(path), seed) for seed in range(COUNT)]


def photograph(side: int, seed: int) -> Pixels:
    """A picture [side, side, 4] whose spectrum falls as that of photographs does, by 1/f."""
    rng = np.random.default_rng(seed)
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij"))
    f[0, 0] = np.inf
    layers = []
    for _ in range(3):
        phases = np.exp(2j * np.pi * rng.random(f.shape))
        layer = np.fft.irfft2(phases / f**1.2, s=(side, side))
        layers.append(layer / layer.std())
    grey = layers[0]
    rgb = np.stack([grey + 0.3 * layers[1], grey, grey + 0.3 * layers[2]], -1)
    levels = np.clip(rgb * 48 + 128, 0, 255).astype(np.uint8)
    return np.dstack([levels, np.full((side, side), 255, np.uint8)])


def measure(side: int, seconds: float = 8.0) -> RemoteLine:
    """Drag for so many seconds through pictures of `side` pixels, then wait for the exact one."""
    shaper = (sys.executable, "-P", "-m", "renderer.bench.shaper", f"{DELAY}", f"{RATE}")
    far = Elsewhere("the line", (*shaper, sys.executable, "-P", "-m", "renderer.server"))
    woken = threading.Event()
    env = {"GANSCOPE_PIPELINE": f"{__name__}:Photographs"}
    with RenderClient(on_wake=woken.set, elsewhere=far, env=env) as client:
        drag = _Drag(client, woken, str(side))
        drag.until_exact(drag.ask(0))  # everything is there, and the line is known
        drag.latencies.clear()
        began = time.perf_counter()
        number = 0
        while (now := time.perf_counter()) - began < seconds:
            number += 1
            last = drag.ask(number)
            drag.wait(now + MOVES - time.perf_counter())
        stopped = time.perf_counter()
        late = sorted(drag.latencies)
        drag.until_exact(last)
        exact = time.perf_counter() - stopped
    if len(late) < 2:
        raise UserError("No pictures came while it moved.", "; ".join(client.log))
    picture = photograph(side, 1)
    return RemoteLine(
        side=side,
        delay_ms=DELAY * 1e3,
        mbit=RATE * 8 / 1e6,
        fps=len(late) / (stopped - began),
        latency_ms=statistics.median(late) * 1e3,
        latency_95_ms=late[int(0.95 * (len(late) - 1))] * 1e3,
        exact_ms=exact * 1e3,
        moving_bytes=len(pack_lossily(picture, drag.quality)[1]),
        quality=drag.quality,
        exact_bytes=len(pack_exactly(picture)[1]),
    )


class _Drag:
    """Asks for pictures, and notes how late each of them is.

    latencies: of the pictures that have come, in seconds from asking to having the pixels.
    quality: of the last that came as JPEG.
    """

    def __init__(self, client: RenderClient, woken: threading.Event, path: str) -> None:
        self._client, self._woken, self._path = client, woken, path
        self._asked: dict[int, float] = {}
        self._exact: set[int] = set()
        self.latencies: list[float] = []
        self.quality = 0

    def ask(self, number: int) -> int:
        id = self._client.submit(RenderRequest(self._path, Seed(number)), drafts=True)
        self._asked[id] = time.perf_counter()
        return id

    def wait(self, seconds: float) -> None:
        """Take in what comes within so many seconds."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._woken.wait(left)
            self._woken.clear()
            self._take()

    def until_exact(self, id: int) -> None:
        end = time.perf_counter() + TIMEOUT
        while id not in self._exact:
            if time.perf_counter() > end:
                raise UserError("The line gave no picture.", "; ".join(self._client.log))
            self.wait(0.05)

    def _take(self) -> None:
        for event in self._client.poll():
            if isinstance(event, ReceivedFrame):
                id = event.message.id
                if id in self._asked:
                    self.latencies.append(time.perf_counter() - self._asked.pop(id))
                draft = event.message.info.draft
                if draft is None:
                    self._exact.add(id)
                else:
                    self.quality = draft.jpeg
