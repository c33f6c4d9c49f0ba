"""What training has to tell. On every rank but the first nobody listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from common.errors import UserError
from training.learn.parts import Parts
from training.metrics.collect import no_bar
from training.metrics.evaluate import Outcome
from training.run.position import Position
from training.run.stats import Entry, Line


class Reporter:
    """Takes what training tells, and leaves it at that: the reporter of all ranks but the first.

    That of the first is `RunReporter`.
    """

    @contextmanager
    def running(self, nimg: int, total: int) -> Iterator[None]:
        """Training goes on inside, from `nimg` pictures to `total`."""
        yield

    def progress(self, nimg: int) -> None:
        """So many pictures have been shown."""

    def log(self, text: str) -> None:
        """A line for the user."""

    def warn(self, text: str) -> None:
        """What goes wrong without stopping anything, as a full sentence."""

    def failed(self, error: UserError) -> None:
        """Training ends here because of this error, which the command tells the user."""

    def tick(
        self, at: Position, entries: Mapping[str, Entry], timings: Mapping[str, Entry]
    ) -> Line:
        """A tick ends; returns its line of statistics, for `write`.

        entries: the statistics of the losses and of ADA. timings: milliseconds by phase.
        """
        return {}

    def write(self, line: Line) -> None:
        """A line of statistics is whole: the values of metrics are in it, if there are any."""

    def measuring(self, title: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Metrics look at `total` pictures inside; what it yields is told how many are done."""
        return no_bar(title, total)

    def metrics(self, outcomes: Sequence[Outcome], nimg: int) -> Line:
        """Metrics of the snapshot at `nimg`; returns what the tick's line gets of them."""
        return {}

    def next_tick(self) -> None:
        """Pictures and files of a tick are written; the next one begins."""

    def fakes(self, parts: Parts, nimg: int | None) -> None:
        """A grid of generated pictures is due; nimg None: before training."""

    def save(
        self,
        parts: Parts,
        at: Position,
        ranks: list[bytes],
        pending: Line | None = None,
        *,
        final: bool,
        snapshot: bool = True,
    ) -> None:
        """A snapshot is due, and the state that continues from there.

        ranks: what each rank needs to go on, in the form of `state.to_bytes`.
        pending: the line of statistics that waits for its metrics.
        final: whether this is the last one, which must be written.
        snapshot: whether the snapshot is written; False: the state alone.
        """

    def stopped(self, nimg: int) -> None:
        """Training ends here because it was asked to."""

    def finished(self, nimg: int) -> None:
        """Training is done."""
