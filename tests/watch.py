"""What a process does while it reads a file: an audit hook that collects what no reader may do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# What running something from a file would show up as. pickle.find_class: a plain unpickler.
FORBIDDEN = (
    "os.",
    "subprocess.",
    "exec",
    "compile",
    "import",
    "pickle.",
    "marshal.",
    "socket.",
    "ctypes.",
    "shutil.",
    "code.",
    "builtins.",
    "pty.",
    "webbrowser.",
    "urllib.",
    "tempfile.",
    "mmap.",
)
HARMLESS = ("os.listdir", "os.scandir", "builtins.id", "mmap.__new__")


class Watch:
    """Collects forbidden events while armed. Audit hooks stay for ever, so there is one."""

    def __init__(self) -> None:
        self.armed = False
        self.events: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event == "open":
            _, mode, flags = args
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes or (mode and set(str(mode)) & set("wax+")):
                self.events.append(f"open {args}")
        elif event.startswith(FORBIDDEN) and event not in HARMLESS:
            self.events.append(f"{event} {str(args)[:200]}")

    @contextmanager
    def armed_now(self) -> Iterator[None]:
        self.armed = True
        try:
            yield
        finally:
            self.armed = False


watch = Watch()
