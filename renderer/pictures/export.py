"""Sequences of requests -> PNG files, one picture in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from renderer.messages.engine import Engine
from renderer.messages.request import RenderRequest
from renderer.pictures.metadata import write_png
from renderer.pictures.sizes import sized
from renderer.transport.shared_memory import Pixels

Job = tuple[RenderRequest, Path]


def export(
    pipeline: Engine, jobs: Iterable[Job], *, size: int = 0, smooth: bool = False
) -> Iterator[tuple[Path, Pixels]]:
    """Write the picture of each request under its path; yields both, in order.

    size: the pixels of its shorter side, 0 for just as it was drawn.
    smooth: enlarged pixels are blended instead of being squares.

    Compressing and writing happen in a thread beside the rendering of the next picture. Whenever
    the caller stops, each file is complete or not there. Raises UserError at the first picture
    that cannot be drawn or written.
    """
    with ThreadPoolExecutor(1, "png") as writer:
        writing: Future[None] | None = None
        for request, path in jobs:
            pixels = pipeline.render(request).pixels
            if size:
                pixels = sized(pixels, size, smooth=smooth)
            if writing is not None:
                writing.result()
            writing = writer.submit(write_png, path, pixels, request)
            yield path, pixels
        if writing is not None:
            writing.result()
