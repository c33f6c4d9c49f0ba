"""Pictures out of files, decoded on a thread of their own and kept in bounded memory."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from common.errors import UserError
from common.images.image_file import BombError
from common.images.small import small_picture
from common.lru import Lru
from common.runs.disk import HERE, Disk
from viz.gpu.pictures import Picture
from viz.gpu.texture import Texture

SMALL, LARGE = 640, 2048
"""The longer side of a thumbnail and of a large picture, in pixels at most."""
KEPT = 12
"""How many pictures stay in memory, of those that are seen no more."""

Key = tuple[str, int, int]
"""The path of a file, its version, and the longer side of what is wanted in pixels at most."""
Pixels = npt.NDArray[np.uint8]
"""A picture, [height, width, 4] uint8."""


class FileImages:
    """The `Files` that works. Asked for pictures in every frame, it has them some frames later.

    What was asked for last is read first. A file that cannot be decoded (it may be half written)
    is tried again when its version changes.

    wake: called on another thread when something was read, so that the window draws again.
    disk: the one that the files lie on.
    """

    def __init__(self, wake: Callable[[], None], disk: Disk = HERE) -> None:
        self._wake = wake
        self._disk = disk
        self._lock = threading.Condition()
        self._wanted: list[Key] = []
        self._read: dict[Key, Pixels | str] = {}
        self._asked: set[Key] = set()  # in this frame
        self._seen: set[Key] = set()  # in the frame before
        self._kept: Lru[Key, Texture | str] = Lru(
            KEPT,
            on_drop=lambda _, kept: _delete(kept),
            spares=lambda key: key in self._seen,  # else many at once would be read for ever
        )
        self._thread: threading.Thread | None = None
        self._closed = False

    def get(self, path: str, version: int, *, large: bool = False) -> Picture | str | None:
        """Return the picture, why there is none, or None while it is being read."""
        key = path, version, LARGE if large else SMALL
        self._asked.add(key)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        with self._lock:
            if key not in self._read:
                if key in self._wanted:
                    self._wanted.remove(key)
                self._wanted = [*self._wanted, key][-KEPT:]
                self._lock.notify()
        if self._thread is None:
            # A daemon: a disk that hangs does not keep the program from ending.
            self._thread = threading.Thread(target=self._run, name="ganscope-images", daemon=True)
            self._thread.start()
        return None

    def refresh(self) -> None:
        """Take what was read to the GPU; called once per frame, with OpenGL's context current."""
        with self._lock:
            read, self._read = self._read, {}
        self._seen, self._asked = self._asked, set()
        self._kept.limit = KEPT  # what was seen until now may go
        for key, pixels in read.items():
            result: Texture | str
            if isinstance(pixels, str):
                result = pixels
            else:
                result = Texture()
                result.upload(pixels)
            self._kept.put(key, result)

    @property
    def pending(self) -> bool:
        """Whether something that was asked for has not come yet."""
        with self._lock:
            return bool(self._wanted or self._read)

    def close(self) -> None:
        """Free what is on the GPU; the thread ends when its disk answers."""
        with self._lock:
            self._closed = True
            self._lock.notify()
        self._kept.clear()

    def _run(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                key = self._wanted[-1]
            try:
                result = _decode(self._disk, key[0], key[2])
            except ConnectionError:
                with self._lock:  # whoever still wants it asks again, until there is a line
                    self._wanted = [wanted for wanted in self._wanted if wanted != key]
                continue
            except Exception as error:  # noqa: BLE001 - said in its place; others can be read
                traceback.print_exc()
                result = f"internal error: {type(error).__name__}: {error}"
            with self._lock:
                if key in self._wanted:
                    self._wanted.remove(key)
                self._read[key] = result
            self._wake()


def _delete(kept: Texture | str) -> None:
    if isinstance(kept, Texture):
        kept.delete()


def _decode(disk: Disk, path: str, side: int) -> Pixels | str:
    """Return the picture of a file, at most `side` pixels long, or why it cannot be read.

    Raises ConnectionError where there is no line to the disk.
    """
    try:
        return np.ascontiguousarray(small_picture(disk.image(path, side), side))
    except UserError as error:
        return str(error)
    except ConnectionError:
        raise
    except (OSError, ValueError, SyntaxError, BombError) as error:
        # Pillow reports broken chunks of a PNG as SyntaxError.
        return f"{Path(path).name} cannot be read: {error}"
