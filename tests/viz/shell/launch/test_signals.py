"""Signals that end the program, and one that it was started to outlive."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from viz.shell.launch.signals import ENDING, ended_by_signals

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGHUP"), reason="needs the signals of a POSIX system"
)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Put back what the tests do to the handlers."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_each_signal_ends_it_and_the_handlers_before_come_back() -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    quits = []
    with ended_by_signals(lambda: quits.append(True)):
        for number in ENDING:
            signal.raise_signal(number)
    assert len(quits) == 3
    assert {signal.getsignal(number) for number in ENDING} == {signal.SIG_DFL}


def test_what_nohup_has_started_outlives_its_terminal() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    quits = []
    with ended_by_signals(lambda: quits.append(True)):
        signal.raise_signal(signal.SIGHUP)
        assert not quits
        signal.raise_signal(signal.SIGTERM)
    assert quits == [True]
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
