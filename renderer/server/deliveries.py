"""Files that jobs write for a window on another machine: made in a scratch folder, then sent."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import msgspec
from msgspec import structs

from common.errors import Cancelled, reason
from renderer.messages.failure import Failure, explain
from renderer.messages.jobs import Work
from renderer.messages.to_renderer import Start, kind_of
from renderer.messages.to_window import Ended, FilePart, JobFailed, Progress, ToWindow
from renderer.server.jobs import find_jobs
from renderer.transport.credit import CHUNK, Credit


@dataclass
class _Delivery:
    """What a job writes.

    scratch: the folder in which it does so here.
    path: where the user wants it, on the machine of the window.
    cancelled: it is not wanted any more.
    """

    scratch: Path
    path: str
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def made(self) -> Path:
        """The file or folder that the job makes."""
        return self.scratch / PurePath(self.path).name

    def named(self, text: str) -> str:
        """A text of the job about the path that the user knows."""
        return text.replace(str(self.made), self.path)


class Deliveries:
    """Stands between the window and the jobs that write files. Any thread may call its methods.

    send: hands a message to the window.
    credit: how much may be on its way there.
    """

    def __init__(self, send: Callable[[ToWindow], None], credit: Credit) -> None:
        self._send = send
        self._credit = credit
        self._lock = threading.Lock()
        self._kinds = {kind_of(job.work): job.work for job in find_jobs().values()}
        self._under_way: dict[int, _Delivery] = {}

    def begin(self, message: Start) -> Start | None:
        """The job with a path of this machine, where it writes what it is named for.

        None where there is no room for that, which the window has been told.
        """
        kind: type[Work] | None = self._kinds.get(message.kind)
        if kind is None or not kind.writes:
            return message
        try:
            work = msgspec.msgpack.decode(message.work, type=kind)
        except msgspec.DecodeError:
            return message  # whoever does the job says so
        try:
            delivery = _Delivery(Path(tempfile.mkdtemp(prefix="ganscope-")), work.path)
        except OSError as error:
            failure = Failure(
                f"The renderer's machine has no room to work in: {reason(error)}.",
                "Make room in its temporary folder (TMPDIR).",
            )
            self._send(JobFailed(message.job, work.path, failure))
            return None
        with self._lock:
            self._under_way[message.job] = delivery
        return Start.of(message.job, structs.replace(work, path=str(delivery.made)))

    def cancel(self, job: int) -> None:
        """Send no more of what a job has written."""
        with self._lock:
            delivery = self._under_way.get(job)
        if delivery is not None:
            delivery.cancelled.set()
            self._credit.look()

    def end(self, message: Ended) -> bool:
        """Take the end of a job that has been redirected; False for any other.

        What it has written is sent before the window hears of its end.
        """
        with self._lock:
            delivery = self._under_way.get(message.job)
        if delivery is None:
            return False
        threading.Thread(
            target=self._deliver, args=(message, delivery), name="delivery", daemon=True
        ).start()
        return True

    def close(self) -> None:
        """Remove what is left, when the renderer ends."""
        for delivery in list(self._under_way.values()):
            shutil.rmtree(delivery.scratch, ignore_errors=True)

    def _deliver(self, message: Ended, delivery: _Delivery) -> None:
        last: Ended
        try:
            if isinstance(message, JobFailed):
                failure = message.failure
                said = structs.replace(failure, message=delivery.named(failure.message))
                last = structs.replace(message, path=delivery.path, failure=said)
            else:
                self._send_files(message.job, delivery)
                last = structs.replace(message, text=delivery.named(message.text))
        except Cancelled:
            last = JobFailed(message.job, delivery.path, Failure("Cancelled."), cancelled=True)
        except Exception as error:  # noqa: BLE001 - told to the user, never the renderer's end
            last = JobFailed(message.job, delivery.path, explain(error))
        shutil.rmtree(delivery.scratch, ignore_errors=True)
        with self._lock:
            self._under_way.pop(message.job, None)
        self._send(last)

    def _send_files(self, job: int, delivery: _Delivery) -> None:
        made = delivery.made
        files = sorted(p for p in made.rglob("*") if p.is_file()) if made.is_dir() else [made]
        whole, sent, text = sum(file.stat().st_size for file in files), 0, f"Fetching {made.name}"
        for file in files:
            name = file.relative_to(made).as_posix() if made.is_dir() else ""
            for offset, data in _chunks(file):
                if not self._credit.take(len(data), lambda: not delivery.cancelled.is_set()):
                    raise Cancelled
                self._send(FilePart(job, name, offset, data))
                sent += len(data)
                if sent % (16 * CHUNK) < len(data):
                    self._send(Progress(job, sent / max(whole, 1), text))


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """The bytes of a file with where they begin; of an empty one a single part without any."""
    with open(path, "rb") as file:
        offset = 0
        while (data := file.read(CHUNK)) or not offset:
            yield offset, data
            if not data:
                return
            offset += len(data)
