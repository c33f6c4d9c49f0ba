"""The Timeline: scrubbing, playing, swapping, and what it asks of the renderer meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.failure import Failure
from renderer.messages.jobs import Load, Work
from renderer.messages.request import LayerView, Plane, Truncation
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import JobFailed, RenderFailed
from tests.viz.conftest import PATIENCE, FakeClient, make_model
from viz.desk.settings import Settings
from viz.panels import layers, picture, timeline
from viz.panels.timeline import player, thumbnails
from viz.session.session import Session

PANELS = (picture.PANEL, timeline.PANEL)
WHOLE = b"\x80\x04N."
"""A pickle of nothing: written to its end, as far as anybody can tell without opening it."""


class RunClient(FakeClient):
    """Files with `broken` in their text fail to open. gate: while True, loads do not end.

    rendered: how many pictures of each stream were drawn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gate = False
        self._late: list[Any] = []
        self.loads: list[str] = []

    def submit(self, request, stream="main", stats=None, drafts=False) -> int:
        id = super().submit(request, stream, stats)
        if self._is_broken(request.snapshot):
            self._events.pop()
            self.send(RenderFailed(id, stream, request, self._failure(request.snapshot)))
        return id

    def start(self, work: Work) -> int:
        path = work.path
        job = super().start(work)
        if not isinstance(work, Load):
            return job
        self.loads.append(path)
        answer = self._events.pop()
        if self._is_broken(path):
            answer = JobFailed(job, path, self._failure(path))
        self._late.append(answer)
        return job

    def poll(self) -> list[Any]:
        if not self.gate:
            self._events = [*self._late, *self._events]
            self._late = []
        return super().poll()

    def asked(self, stream: str) -> list[str]:
        return [Path(r.snapshot).name for s, r, _ in self.requests if s == stream]

    @staticmethod
    def _is_broken(path: str) -> bool:
        return Path(path).is_file() and b"broken" in Path(path).read_bytes()

    @staticmethod
    def _failure(path: str) -> Failure:
        return Failure(f"{Path(path).name} is damaged.", "Copy it again.")


def name(kimg: int) -> str:
    return f"network-snapshot-{kimg:06}.pkl"


@pytest.fixture
def run(drive, tmp_path: Path) -> Callable[..., Any]:
    """`drive` with a run directory; opens the snapshot at `at`. files: further ones, by name."""

    def go(test, kimgs=range(0, 48, 8), at=16, files=None, view=None, panels=PANELS, **options):
        folder = tmp_path / "00000-toy"
        folder.mkdir()
        for kimg in kimgs:
            (folder / name(kimg)).write_bytes(WHOLE)
        for other, data in (files or {}).items():
            (folder / other).write_bytes(data)
        client = options.pop("client", None) or RunClient()
        path = str(folder / name(at))
        session = Session().with_render(snapshot=path, source=Plane(3.5, 1.0), view=view)

        def ready(gui) -> None:
            gui.focus("Timeline")
            settle(gui)
            test(gui)

        options = {"size": (800, 560), **options}
        return drive(
            ready, client=client, panels=panels, session=session, path=path, settle=False, **options
        )

    return go


def settle(gui) -> None:
    """Until the thumbnails are there, too: they begin a moment after the picture."""
    gui.frames(3)
    gui.settle()
    assert not gui.app.timeline.thumbnails.pending


def shown(gui) -> str:
    return Path(gui.app.cell.now.render.snapshot).name


def strip(gui) -> None:
    gui.ctx.set_ref(gui.ctx.window_info("//Timeline/strip").window)


def on_bar(gui, share: float) -> ImVec2:
    """A point of the scrub bar, from the first snapshot (0) to the last (1)."""
    box = gui.ctx.item_info("//Timeline/##scrub").rect_full
    places = gui.app.timeline.places
    margin = 0.5 / (places[-1] + 1)
    x = margin + share * (1 - 2 * margin)
    return ImVec2(box.min.x + x * (box.max.x - box.min.x), box.min.y + box.get_height() * 0.3)


def drag(gui, *shares: float, each: Callable[[], None] = lambda: None) -> None:
    gui.ctx.mouse_move_to_pos(on_bar(gui, shares[0]))
    gui.ctx.mouse_down(0)
    for share in shares:
        gui.ctx.mouse_move_to_pos(on_bar(gui, share))
        gui.frames(2)
        each()
    gui.ctx.mouse_up(0)
    gui.frames(2)


# -- going there -----------------------------------------------------------------------------


def test_a_click_on_a_thumbnail_shows_that_snapshot_and_changes_nothing_else(run) -> None:
    def test(gui) -> None:
        before = gui.app.cell.now
        strip(gui)
        gui.ctx.item_click("40 kimg")
        settle(gui)
        assert shown(gui) == name(40)
        assert gui.app.cell.now == before.with_render(snapshot=gui.app.cell.now.render.snapshot)
        assert gui.context.frame.request == gui.app.cell.now.render
        gui.app.actions.undo()
        settle(gui)
        assert gui.app.cell.now.render == before.render

    run(test)


def test_keys_step_to_neighbours_and_stop_at_the_ends(run) -> None:
    def test(gui) -> None:
        for keys, expected in (
            ("]", 24),
            (".", 32),
            ("[", 24),
            ("End", 40),
            ("]", 40),
            (",", 32),
            ("Home", 0),
            ("[", 0),
        ):
            gui.keys(keys)
            settle(gui)
            assert shown(gui) == name(expected), keys
        assert gui.app.cell.now.render.source == Plane(3.5, 1.0)

    run(test)


def test_a_drag_goes_through_the_snapshots_and_is_one_step(run) -> None:
    def test(gui) -> None:
        seen = []
        drag(gui, 0, 0.2, 0.4, 0.6, 0.8, 1, each=lambda: seen.append(shown(gui)))
        settle(gui)
        assert seen == [name(kimg) for kimg in (0, 8, 16, 24, 32, 40)]
        assert shown(gui) == name(40)
        gui.app.actions.undo()
        settle(gui)
        assert shown(gui) == name(16)
        assert not gui.app.cell.can_undo

    run(test)


def test_a_drag_over_networks_that_are_not_loaded_yet_is_one_step_too(run) -> None:
    client = RunClient()

    def test(gui) -> None:
        gui.app.jobs.models.clear()
        gui.app.jobs.models[gui.app.cell.now.render.snapshot] = make_model(
            gui.app.cell.now.render.snapshot
        )
        client.gate = True

        def some_load_in_between() -> None:
            client.gate = not client.gate

        drag(gui, 1, 0.8, 0.6, 0.4, 0, 0.2, each=some_load_in_between)
        gui.frames(5)
        client.gate = False
        settle(gui)
        assert shown(gui) == name(8)
        gui.app.actions.undo()
        settle(gui)
        assert shown(gui) == name(16)
        assert not gui.app.cell.can_undo

    run(test, client=client)


def test_undo_while_a_snapshot_loads_is_not_overruled_by_it(run) -> None:
    client = RunClient()

    def test(gui) -> None:
        gui.keys("Right")
        settle(gui)
        gui.app.jobs.models.pop(
            str(Path(gui.app.cell.now.render.snapshot).with_name(name(40))), None
        )
        client.gate = True
        gui.keys("End")
        gui.frames(3)
        gui.keys("Ctrl+Z")
        client.gate = False
        settle(gui)
        assert shown(gui) == name(16)
        assert gui.app.cell.now.render.source == Plane(3.5, 1.0)

    run(test, client=client)


def test_the_wheel_zooms_and_a_drag_over_the_strip_is_fine_then(run) -> None:
    def test(gui) -> None:
        strip(gui)
        gui.ctx.mouse_move("0 kimg")
        gui.ctx.mouse_wheel(ImVec2(0, 12))
        settle(gui)
        strip(gui)
        assert gui.ctx.item_exists("40 kimg")
        assert not gui.ctx.item_exists("2,000 kimg")
        gui.ctx.mouse_move("40 kimg")
        gui.ctx.mouse_down(0)
        start = imgui.get_mouse_pos()
        seen = set()
        for step in range(1, 16):
            gui.ctx.mouse_move_to_pos(ImVec2(start.x + 24 * step, start.y))
            gui.frames(2)
            seen.add(gui.app.timeline.target)
        gui.ctx.mouse_up(0)
        settle(gui)
        assert seen >= {1, 2}
        assert len(seen) < 6, "zoomed in, the same way leads past fewer snapshots"

    run(test, kimgs=range(0, 4000, 40), at=0)


# -- by itself -------------------------------------------------------------------------------


def played(gui, count: int) -> list[int]:
    """The next snapshots that the picture is of, by index."""
    seen: list[int] = []
    end = time.monotonic() + PATIENCE
    while len(seen) < count:
        at = gui.app.timeline.index(gui.context.frame.request.snapshot)
        if not seen or seen[-1] != at:
            seen.append(at)
        gui.frames(1)
        assert time.monotonic() < end, seen
    return seen


def test_playing_loops_between_the_ends_and_is_one_step(run) -> None:
    def test(gui) -> None:
        gui.app.timeline.set_ends(1, 4)
        gui.app.timeline.speed = 30.0
        gui.app.actions.run_command("timeline.play")
        assert played(gui, 7) == [2, 3, 4, 1, 2, 3, 4]
        gui.keys("P")
        assert not gui.app.timeline.playing
        gui.ctx.set_ref("Timeline")
        gui.ctx.item_click("###Ending")
        assert gui.app.timeline.ending == "pingpong"
        gui.app.timeline.show(4)
        settle(gui)
        gui.app.actions.run_command("timeline.play")
        assert played(gui, 8) == [4, 3, 2, 1, 2, 3, 4, 3]
        gui.ctx.item_click("###Play")
        assert not gui.app.timeline.playing
        settle(gui)
        gui.app.actions.undo()  # of playing to and fro
        assert gui.app.timeline.shown == 4
        gui.app.actions.undo()  # of going there
        gui.app.actions.undo()  # of playing round and round
        assert shown(gui) == name(16)
        assert not gui.app.cell.can_undo

    run(test)


def test_playing_once_stops_at_the_end_and_begins_again_at_the_first(run) -> None:
    def test(gui) -> None:
        gui.app.timeline.ending, gui.app.timeline.speed = "stop", 30.0
        gui.app.actions.run_command("timeline.play")
        assert played(gui, 4) == [2, 3, 4, 5]
        gui.frames(20)
        settle(gui)
        assert not gui.app.timeline.playing
        gui.app.actions.run_command("timeline.play")
        assert played(gui, 4) == [5, 0, 1, 2]

    run(test)


def test_playing_waits_for_a_network_that_loads_and_passes_one_that_does_not_open(run) -> None:
    client = RunClient()

    def test(gui) -> None:
        gui.app.jobs.models.pop(
            str(Path(gui.app.cell.now.render.snapshot).with_name(name(24))), None
        )
        gui.app.timeline.speed = 30.0
        client.gate = True
        gui.app.actions.run_command("timeline.play")
        gui.frames(30)
        assert shown(gui) == name(16)
        client.gate = False
        assert played(gui, 5) == [2, 3, 5, 0, 1]
        gui.keys("[")
        assert not gui.app.timeline.playing, "whoever goes somewhere wants to stay there"

    run(test, client=client, kimgs=(0, 8, 16, 24, 40), files={name(32): b"\x80broken."})


def test_back_and_forth_between_two_and_a_glance_while_the_key_is_held(run) -> None:
    def test(gui) -> None:
        gui.app.timeline._note_rest()
        gui.keys("End")
        settle(gui)
        gui.app.timeline._note_rest()
        gui.keys("A")
        settle(gui)
        assert shown(gui) == name(16)
        gui.keys("A")
        settle(gui)
        assert shown(gui) == name(40)
        gui.ctx.key_down(imgui.Key.a)
        gui.frames(2)
        assert shown(gui) == name(16)
        gui.app.timeline._swapped = player.HELD + 0.1
        gui.ctx.key_up(imgui.Key.a)
        gui.frames(3)
        assert shown(gui) == name(40)
        gui.app.actions.undo()
        assert shown(gui) == name(16), "swapping leaves no steps behind"

    run(test)


# -- thumbnails ------------------------------------------------------------------------------


def test_thumbnails_follow_the_latent_but_only_when_nobody_is_in_the_way(run) -> None:
    client = RunClient()

    def test(gui) -> None:
        app, stops = gui.app, gui.app.timeline.stops
        assert all(app.timeline.thumbnails.find(stop.entry).current for stop in stops)
        assert sorted(client.asked(BACKGROUND)) == [name(k) for k in (0, 8, 24, 32, 40)], (
            "the picture itself is a thumbnail already"
        )
        client.requests.clear()
        middle = gui.ctx.window_info("//Picture").window.rect().get_center()
        gui.ctx.mouse_move_to_pos(middle)
        gui.ctx.mouse_down(0)
        for step in range(1, 8):
            gui.ctx.mouse_move_to_pos(ImVec2(middle.x + 10 * step, middle.y))
            gui.frames(3)
        for _ in range(40):
            time.sleep(0.01)
            gui.frames(1)
        assert client.asked("main")
        assert not client.asked(BACKGROUND), "the mouse is still held"
        assert not app.timeline.thumbnails.find(stops[0].entry).current
        client.hold = True
        # Not another latent: the drag writes that once more where it ends.
        app.cell.set(app.cell.now.with_render(truncation=Truncation(psi=0.25)))
        gui.ctx.mouse_up(0)
        for _ in range(40):
            time.sleep(0.01)
            gui.frames(1)
        assert not client.asked(BACKGROUND), "the picture comes first"
        client.hold = False
        settle(gui)
        assert all(app.timeline.thumbnails.find(stop.entry).current for stop in stops)
        assert client.asked(BACKGROUND)[:2] in ([name(16), name(0)], [name(0), name(40)])
        seen = client.requests.copy()
        gui.frames(30)
        assert client.requests == seen, "what is there is not asked for again"
        app.actions.undo()
        settle(gui)
        client.requests.clear()
        app.actions.redo()
        settle(gui)
        assert not client.asked(BACKGROUND), "both latents are kept"

    run(test, client=client)


def test_one_that_fails_to_open_is_marked_and_tried_again_when_it_has_changed(run) -> None:
    def test(gui) -> None:
        stop = gui.app.timeline.stops[2]
        assert gui.app.timeline.thumbnails.failure(stop.entry).message == f"{name(12)} is damaged."
        assert not gui.app.messages.toasts, "nobody asked for it"
        drag(gui, 0, 0.2, 0.5, 0.7)
        settle(gui)
        assert shown(gui) == name(16)
        assert not gui.app.messages.toasts, "dragging past it is no wish to see it"
        strip(gui)
        gui.ctx.item_click("12 kimg")
        settle(gui)
        assert shown(gui) == name(16)
        assert "damaged" in gui.app.messages.last.text
        gui.keys("[")
        settle(gui)
        assert shown(gui) == name(8), "a step goes past it"
        Path(stop.path).write_bytes(WHOLE + b"....")
        timeline = gui.app.timeline
        gui.until(lambda: timeline.thumbnails.find(timeline.stops[2].entry) is not None)

    run(test, files={name(12): b"\x80broken."}, kimgs=(0, 8, 16, 24), at=16)


def test_one_that_is_still_being_written_cannot_be_scrubbed_to(run) -> None:
    def test(gui) -> None:
        assert [stop.writing for stop in gui.app.timeline.stops] == [False] * 6 + [True]
        drag(gui, 0.5, 1)
        settle(gui)
        assert shown(gui) == name(40)
        strip(gui)
        gui.ctx.item_click("48 kimg")
        gui.keys("]")
        settle(gui)
        assert shown(gui) == name(40)
        assert name(48) not in gui.app.client.asked(BACKGROUND)

    run(test, files={name(48): b"\x80\x04 half of"})


def test_five_hundred_snapshots_take_bounded_memory_and_few_thumbnails(run, monkeypatch) -> None:
    limit = 20 * thumbnails.SIDE**2 * 4
    monkeypatch.setattr(thumbnails, "LIMIT", limit)
    client = RunClient()

    def test(gui) -> None:
        gui.app.timeline.thumbnails.shelf.textures.limit = limit
        visible = len(client.asked(BACKGROUND)) + 1
        assert visible < 20
        width = gui.ctx.window_info("//Timeline").window.size.x
        for share in (0, 0.31, 0.77, 1):
            drag(gui, share)
            assert abs(gui.app.timeline.target - share * 499) < 1.5
            settle(gui)
        for index in range(200, 230, 2):
            gui.app.timeline.show(index)
            settle(gui)
        assert gui.app.timeline.thumbnails.shelf.textures.size <= limit
        assert len(gui.app.timeline.thumbnails.shelf.textures) <= 20
        assert len(gui.app.context.painter._scratch) < 40 + width / 20
        drawn = len({*client.asked(BACKGROUND), *client.asked("main")})
        assert 20 < drawn < 120, "more than are kept, and far from all"

    run(test, kimgs=range(500), at=0, client=client)


def test_neighbours_are_opened_quietly_and_only_where_there_is_room(run) -> None:
    client = RunClient()

    def test(gui) -> None:
        assert {Path(path).name for path in client.loads} >= {name(8), name(24)}
        assert not gui.app.messages.last or "8" not in gui.app.messages.last.text
        assert not gui.context.jobs
        engine, size = gui.app.settings.now.engine, 4 * gui.context.model.parameters
        gui.app.settings.change(engine=structs.replace(engine, cache_bytes=size * 3 // 2))
        client.loads.clear()
        gui.keys("End")
        settle(gui)
        assert [Path(path).name for path in client.loads] == [name(40)]

    run(test, client=client)


# -- what stays ------------------------------------------------------------------------------


def test_layer_channel_and_atlas_stay_while_scrubbing_even_past_a_network_without(run) -> None:
    class Mixed(RunClient):
        def start(self, work: Work) -> int:
            path = work.path
            self.resolution = 16 if path.endswith(name(24)) else 64
            return super().start(work)

    def test(gui) -> None:
        atlas = gui.context.frames["atlas"].request.view
        gui.ctx.set_ref("Layers")
        gui.ctx.item_click("Statistics")
        settle(gui)
        window = gui.ctx.window_info("//Layers").window
        for expected in (8, 0, 8, 16):
            gui.keys("[" if expected < 16 and shown(gui) > name(expected) else "]")
            settle(gui)
            assert shown(gui) == name(expected)
            assert gui.app.cell.now.render.view == LayerView("b32.conv1", "channel", 7)
            assert gui.context.frames["atlas"].request.view == atlas
            assert gui.context.frames["atlas"].request.snapshot.endswith(name(expected))
            stats = gui.context.frame.info.stats
            assert (stats.layer, stats.channel) == ("b32.conv1", 7)
        gui.ctx.set_ref("Layers")
        gui.ctx.scroll_to_bottom("")
        gui.frames(3)
        scroll = window.scroll.y
        assert scroll > 0
        gui.keys("[")
        settle(gui)
        assert window.scroll.y == scroll
        gui.app.timeline.show(3)
        settle(gui)
        assert shown(gui) == name(24)
        assert gui.app.cell.now.render.view is None, "it has no layer of that name"
        gui.keys("]")
        settle(gui)
        assert gui.app.cell.now.render.view == LayerView("b32.conv1", "channel", 7)
        assert gui.context.frame.info.stats.layer == "b32.conv1"
        gui.ctx.set_ref("Layers")
        gui.ctx.item_click("Statistics")

    view = LayerView("b32.conv1", "channel", 7)
    run(test, view=view, client=Mixed(), panels=(*PANELS, layers.PANEL), size=(1000, 600))


def test_the_export_holds_every_snapshot_between_the_ends(run) -> None:
    client = RunClient()

    def test(gui) -> None:
        gui.app.timeline.set_ends(1, 3)
        gui.ctx.set_ref("Timeline")
        gui.ctx.item_click("###Export")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Export")
        settle(gui)
        gui.app.actions.run_command("timeline.export")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Export")
        settle(gui)
        (sheets, path, _, _), again = client.exports
        assert again[0] == sheets, "the command is the same as the button"
        assert [sheet.labels for sheet in sheets] == [("8 kimg",), ("16 kimg",), ("24 kimg",)]
        assert [Path(s.requests[0].snapshot).name for s in sheets] == [name(8), name(16), name(24)]
        assert {s.requests[0].source for s in sheets} == {Plane(3.5, 1.0)}
        assert "00000-toy" in path

    run(test, client=client)


def test_ends_are_dragged_and_reset_and_grow_with_the_run(run) -> None:
    def test(gui) -> None:
        gui.ctx.item_drag_with_delta(
            "//Timeline/##from", ImVec2(on_bar(gui, 0.4).x - on_bar(gui, 0).x, 0)
        )
        gui.frames(2)
        assert gui.app.timeline.range == (2, 5)
        gui.ctx.item_drag_with_delta("//Timeline/##to", ImVec2(-2000, 0))
        gui.frames(2)
        assert gui.app.timeline.range == (2, 2)
        gui.ctx.item_click("//Timeline/##to", imgui.MouseButton_.right)
        gui.ctx.item_click("//Timeline/##from", imgui.MouseButton_.right)
        assert gui.app.timeline.range == (0, 5)
        assert shown(gui) == name(16), "the ends are no scrubbing"
        folder = Path(gui.app.cell.now.render.snapshot).parent
        (folder / name(48)).write_bytes(WHOLE)
        gui.until(lambda: gui.app.timeline.range == (0, 6))

    run(test, settings=Settings(monitor=Settings().monitor.__class__(follow=False)))


# -- the panel itself ------------------------------------------------------------------------


def test_the_first_run_brings_it_to_the_front_and_no_other_does(drive, tmp_path: Path) -> None:
    folders = [tmp_path / f"0000{i}-toy" for i in range(2)]
    for folder in folders:
        folder.mkdir()
        for kimg in (0, 8):
            (folder / name(kimg)).write_bytes(WHOLE)

    def test(gui) -> None:
        assert not gui.app.host.is_panel_visible("Timeline")
        gui.app.actions.open_snapshot(str(folders[0] / name(8)))
        settle(gui)
        assert gui.app.host.is_panel_visible("Timeline")
        gui.app.host.show_panel("Timeline", False)
        gui.app.actions.open_snapshot(str(folders[1] / name(8)))
        settle(gui)
        assert len(gui.app.timeline.stops) == 2
        assert not gui.app.host.is_panel_visible("Timeline")

    drive(test, panels=PANELS, client=RunClient())


def test_without_a_run_it_says_what_to_do_and_its_keys_do_nothing(drive) -> None:
    def test(gui) -> None:
        gui.focus("Timeline")
        before = gui.app.cell.now
        for keys in ("]", "[", "Home", "End", "P", "A"):
            gui.keys(keys)
        assert gui.app.cell.now == before
        assert not gui.app.timeline.playing

    drive(test, panels=PANELS)
