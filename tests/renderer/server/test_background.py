"""Pictures that nobody waits for: they come last, give way, and displace nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderer.messages.options import EngineOptions
from renderer.messages.request import AugmentView, RenderRequest, Seed
from renderer.messages.to_renderer import BACKGROUND, Render
from renderer.pipeline.pipeline import Pipeline
from renderer.server.schedule import Schedule
from tests.renderer.client.client_kit import Window, ask, notes, snapshot, wait_for_note
from tests.toy_generator import ToyGenerator, open_toy, write_toy

SIZE = sum(p.numel() * 4 for p in [*ToyGenerator().parameters(), *ToyGenerator().buffers()])


def render(id: int, stream: str) -> Render:
    return Render(id, RenderRequest(snapshot="net"), stream)


def drawn(schedule: Schedule) -> str:
    item = schedule.next()
    assert isinstance(item, Render)
    return item.stream


def test_the_background_has_its_turn_when_nobody_else_wants_one() -> None:
    schedule = Schedule()
    for stream in (BACKGROUND, "atlas", "main"):
        schedule.put(render(1, stream))
    assert [drawn(schedule) for _ in range(3)] == ["main", "atlas", BACKGROUND]
    schedule.put(render(2, BACKGROUND))
    schedule.put(render(3, "main"))
    assert drawn(schedule) == "main"
    schedule.put(render(4, "main"))
    assert [drawn(schedule) for _ in range(2)] == ["main", BACKGROUND]


def test_only_the_background_is_overtaken_and_a_newer_one_is_not_displaced() -> None:
    schedule = Schedule()
    old = render(1, BACKGROUND)
    assert not schedule.overtaken(old)
    schedule.put(render(2, BACKGROUND))
    assert not schedule.overtaken(old)
    schedule.put_back(old)
    schedule.put(render(3, "main"))
    assert schedule.overtaken(old)
    assert not schedule.overtaken(render(1, "atlas"))
    assert drawn(schedule) == "main"
    assert schedule.next() == render(2, BACKGROUND)
    schedule.put_back(old)
    assert schedule.wanted("net")
    assert not schedule.wanted("net", background=False)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def question(id: int) -> Render:
    return Render(id, RenderRequest("net", augment=AugmentView()), "discriminator")


def test_while_the_picture_moves_the_discriminator_takes_a_quarter_of_the_time() -> None:
    clock = Clock()
    schedule = Schedule(clock)
    spent = {"main": 0.0, "discriminator": 0.0}
    for id in range(200):
        schedule.put(render(id, "main"))
        schedule.put(question(id))
        stream = drawn(schedule)
        cost = {"main": 0.02, "discriminator": 0.1}[stream]
        clock.now += cost
        spent[stream] += cost
    assert 0.2 < spent["discriminator"] / sum(spent.values()) < 0.28


def test_while_only_the_question_changes_it_is_asked_at_once() -> None:
    clock = Clock()
    schedule = Schedule(clock)
    schedule.put(render(1, "main"))
    assert drawn(schedule) == "main"
    clock.now += 1
    for id in range(2, 9):
        schedule.put(question(id))
        assert drawn(schedule) == "discriminator"
        clock.now += 0.1


def test_what_takes_long_gives_way_until_the_picture_stands_still() -> None:
    clock = Clock()
    schedule = Schedule(clock)
    schedule.put(question(1))
    asked = schedule.next()
    clock.now += 2
    assert not schedule.overtaken(asked), "nobody waits"
    schedule.put(render(2, "main"))
    assert schedule.overtaken(asked)
    assert not schedule.overtaken(render(1, "atlas"))
    schedule.put_back(asked)
    for id in range(3, 9):  # longer than it rests for having taken two seconds
        assert drawn(schedule) == "main"
        clock.now += 2
        schedule.put(render(id, "main"))
    assert drawn(schedule) == "main"
    clock.now += 0.4
    assert schedule.next() == asked
    clock.now += 0.1
    schedule.put(render(9, "main"))
    assert not schedule.overtaken(asked), "it may be nearly done"


def test_the_loop_wakes_when_the_discriminator_has_rested() -> None:
    schedule = Schedule()
    schedule.put(question(1))
    assert drawn(schedule) == "discriminator"
    schedule.put(render(2, "main"))
    assert drawn(schedule) == "main"
    schedule.put(question(3))
    assert schedule.next() == question(3)  # would wait for ever if nothing woke it


def test_a_thumbnail_gives_way_to_the_picture_and_is_drawn_after_it(tmp_path: Path) -> None:
    slow = snapshot(tmp_path, "slow", render_gate=str(tmp_path / "open"))
    quick = snapshot(tmp_path, "quick")
    with Window() as window:
        main = window.client.submit(ask(quick, 1))
        window.wait(lambda e: getattr(getattr(e, "message", None), "id", 0) == main)
        thumbnail = window.client.submit(ask(slow, 7), stream=BACKGROUND)
        wait_for_note(slow, "begin 7")
        main = window.client.submit(ask(quick, 2))
        window.wait(lambda e: getattr(getattr(e, "message", None), "id", 0) == main)
        assert "gave up 7" in notes(slow)
        (tmp_path / "open").touch()
        window.wait(lambda e: getattr(getattr(e, "message", None), "id", 0) == thumbnail)
    assert notes(slow, "load", "passing") == ["load slow", "passing slow"]
    assert notes(quick, "load", "passing") == ["load quick"]


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    return [write_toy(tmp_path / f"{i}.toy", f"seed={i}") for i in range(6)]


def test_networks_of_thumbnails_displace_each_other_and_not_those_shown(paths: list[str]) -> None:
    pipeline = Pipeline(EngineOptions(threads=1, cache_bytes=4 * SIZE), open_toy)
    for i in (0, 1):
        pipeline.render(RenderRequest(paths[i]))
    for i in range(2, 6):
        pipeline.render(RenderRequest(paths[i]), keep=False)
    # The one before makes room, so that a next round finds most of them.
    assert [i for i, m in enumerate(paths) if m in pipeline._models._open] == [0, 1, 2, 5]
    pipeline.render(RenderRequest(paths[1]), keep=False)
    pipeline.render(RenderRequest(paths[2]))  # now it is shown, and stays
    pipeline.render(RenderRequest(paths[3]), keep=False)
    assert [i for i, m in enumerate(paths) if m in pipeline._models._open] == [0, 1, 2, 3]
    pipeline.render(RenderRequest(paths[4]))
    assert [i for i, m in enumerate(paths) if m in pipeline._models._open] == [0, 1, 2, 4]


def test_thumbnails_leave_no_outputs_behind_and_change_no_pixels(paths: list[str]) -> None:
    pipeline = Pipeline(EngineOptions(threads=1), open_toy)
    first = RenderRequest(paths[0], Seed(1))
    shown = pipeline.render(first)
    kept = pipeline._synthesis.kept_bytes
    small = [pipeline.render(RenderRequest(p, Seed(1)), keep=False).pixels for p in paths]
    assert pipeline._synthesis.kept_bytes == kept
    assert (small[0] == shown.pixels).all()
    for path, pixels in zip(paths, small, strict=True):
        alone = Pipeline(EngineOptions(threads=1), open_toy, reuse_bytes=0)
        assert (alone.render(RenderRequest(path, Seed(1))).pixels == pixels).all()
    assert len({pixels.tobytes() for pixels in small}) == len(paths)


def test_asking_whether_a_network_is_open_does_not_keep_it(paths: list[str]) -> None:
    """As the render loop and exports do before every picture."""
    pipeline = Pipeline(EngineOptions(threads=1, cache_bytes=4 * SIZE), open_toy)
    for i in (0, 1):
        pipeline.render(RenderRequest(paths[i]))
    for i in range(2, 6):
        request = RenderRequest(paths[i], augment=AugmentView())
        pipeline.load(paths[i], keep=False)
        for _ in range(2):
            assert pipeline.has(paths[i])
            assert not pipeline.ready(request)
            pipeline.render(RenderRequest(paths[i]), keep=False)
    assert [i for i, m in enumerate(paths) if m in pipeline._models._open] == [0, 1, 2, 5]
