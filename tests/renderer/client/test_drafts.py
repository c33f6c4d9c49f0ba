"""Slow pictures come as drafts while they move, and exactly once they stand still."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from renderer.client.client import ReceivedFrame
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import BACKGROUND, Render
from renderer.server.schedule import STILL, Schedule
from tests.renderer.client.client_kit import Window, answers, ask, notes, snapshot, wait_for_note


def draft_of(window: Window, id: int, stream: str = "main") -> ReceivedFrame:
    frame = window.frame(id, stream)
    assert frame.message.info.draft is not None
    return frame


def exact_of(window: Window, id: int) -> ReceivedFrame:
    event = window.wait(
        lambda e: (
            isinstance(e, ReceivedFrame) and answers(e.message, id) and e.message.info.draft is None
        )
    )
    assert isinstance(event, ReceivedFrame)
    return event


def test_a_draft_comes_first_and_then_the_exact_picture(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net = snapshot(tmp_path, draft_s=0.001, render_gate=str(gate))
    with Window() as window:
        id = window.client.submit(ask(net, 7), drafts=True)
        assert draft_of(window, id).pixels[0, 0, 0] == 8
        gate.touch()
        assert exact_of(window, id).pixels[0, 0, 0] == 7
        assert notes(net, "draft", "render") == ["draft 7", "render 7"]


def test_of_a_thumbnail_a_draft_is_enough(tmp_path: Path) -> None:
    net = snapshot(tmp_path, draft_s=0.001)
    with Window() as window:
        id = window.client.submit(ask(net, 7), stream=BACKGROUND, drafts=True)
        draft_of(window, id, BACKGROUND)
        id = window.client.submit(ask(net, 8), stream=BACKGROUND, drafts=True)
        draft_of(window, id, BACKGROUND)
        exact_of(window, window.client.submit(ask(net, 9)))
        assert notes(net, "draft", "render") == ["draft 7", "draft 8", "render 9"]


def test_without_leave_there_are_no_drafts(tmp_path: Path) -> None:
    net = snapshot(tmp_path, draft_s=0.001)
    with Window() as window:
        exact_of(window, window.client.submit(ask(net, 7)))
        assert notes(net, "draft") == []


def test_an_exact_picture_gives_way_when_it_moves_again(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    net = snapshot(tmp_path, draft_s=0.001, render_gate=str(gate))
    with Window() as window:
        for seed in range(3):
            draft_of(window, window.client.submit(ask(net, seed), drafts=True))
            while len(notes(net, f"begin {seed}")) < 2:  # of the draft, and of the exact picture
                wait_for_note(net, f"begin {seed}")
        last = window.client.submit(ask(net, 9), drafts=True)
        draft_of(window, last)
        gate.touch()
        exact_of(window, last)
        assert notes(net, "gave up") == ["gave up 0", "gave up 1", "gave up 2"]
        assert notes(net, "render") == ["render 9"]


def test_the_exact_picture_waits_for_stillness_and_the_background_for_it() -> None:
    now = 100.0
    schedule = Schedule(clock=lambda: now)

    def drawn() -> Render:
        item = schedule.next()
        assert isinstance(item, Render)
        return item

    first = Render(1, RenderRequest("a"), drafts=True)
    schedule.put(first)
    assert drawn() == first
    schedule.refine(first)
    assert schedule.has_draft(first)
    schedule.put(Render(2, RenderRequest("a"), BACKGROUND))
    assert schedule._ready() == [], "the background would have to give way at once"
    now += STILL / 2
    second = Render(3, RenderRequest("b"), drafts=True)
    schedule.put(second)
    assert not schedule.has_draft(second)
    assert drawn() == second, "a newer request takes the place of the one that waits"
    schedule.refine(second)
    now += STILL * 0.9
    assert schedule._ready() == []
    now += STILL * 0.2
    assert drawn() == second
    assert drawn().stream == BACKGROUND


def test_a_picture_that_becomes_due_just_when_nothing_was_is_not_waited_for(monkeypatch) -> None:
    now = 100.0
    schedule = Schedule(clock=lambda: now)
    render = Render(1, RenderRequest("a"), drafts=True)
    schedule.put(render)
    assert schedule.next() == render
    schedule.refine(render)
    look = schedule._ready

    def ready() -> list[str]:
        nonlocal now
        found = look()
        now += STILL
        return found

    monkeypatch.setattr(schedule, "_ready", ready)
    taken: list[object] = []
    thread = Thread(target=lambda: taken.append(schedule.next()), daemon=True)
    thread.start()
    thread.join(30)
    assert taken == [render]


def test_a_draft_that_was_overtaken_is_not_refined() -> None:
    schedule = Schedule()
    first, second = (Render(id, RenderRequest(str(id)), drafts=True) for id in (1, 2))
    schedule.put(first)
    schedule.next()
    schedule.put(second)
    schedule.refine(first)
    assert not schedule.has_draft(first)
    assert schedule.next() == second
