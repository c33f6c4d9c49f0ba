"""Files that a renderer on another machine makes for us, written here as they come."""

from __future__ import annotations

import os
import queue
import secrets
import shutil
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from common.errors import UserError
from common.files import cannot_write, make_folder
from renderer.messages.failure import Failure, explain
from renderer.messages.to_window import Ended, FilePart, JobDone, JobFailed


@dataclass
class _Arrival:
    """What comes of a job.

    target: where it goes in the end.
    temporary: the hidden file or folder beside it, in which it is until it is whole.
    error: why it cannot be written.
    """

    target: Path
    temporary: Path
    error: UserError | None = None


class Arrivals:
    """Writes on a thread of its own: whoever receives messages must not wait for a disk.

    ended: told the end of a job, once its files are where they belong.
    """

    def __init__(self, ended: Callable[[Ended], None]) -> None:
        self._ended = ended
        self._lock = threading.Lock()
        self._expected: dict[int, _Arrival] = {}
        self._todo: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def begin(self, job: int, path: str) -> None:
        """Expect files of a job; also when it begins once more, in another process."""
        target = Path(os.path.abspath(os.path.expanduser(path)))
        hidden = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
        with self._lock:
            before = self._expected.get(job)
            self._expected[job] = _Arrival(target, hidden)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="arrivals", daemon=True)
                self._thread.start()
        if before is not None:
            self._todo.put(lambda: _remove(before.temporary))

    def part(self, message: FilePart) -> None:
        """Have a part of a file written."""
        with self._lock:
            arrival = self._expected.get(message.job)
        if arrival is not None:
            self._todo.put(lambda: _write(arrival, message))

    def end(self, message: Ended) -> bool:
        """Take the end of a job whose files were expected; False for any other."""
        with self._lock:
            arrival = self._expected.pop(message.job, None)
        if arrival is None:
            return False
        self._todo.put(lambda: self._finish(arrival, message))
        return True

    def close(self, seconds: float) -> None:
        """Remove what is not whole, within so many seconds."""
        with self._lock:
            left = list(self._expected.values())
            self._expected.clear()
        for arrival in left:
            self._todo.put(lambda arrival=arrival: _remove(arrival.temporary))  # type: ignore[misc]
        self._todo.put(None)
        if self._thread is not None:
            self._thread.join(seconds)

    def _finish(self, arrival: _Arrival, message: Ended) -> None:
        try:
            last = _finished(arrival, message)
        except Exception as error:  # noqa: BLE001 - told to the user, who waits for an end
            last = JobFailed(message.job, str(arrival.target), explain(error))
        self._ended(last)

    def _run(self) -> None:
        while (do := self._todo.get()) is not None:
            try:
                do()
            except Exception:  # noqa: BLE001 - said on stderr; what comes next may be written
                traceback.print_exc()


def _write(arrival: _Arrival, message: FilePart) -> None:
    if arrival.error is not None:
        return
    inside = PurePosixPath(message.name)
    if inside.is_absolute() or ".." in inside.parts or "\0" in message.name:
        arrival.error = UserError(f"The renderer names a file {message.name!r}; it is not written.")
        return
    path = arrival.temporary / inside if message.name else arrival.temporary
    try:
        make_folder(path.parent)
        with open(path, "ab" if message.offset else "wb") as file:
            if file.tell() != message.offset:
                arrival.error = UserError(f"A part of {arrival.target.name} is missing.")
                return
            file.write(message.data)
    except OSError as error:
        arrival.error = cannot_write(arrival.target, error)
    except UserError as error:
        arrival.error = error


def _finished(arrival: _Arrival, message: Ended) -> Ended:
    """Put what came where it belongs. The end of the job, which may have failed by that."""
    error = arrival.error
    if isinstance(message, JobDone) and error is None:
        try:
            if arrival.temporary.is_dir() and arrival.target.exists():
                raise UserError(f"{arrival.target} exists already.", "Name a folder that does not.")
            os.replace(arrival.temporary, arrival.target)
        except OSError as failed:
            error = cannot_write(arrival.target, failed)
        except UserError as failed:
            error = failed
    if error is None and isinstance(message, JobDone):
        return message
    _remove(arrival.temporary)
    if isinstance(message, JobFailed) or error is None:
        return message
    return JobFailed(message.job, str(arrival.target), Failure(error.message, error.remedy))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(NotADirectoryError):  # where no file could be written there is none
        path.unlink(missing_ok=True)
