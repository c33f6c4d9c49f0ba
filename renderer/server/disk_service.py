"""The disk of this machine for a window on another one: only to be read, so much at a time."""

from __future__ import annotations

import io
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from common.errors import UserError
from common.images.image_file import BombError
from common.images.small import small_picture
from common.runs.disk import Facts, Found, LocalDisk, Part, Paths
from renderer.messages.bundled import installed
from renderer.messages.disk_call import LONGEST, answer
from renderer.messages.to_renderer import Ask
from renderer.messages.to_window import Answer

THREADS: Final = 4
"""Calls that are answered at once: one of a disk that hangs holds up no other."""
ENTRIES: Final = 20_000
"""Names of a folder that are told."""
SECONDS: Final = 2.0
"""Seconds after which a call that may say less than it was asked for does so."""
QUALITY: Final = 92
"""Of the JPEGs as which pictures of a run are sent."""


class ServedDisk(LocalDisk):
    """The disk with limits; see `Disk` for its calls."""

    def scan(self, folder: str) -> tuple[Facts, ...]:
        """See Disk; names that are no valid Unicode are left out."""
        found = (facts for facts in super().scan(folder) if _is_text(facts.name))
        return tuple(found)[:ENTRIES]

    def snapshots_in(self, folders: Paths) -> tuple[Paths, ...]:
        """See Disk."""
        ends = time.monotonic() + SECONDS
        found: list[Paths] = []
        for folder in folders:
            if found and time.monotonic() > ends:
                break
            names = super().snapshots_in((folder,))[0]
            found.append(tuple(name for name in names if _is_text(name)))
        return tuple(found)

    def read(self, path: str, start: int, length: int) -> Part:
        """See Disk."""
        return super().read(path, start, min(length, LONGEST))

    def complete(self, paths: Paths) -> tuple[bool, ...]:
        """See Disk."""
        ends = time.monotonic() + SECONDS
        found: list[bool] = []
        for path in paths:
            if found and time.monotonic() > ends:
                break
            found += super().complete((path,))
        return tuple(found)

    def find(self, text: str) -> Found:
        """See Disk. A bundled snapshot is the one of this machine."""
        return super().find(installed(text))

    def image(self, path: str, side: int) -> bytes:
        """See Disk."""
        try:
            picture = small_picture(super().image(path, side), max(1, min(side, 4096)))
        except (BombError, SyntaxError) as error:
            raise UserError(f"{Path(path).name} cannot be read: {error}.") from error
        file = io.BytesIO()
        if np.asarray(picture)[..., 3].min() < 255:
            picture.save(file, "PNG", compress_level=1)
        else:
            picture.convert("RGB").save(file, "JPEG", quality=QUALITY, subsampling=0)
        return file.getvalue()


class DiskService:
    """Answers calls on threads of its own.

    send: hands an answer to the window.
    """

    def __init__(self, send: Callable[[Answer], None]) -> None:
        self._send = send
        self._disk = ServedDisk()
        self._asked: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        for _ in range(THREADS):
            threading.Thread(target=self._run, name="disk", daemon=True).start()

    def take(self, message: Ask) -> None:
        """Have a call answered; this waits for nothing."""
        self._asked.put(message)

    def _run(self) -> None:
        while True:
            self._send(answer(self._disk, self._asked.get()))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
