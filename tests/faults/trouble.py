"""A folder in trouble: its disk stalls, cannot be written to, or is full.

A stand-in for a network folder where no file system can be mounted: Python tells an audit hook of
every access before it happens, and the hook waits or raises. What Python does not tell of (`stat`
and its kin) is wrapped. Whoever accesses the folder from the window's thread is noted by name: on a
disk that stalls the window would stand still there.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

Kind = Literal["stalled", "read-only", "full"]
_READS = ("os.listdir", "os.scandir")
_WRITES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.utime", "os.link")
_WRAPPED = ("stat", "lstat", "access", "readlink")
STALL = 4.0
"""Seconds that each access to a stalled folder takes."""


class Trouble:
    """Watches all accesses to one folder. There is one per process: hooks cannot be taken away.

    in_frame: whether the thread that asks is drawing a frame of the window.
    folder: the one in trouble, None for none.
    kind: what its trouble is, None for none.
    touched: accesses by a thread that was drawing a frame, with where they came from.
    """

    def __init__(self, in_frame: Callable[[], bool]) -> None:
        self.in_frame = in_frame
        self.folder = ""
        self.kind: Kind | None = None
        self.touched: list[str] = []
        self._over = threading.Event()
        sys.addaudithook(self._hook)
        for name in _WRAPPED:
            setattr(os, name, self._wrapped(getattr(os, name)))

    def begin(self, folder: Path, kind: Kind) -> None:
        """From now on the folder is in trouble."""
        self._over.clear()
        self.folder, self.kind = str(folder), kind

    def end(self) -> None:
        """The folder answers again, also to whom it has kept waiting."""
        self.folder, self.kind = "", None
        self._over.set()

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = any(letter in (mode or "") for letter in "wax+")
            writes |= isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
            self._access(path, event, writes=writes)
        elif event in _READS:
            self._access(arguments[0], event, writes=False)
        elif event in _WRITES:
            self._access(arguments[0], event, writes=True)

    def _wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(path: Any, *arguments: Any, **options: Any) -> Any:
            if self.folder:
                self._access(path, f"os.{function.__name__}", writes=False)
            return function(path, *arguments, **options)

        return wrapper

    def _access(self, path: Any, event: str, *, writes: bool) -> None:
        try:
            text = os.fsdecode(path)
        except TypeError:
            return  # a file descriptor
        if text != self.folder and not text.startswith(self.folder + os.sep):
            return
        if self.in_frame():
            frames = traceback.extract_stack()[:-2]
            calls = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[-6:]]
            self.touched.append(f"{event} {text} ({' > '.join(calls)})")
        if self.kind == "stalled":
            self._over.wait(STALL)
        elif self.kind == "read-only" and writes:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), text)
        elif self.kind == "full" and writes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), text)
