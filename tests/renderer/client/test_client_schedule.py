"""Which request is drawn next, and what waits in boxes: order, fairness, newest wins."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.client.events import Inbox, ReceivedFrame
from renderer.client.outbox import Outbox
from renderer.messages.failure import Failure
from renderer.messages.frame import FrameInfo
from renderer.messages.jobs import Load
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from renderer.messages.to_renderer import Configure, Release, Render, Start
from renderer.messages.to_window import FrameReady, Progress, RenderFailed
from renderer.server.schedule import Schedule
from renderer.transport.shared_memory import Pixels

# A busy machine is no failure.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

STREAMS = ("main", "atlas", "map")


def render(id: int, stream: str = "main", path: str = "") -> Render:
    return Render(id, RenderRequest(snapshot=path), stream)


@PATIENT
@given(st.lists(st.sampled_from([*STREAMS, "take", "park", "unpark"]), max_size=80))
def test_ids_never_go_back_and_the_newest_of_each_stream_is_drawn(steps: list[str]) -> None:
    schedule = Schedule()
    newest: dict[str, int] = {}
    drawn: dict[str, int] = {}

    def draw() -> Render:
        item = schedule.next()
        assert isinstance(item, Render)
        assert item.id >= drawn.get(item.stream, 0)
        return item

    def waiting() -> bool:
        return any(drawn.get(s) != n for s, n in newest.items() if s not in parked)

    parked: set[str] = set()
    for id, step in enumerate(steps, 1):
        if step in STREAMS:
            schedule.put(render(id, step))
            newest[step] = id
            parked.discard(step)
        elif step == "unpark":
            schedule.unpark("")
            parked.clear()
        elif waiting():
            item = draw()
            if step == "park":
                schedule.park(item)
                parked.add(item.stream)
            else:
                drawn[item.stream] = item.id
    schedule.unpark("")
    parked.clear()
    while waiting():
        item = draw()
        drawn[item.stream] = item.id
    assert drawn == newest


@PATIENT
@given(st.sets(st.sampled_from(["atlas", "map", "left", "right"]), min_size=1))
def test_every_stream_has_its_turn_beside_a_busy_picture(others: set[str]) -> None:
    schedule = Schedule()
    turns: list[str] = []
    for id in range(1, 60):
        for stream in ("main", *sorted(others)):
            schedule.put(render(id, stream))
        item = schedule.next()
        assert isinstance(item, Render)
        turns.append(item.stream)
    share = len(turns) // (2 * len(others))
    assert turns.count("main") == -(-len(turns) // 2)
    assert all(abs(turns.count(stream) - share) <= 1 for stream in others)


def test_controls_come_before_requests_and_in_order() -> None:
    schedule = Schedule()
    schedule.put(render(1))
    controls = [Configure(EngineOptions()), Release(1, "ring"), Release(0, "ring")]
    for control in controls:
        schedule.put(control)
    assert [schedule.next() for _ in range(4)] == [*controls, render(1)]


def test_a_parked_request_gives_way_to_a_newer_one_and_comes_back_otherwise() -> None:
    schedule = Schedule()
    old, new = render(1, path="a"), render(2, path="b")
    schedule.park(old)
    assert schedule.wanted("a")
    schedule.unpark("b")
    schedule.unpark("a")
    assert schedule.next() == old
    schedule.put(new)
    schedule.park(old)
    schedule.unpark("a")
    assert schedule.next() == new
    assert not schedule.wanted("a")
    schedule.park(new)
    schedule.put(render(3, path="c"))
    assert not schedule.wanted("b")


@PATIENT
@given(st.lists(st.sampled_from([*STREAMS, "start", "take"]), max_size=60))
def test_the_outbox_keeps_jobs_in_order_and_of_requests_the_newest(steps: list[str]) -> None:
    box = Outbox()
    sent: list[object] = []
    starts: list[Start] = []
    newest: dict[str, Render] = {}
    taken = True
    for id, step in enumerate(steps, 1):
        if step == "take":
            if not taken:
                sent += box.take()
            taken = True
            continue
        taken = False
        if step == "start":
            starts.append(Start.of(id, Load("path")))
            box.put(starts[-1])
        else:
            newest[step] = render(id, step)
            box.put(newest[step])
    box.close()
    sent += box.take()
    assert [message for message in sent if isinstance(message, Start)] == starts
    for stream in STREAMS:
        ids = [m.id for m in sent if isinstance(m, Render) and m.stream == stream]
        assert ids == sorted(set(ids))
        assert ids[-1:] == ([newest[stream].id] if stream in newest else [])


def frame(id: int, stream: str, released: list[int], pixels: Pixels) -> ReceivedFrame:
    info = FrameInfo({}, "cpu", "float32", 1)
    message = FrameReady(id, stream, RenderRequest(), "ring", 0, 1, 1, info)
    return ReceivedFrame(message, pixels, lambda: released.append(id))


def test_the_inbox_keeps_one_answer_per_stream_and_releases_the_others() -> None:
    pixels = np.zeros((1, 1, 4), np.uint8)
    released: list[int] = []
    inbox = Inbox()
    assert inbox.put(frame(1, "main", released, pixels))
    assert not inbox.put(frame(2, "atlas", released, pixels))
    assert not inbox.put(frame(3, "main", released, pixels))
    assert released == [1]
    inbox.put(RenderFailed(4, "main", RenderRequest(), Failure("no")))
    assert released == [1, 3]
    for n in range(100):
        inbox.put(Progress(7, n / 100, ""))
    inbox.put(Progress(8, 0.5, ""))
    events = inbox.take()
    assert [type(event).__name__ for event in events] == [
        "Progress",
        "Progress",
        "ReceivedFrame",
        "RenderFailed",
    ]
    assert events[0] == Progress(7, 0.99, "")
    assert inbox.take() == []
    assert inbox.put(Progress(8, 1.0, ""))
