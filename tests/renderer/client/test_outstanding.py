"""A new renderer process is told all that the last one was asked for, and nothing that is over."""

from __future__ import annotations

from typing import cast

from renderer.client.outstanding import Outstanding
from renderer.client.process import Process
from renderer.messages.jobs import Load
from renderer.messages.options import EngineOptions
from renderer.messages.to_renderer import Cancel, Configure, Render, Start, ToRenderer
from tests.renderer.client.client_kit import ask

CPU, GPU = EngineOptions(device="cpu"), EngineOptions(device="cuda")


class Told:
    """Stands for a process, and keeps what it was told."""

    def __init__(self) -> None:
        self.messages: list[ToRenderer] = []

    def send(self, message: ToRenderer) -> None:
        self.messages.append(message)


def hand(outstanding: Outstanding, options: EngineOptions = CPU) -> list[ToRenderer]:
    told = Told()
    outstanding.hand_to(cast(Process, told), options)
    return told.messages


def test_what_is_not_over_is_asked_of_the_next_process_once_more() -> None:
    begun: list[int] = []
    outstanding = Outstanding(CPU, lambda job, _: begun.append(job))
    first = hand(outstanding)
    jobs = [outstanding.number() for _ in range(3)]
    for job in jobs:
        assert outstanding.begin(job, Load(f"{job}.pt"))
    outstanding.draw(ask("a", 1), "main", None, False)
    newest = outstanding.draw(ask("a", 2), "main", None, True)
    other = outstanding.draw(ask("a", 3), "other", None, False)
    outstanding.ended(jobs[0])
    assert outstanding.cancel(jobs[2]) is None
    assert first[-1] == Cancel(jobs[2])
    outstanding.take_away()
    assert outstanding.cancel(jobs[2]) == Load(f"{jobs[2]}.pt")
    assert not outstanding.begin(outstanding.number(), Load("z.pt"))
    second = hand(outstanding)
    assert [m.job for m in second if isinstance(m, Start)] == [jobs[1]]
    assert [m.id for m in second if isinstance(m, Render)] == [newest, other]
    assert len(second) == 3
    assert begun == [*jobs, jobs[1]]


def test_options_that_change_while_a_process_starts_reach_it() -> None:
    outstanding = Outstanding(CPU, lambda *_: None)
    started_with = outstanding.options
    outstanding.configure(GPU)
    assert hand(outstanding, started_with) == [Configure(GPU)]
    assert hand(outstanding, GPU) == []
