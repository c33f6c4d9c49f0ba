"""Imported by every Python process of the harness: tells of programs that are started in it.

What may start programs raises an audit event of Python. The events go as lines to the file that
FAULTS_AUDIT names. Programs of ours that are meant to be started are left out.
"""

from __future__ import annotations

import os
import sys

_TOLD = os.environ.get("FAULTS_AUDIT", "")
_EVENTS = (
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pickle.find_class",
    "pty.spawn",
    "subprocess.Popen",
)
_OURS = ("renderer.server", "ffmpeg", "tests.faults")


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS:
        text = repr(arguments)[:300]
        if not any(name in text for name in _OURS):
            with open(_TOLD, "a", encoding="utf-8") as file:
                file.write(f"{event} {text}\n")


if _TOLD:
    sys.addaudithook(_hook)
