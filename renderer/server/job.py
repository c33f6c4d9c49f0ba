"""What a kind of background job consists of, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

from common.progress import IsCancelled, ProgressReport, silent
from renderer.messages.engine import Engine
from renderer.messages.frame import Drawn
from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest
from renderer.messages.to_window import JobDone, Loaded

Place: TypeAlias = Literal["opening", "preparing", "beside", "live", "between"]
"""Which thread does a job, one after the other, and how it takes its turn to compute.

opening: the thread that opens what requests wait for; it is for nothing else.
preparing: the thread that prepares weights, which the window does not ask for.
beside: beside rendering. Its turns come as those of a picture do, so it should need few of them.
live: between the pictures too, as soon as none is waited for: the window follows what it does.
between: between the pictures, whenever the window is quiet; at least a tenth of the time.
"""

Answer: TypeAlias = JobDone | Loaded | None
"""How a job ends, told as if it were number 0, since several may have asked for the same.

None ends it without a word.
"""


@dataclass(frozen=True)
class Task:
    """One job under way, as seen by the function that does it.

    engine: the pipeline. `load` may be called at any time, `render` only inside `turn()`.
    progress: tells the window how far the job is, some twenty times a second at most.
    cancelled: becomes true when the job is no longer wanted; raise Cancelled then.
    turn: `with task.turn():` waits until this job may compute, and keeps others from computing
    meanwhile. Raises Cancelled when the job is cancelled while it waits.
    show: publishes a picture on a stream, as the answer to a request, while the job goes on.
    report: tells the window what has been found so far, which is a struct of the job's own.
    awaited: somebody waits for the result; False for what is opened only in advance.
    """

    engine: Engine
    progress: ProgressReport
    cancelled: IsCancelled
    turn: Callable[[], AbstractContextManager[None]]
    show: Callable[[str, RenderRequest, Drawn], None]
    report: Callable[[Struct], None] = lambda _: None
    awaited: bool = True

    def open(self, path: str, *, keep: bool = True) -> None:
        """Open a snapshot unless it is open.

        path: its file.
        keep: False has it go from memory first.
        """
        if not self.engine.has(path):
            self.engine.load(path, silent, self.cancelled, keep)


W = TypeVar("W", bound=Work)


@dataclass(frozen=True)
class Job(Generic[W]):
    """A kind of background job.

    work: the type of its arguments.
    run: does it. May raise UserError, and Cancelled when `task.cancelled()`.
    place: where and when it runs.
    shared: work on the same path is done once, for everyone who asks for it while it goes on. Who
    cancels is let go at once; otherwise cancelling is answered when nothing is left of the job.
    """

    work: type[W]
    run: Callable[[W, Task], Answer]
    place: Place
    shared: bool = False
