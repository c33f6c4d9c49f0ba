"""Calls that wait for their answer from a renderer far away, on whatever thread makes them."""

from __future__ import annotations

import errno
import itertools
import queue
import threading
from collections.abc import Callable
from typing import Any

from renderer.messages.disk_call import ask, result_of
from renderer.messages.to_renderer import Ask
from renderer.messages.to_window import Answer

PATIENCE = 60.0
"""Seconds that an answer may take."""


class Asking:
    """Sends calls and hands their answers to whoever waits.

    send: hands a message to the renderer; False where there is no connection to it.
    place: where the renderer is, for errors.
    """

    def __init__(self, send: Callable[[Ask], bool], place: str) -> None:
        self._send = send
        self.place = place
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[Answer | None]] = {}

    def call(self, name: str, *arguments: object) -> Any:
        """The result of a call of the disk there. Raises what it raises, and OSError."""
        id, answers = next(self._ids), queue.SimpleQueue[Answer | None]()
        message = ask(id, name, *arguments)
        path = str(arguments[0]) if arguments and isinstance(arguments[0], str) else ""
        with self._lock:
            self._waiting[id] = answers
        try:
            if not self._send(message):
                raise self._lost()
            answer = answers.get(timeout=PATIENCE)
        except queue.Empty:
            text = f"{self.place} gives no answer"
            raise TimeoutError(errno.ETIMEDOUT, text, path or None) from None
        finally:
            with self._lock:
                self._waiting.pop(id, None)
        if answer is None:
            raise self._lost()
        return result_of(name, answer, path)

    def answered(self, answer: Answer) -> None:
        """Hand over an answer; one that nobody waits for any more is dropped."""
        with self._lock:
            waiting = self._waiting.get(answer.id)
        if waiting is not None:
            waiting.put(answer)

    def lost(self) -> None:
        """Tell all who wait that no answer will come."""
        with self._lock:
            waiting = list(self._waiting.values())
        for one in waiting:
            one.put(None)

    def _lost(self) -> OSError:
        return ConnectionError(errno.ENOTCONN, f"there is no connection to {self.place}")
