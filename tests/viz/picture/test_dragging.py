"""The tool that drags points: placed, moved, deleted, painted, run, stopped, undone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from common.dragging import DragPoint, DragStep
from renderer.messages.bending import Bend
from renderer.messages.bundled import bundled_snapshot
from renderer.messages.drag_job import (
    MASK_SIDE,
    STREAM,
    Drag,
    Dragged,
    DragSteps,
    led_to,
    packed,
)
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work
from renderer.messages.request import (
    ClassLabel,
    Direction,
    LayerView,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from renderer.messages.to_window import JobFailed, done, report
from tests.inline import InlineClient
from tests.viz.conftest import FakeClient, make_model
from viz.disk.pictures import read_session
from viz.disk.store import decode_session
from viz.panels import picture
from viz.picture.dragging import marks
from viz.picture.dragging.strip import _words
from viz.picture.viewport import Viewport
from viz.session import session as sessions
from viz.session.changes import dragging
from viz.session.session import Session
from viz.ui.widgets import em

FOUND = SavedW("/drags/w.npz", data=b"found")


class DragClient(FakeClient):
    """Notes the drags that it is asked for, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.drags: list[tuple[int, Drag]] = []

    def start(self, work: Work) -> int:
        job = super().start(work)
        if isinstance(work, Drag):
            self.drags.append((job, work))
        return job

    def cancel(self, job: int) -> None:
        super().cancel(job)
        if job in [number for number, _ in self.drags]:
            self.send(JobFailed(job, "", Failure("Cancelled."), cancelled=True))

    def reach(self, number: int, w: SavedW, *handles: tuple[float, float]) -> None:
        """A step with its latent and its picture."""
        job, work = self.drags[-1]
        ids = tuple(point.id for point in work.points)
        request = led_to(work.spec.request, w)
        self.send(self._render(next(self._ids), STREAM, request, None))
        found = DragSteps(ids, DragStep(number, handles, 3.0), b"", w)
        self.send(structs.replace(report(found), job=job))

    def step(self, number: int, *handles: tuple[float, float]) -> None:
        job, work = self.drags[-1]
        ids = tuple(point.id for point in work.points)
        self.send(structs.replace(report(DragSteps(ids, DragStep(number, handles, 3.0))), job=job))

    def end(self, *handles: tuple[float, float]) -> None:
        job, work = self.drags[-1]
        ids = tuple(point.id for point in work.points)
        step = DragStep(7, handles, 0.5, "arrived")
        self.send(structs.replace(done("It is there.", Dragged(FOUND, ids, step)), job=job))


class Hand:
    """Moves the mouse by pixels of the picture (64 × 64)."""

    def __init__(self, gui) -> None:
        self.gui = gui

    def on_screen(self, x: float, y: float) -> ImVec2:
        window = imgui.internal.find_window_by_name("Picture")
        corner, area = window.inner_rect.min, self.gui.app._place.area
        session = self.gui.app.cell.now
        left, top = Viewport(session.view, 64, 64, area, em(0.5)).to_panel(x, y)
        return ImVec2(corner.x + left, corner.y + top)

    def press(self, x: float, y: float, button: int = 0) -> None:
        self.gui.ctx.mouse_move_to_pos(self.on_screen(x, y))
        self.gui.ctx.mouse_down(button)
        self.gui.frames(2)

    def go(self, x: float, y: float) -> None:
        self.gui.ctx.mouse_move_to_pos(self.on_screen(x, y))
        self.gui.frames(2)

    def release(self, button: int = 0) -> None:
        self.gui.ctx.mouse_up(button)
        self.gui.frames(2)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.press(*start)
        self.go(*end)
        self.release()


def drawn(gui) -> tuple[DragPoint, ...]:
    return gui.app.cell.now.drag.points


def near(place: tuple[float, float], x: float, y: float) -> bool:
    return float(np.hypot(place[0] - x, place[1] - y)) < 0.5


def test_points_are_placed_moved_and_deleted_and_every_gesture_is_a_step_of_undo(drive) -> None:
    def test(gui) -> None:
        hand, before = Hand(gui), gui.app.cell.now.render
        gui.keys("G")
        hand.drag((20, 20), (40, 24))
        (point,) = drawn(gui)
        assert near(point.handle, 20, 20)
        assert near(point.target, 40, 24)
        assert gui.app.cell.now.render == before, "the latent is not dragged with this tool"
        hand.drag((40, 24), (44, 30))
        assert near(drawn(gui)[0].target, 44, 30)
        assert drawn(gui)[0].id == point.id
        hand.drag((20, 20), (22, 25))
        assert near(drawn(gui)[0].handle, 22, 25)
        assert drawn(gui)[0].id != point.id, "it has to be found anew"
        hand.press(50, 50)
        hand.release()
        assert len(drawn(gui)) == 1, "a press without a way makes no point"
        hand.drag((30, 50), (40, 50))
        assert len(drawn(gui)) == 2
        gui.keys("Ctrl+Z")
        assert len(drawn(gui)) == 1
        gui.keys("Ctrl+Z")
        assert near(drawn(gui)[0].handle, 20, 20)
        gui.keys("Ctrl+Y")
        gui.keys("Ctrl+Y")
        gui.ctx.key_press(imgui.Key.delete)
        gui.frames(2)
        assert len(drawn(gui)) == 1, "the key takes the point under the mouse"
        hand.press(44, 30, 1)
        hand.release(1)
        assert drawn(gui) == ()
        gui.ctx.key_press(imgui.Key.escape)
        gui.frames(2)
        assert gui.context.dragging.tool == ""
        hand.drag((20, 20), (40, 24))
        assert drawn(gui) == ()
        assert gui.app.cell.now.render != before

    drive(test)


def test_a_narrow_strip_has_room_for_all_that_it_says(drive) -> None:
    heights: list[float] = []

    def test(gui) -> None:
        gui.keys("G")
        strip = gui.ctx.item_info("**/##strip").rect_full
        heights.append(strip.max.y - strip.min.y)

    for width in (1200, 300):
        drive(test, size=(width, 600), panels=(picture.PANEL,))
    assert heights[1] > heights[0], "its sentence is wrapped there, not cut"


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_places_are_the_same_at_every_zoom_and_density(drive, scale: float) -> None:
    def test(gui) -> None:
        hand = Hand(gui)
        gui.keys("G")
        gui.app.cell.set(gui.app.cell.now.with_view(fit=False, zoom=18.0, center=(0.4, 0.3)))
        gui.frames(3)
        hand.drag((20.5, 20.5), (27.25, 22))
        assert near(drawn(gui)[0].handle, 20.5, 20.5)
        assert near(drawn(gui)[0].target, 27.25, 22)

    drive(test, scale=scale, size=(int(1000 * scale), int(640 * scale)))


def test_the_brush_paints_what_may_move(drive) -> None:
    def test(gui) -> None:
        hand = Hand(gui)
        gui.keys("G")
        gui.ctx.item_click("//Picture/###Region")

        def mask() -> np.ndarray:
            return dragging.mask_of(gui.app.cell.now.drag.mask)

        hand.drag((16, 20), (30, 20))
        assert mask()[40, 32:60].all(), "a stroke, and not only its ends"
        assert not mask()[100].any()
        assert not mask()[40, 100:].any()
        gui.ctx.item_click("//Picture/###Erase")
        hand.drag((23, 20), (23, 20.2))
        assert not mask()[40, 46]
        gui.ctx.item_click("//Picture/###Invert")
        gui.frames(2)
        assert mask()[40, 46]
        assert mask()[100].all()
        gui.ctx.item_click("//Picture/###Clear")
        gui.frames(2)
        assert gui.app.cell.now.drag.mask == b""
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert mask()[40, 46], "as it was after the first stroke"

    drive(test)


def test_what_is_drawn_reaches_the_place_where_the_button_is_released(drive) -> None:
    """A slow window hears of the last move and of the release in one frame."""

    def test(gui) -> None:
        hand = Hand(gui)

        def at_once(start: tuple[float, float], end: tuple[float, float]) -> None:
            hand.press(*start)
            no_yield = imgui.test_engine.TestOpFlags_.no_yield
            gui.ctx.mouse_teleport_to_pos(hand.on_screen(*end), no_yield)
            hand.release()

        before = gui.app.cell.now.render
        at_once((20, 20), (40, 24))
        assert gui.app.cell.now.render != before, "the plane"
        gui.keys("G")
        at_once((20, 20), (40, 24))
        (point,) = drawn(gui)
        assert near(point.target, 40, 24)
        gui.ctx.item_click("//Picture/###Region")
        at_once((16, 20), (30, 20))
        mask = dragging.mask_of(gui.app.cell.now.drag.mask)
        assert mask[40, 32:60].all()

    drive(test)


PLACED = (DragPoint(5, (20.0, 20.0), (40.0, 20.0)),)
BEGUN = Session(
    RenderRequest("/net.pkl", Seed(3), truncation=Truncation(0.6)), drag=sessions.Drag(PLACED)
)


def test_the_picture_follows_and_the_end_is_one_step_of_undo(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("G")
        gui.ctx.item_click("//Picture/###Start")
        gui.frames(2)
        ((_, work),) = client.drags
        assert work.spec.request == BEGUN.render
        assert (work.points, work.steps) == (PLACED, None)
        assert gui.context.dragging.running
        client.step(1, (23.0, 20.0))
        gui.frames(3)
        assert gui.context.dragging.handles == {5: (23.0, 20.0)}
        assert gui.app.cell.now.render == BEGUN.render
        client.end((39.5, 20.0))
        gui.settle()
        now = gui.app.cell.now
        assert now.render.source == FOUND
        assert now.render.truncation == Truncation()
        assert now.drag.points[0].handle == (39.5, 20.0)
        gui.keys("Shift+G")
        assert client.drags[-1][1].id == work.id, "it goes on where it is"
        assert client.drags[-1][1].spec.request == BEGUN.render
        client.end((40.0, 20.0))
        gui.settle()
        gui.ctx.item_click("//Picture/###Reset")
        gui.settle()
        assert gui.app.cell.now.render == BEGUN.render
        assert gui.app.cell.now.drag.points == PLACED
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render == BEGUN.render
        assert gui.app.cell.now.drag.points == PLACED
        gui.keys("Shift+G")
        assert client.drags[-1][1].id != work.id, "another picture is another drag"
        client.end((40.0, 20.0))
        gui.settle()

    drive(test, client=client, session=BEGUN)


def test_the_strip_tells_of_the_drag_whichever_tool_is_held(
    drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, veils = DragClient(), []
    real = marks.draw_mask

    def draw_mask(*args: object, veil: float) -> None:
        veils.append(veil)
        real(*args, veil=veil)

    monkeypatch.setattr(marks, "draw_mask", draw_mask)
    half = np.zeros((MASK_SIDE, MASK_SIDE), bool)
    half[:64] = True

    def test(gui) -> None:
        def strip() -> str:
            return _words(gui.app.cell.now, gui.context)

        def height() -> float:
            rect = gui.ctx.item_info("**/##strip").rect_full
            return rect.max.y - rect.min.y

        gui.keys("G")
        gui.ctx.item_click("//Picture/###Region")
        gui.frames(2)
        quiet = height()
        assert veils[-1] == marks.VEIL
        gui.keys("Shift+G")
        gui.frames(2)
        assert strip() == "It begins with 1 point …"
        assert height() > quiet, "there is a line for it beside the brush"
        assert veils[-1] == 0, "the drag is to be seen, not the mask"
        client.step(1, (23.0, 20.0))
        gui.frames(3)
        assert strip() == "1 step, 3.0 pixels to go"
        gui.ctx.mouse_move("//Picture/###Stop")
        gui.frames(60)
        (tip,) = [
            w for w in imgui.get_current_context().windows if w.was_active and "Tooltip" in w.name
        ]
        top = gui.ctx.item_info("**/##strip").rect_full.min.y
        assert tip.pos.y + tip.size.y <= top, "it covers nothing that is counted"
        client.end((39.5, 20.0))
        gui.settle()
        assert strip() == "7 steps, 0.5 pixels to go: arrived"
        assert height() > quiet

    drive(test, client=client, session=BEGUN.with_drag(mask=packed(half)))


def test_undo_of_a_reset_leads_back_to_the_result_and_its_way_back(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("G")
        gui.keys("Shift+G")
        client.end((39.5, 20.0))
        gui.settle()
        told, result = gui.app.messages.last, gui.app.cell.now
        assert told.text == "It is there."
        gui.ctx.item_click("//Picture/###Reset")
        gui.settle()
        assert gui.context.dragging.step is None
        assert not told.holds()
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now == result
        assert (gui.context.dragging.step.done, gui.context.dragging.step.ending) == (7, "arrived")
        assert told.holds()
        moved = structs.replace(result.drag.points[0], target=(45.5, 20.0))
        gui.app.cell.set(result.with_drag(points=(moved,)))
        gui.frames(2)
        assert (gui.context.dragging.step.distance, gui.context.dragging.step.ending) == (6.0, "")
        assert not told.holds()
        gui.keys("Ctrl+Z")
        gui.keys("Shift+G")
        assert client.drags[-1][1].spec.request.source == FOUND
        client.end((39.6, 20.0))
        gui.settle()
        gui.ctx.item_click("//Picture/###Reset")
        gui.settle()
        assert (gui.app.cell.now.render, gui.app.cell.now.drag) == (BEGUN.render, BEGUN.drag)

    drive(test, client=client, session=BEGUN)


def test_undo_while_a_drag_computes_takes_that_drag_back_and_nothing_before(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("G")
        gui.ctx.item_click("//Picture/###Step")
        gui.keys("Ctrl+Z")
        assert client.cancelled == [client.drags[0][0]], "also where there is nothing else to undo"
        client.end((39.5, 20.0))
        gui.settle()
        assert gui.app.cell.now.render == BEGUN.render
        gui.keys("Shift+G")
        client.end((39.5, 20.0))
        gui.settle()
        gui.ctx.item_click("//Picture/###Reset")
        gui.frames(2)
        gui.ctx.item_click("//Picture/###Step")
        gui.frames(2)
        moved = structs.replace(PLACED[0], target=(30.0, 20.0))
        gui.app.cell.set(gui.app.cell.now.with_drag(points=(moved,)))
        gui.frames(2)
        gui.keys("Ctrl+Z")
        assert gui.context.dragging.running, "the point goes back first"
        assert drawn(gui) == PLACED
        gui.keys("Ctrl+Z")
        assert not gui.context.dragging.running
        assert (gui.app.cell.now.render, gui.app.cell.now.drag) == (BEGUN.render, BEGUN.drag)

    drive(test, client=client, session=BEGUN)


def test_the_newest_target_wins_and_stopping_keeps_what_there_is(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        hand = Hand(gui)
        gui.keys("G")
        gui.keys("Shift+G")
        hand.press(40, 20)
        hand.go(42, 26)
        assert len(client.drags) == 1, "it has not answered yet"
        client.step(1, (22.0, 20.0))
        gui.frames(3)
        assert len(client.drags) == 2
        assert client.cancelled == [client.drags[0][0]]
        assert near(client.drags[1][1].points[0].target, 42, 26)
        assert client.drags[1][1].id == client.drags[0][1].id
        hand.release()
        client.step(2, (23.0, 20.5))
        gui.frames(3)
        gui.ctx.item_click("//Picture/###Stop")
        gui.frames(2)
        assert client.drags[-1][1].steps == 0
        client.end((23.0, 20.5))
        gui.settle()
        assert gui.app.cell.now.render.source == FOUND
        assert not gui.context.dragging.running

    drive(test, client=client, session=BEGUN)


CHANGES: dict[str, Callable[[Session], Session]] = {
    "seed": lambda session: session.with_render(source=Seed(4)),
    "psi": lambda session: session.with_render(truncation=Truncation(0.3)),
    "bend": lambda session: session.with_render(bends=()),
    "class": lambda session: session.with_render(label=ClassLabel(1)),
    "snapshot": lambda session: session.with_render(snapshot="/next.pkl"),
    "other network": lambda session: session.with_render(snapshot="/other.pkl", source=Plane()),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("gesture", [False, True], ids=["at once", "held"])
def test_what_was_reached_is_a_step_below_the_change_that_ends_the_drag(
    drive, change: str, gesture: bool
) -> None:
    client = DragClient()
    bend = Bend("b16.conv0", "scale", 0.5)
    session = BEGUN.with_render(bends=(bend,))

    def test(gui) -> None:
        models = gui.app.jobs.models
        models["/next.pkl"] = make_model("/next.pkl")
        models["/other.pkl"] = make_model("/other.pkl", resolution=128)
        cell = gui.app.cell
        gui.keys("Shift+G")
        client.reach(3, FOUND, (30.0, 20.0))
        gui.frames(3)
        before = cell.now
        if gesture:
            gui.ctx.mouse_down(1)
        cell.set(CHANGES[change](cell.now))
        gui.frames(3)
        if gesture:
            gui.ctx.mouse_up(1)
            gui.frames(2)
        wanted = CHANGES[change](session).render
        if change not in ("seed", "other network"):
            wanted = led_to(wanted, FOUND)
        if change == "psi":
            wanted = structs.replace(wanted, truncation=Truncation(0.3))
        assert cell.now.render == wanted
        assert gui.app.messages.last.text.startswith("The drag has ended")
        assert not gui.context.dragging.running
        assert gui.context.dragging.can_reset == (cell.now.render.source == FOUND)
        after = cell.now
        gui.keys("Ctrl+Z")
        dragged = cell.now
        assert dragged.render == led_to(before.render, FOUND)
        assert dragged.drag.points[0].handle == (30.0, 20.0)
        gui.keys("Ctrl+Z")
        assert (cell.now.render, cell.now.drag) == (before.render, before.drag)
        gui.keys("Ctrl+Y")
        gui.keys("Ctrl+Y")
        assert cell.now == after
        gui.keys("Ctrl+Z")
        gui.app.actions.dragging.reset()
        gui.frames(2)
        assert (cell.now.render, cell.now.drag) == (before.render, before.drag)

    drive(test, client=client, session=session)


def test_what_a_change_adds_comes_on_top_and_what_was_dragged_already_does_not() -> None:
    was = (Direction(b"\0\0\0\0", 2.0), Direction(b"\1\0\0\0", 0.0))
    more = (was[0], structs.replace(was[1], amount=1.0))
    before = BEGUN.with_render(directions=was)
    now = before.with_render(directions=more)
    begun = sessions.Beginning(before.render)
    reached = dragging.come_to(now, begun, FOUND, DragStep(3, ((9.0, 9.0),), 3.0), {})
    assert dragging.with_changes(reached, before, now).render.directions == more[1:]


def test_what_is_kept_in_the_middle_of_a_drag_is_what_is_seen(drive, tmp_path: Path) -> None:
    client = DragClient()
    on_the_way = led_to(BEGUN.render, FOUND)

    def test(gui) -> None:
        gui.keys("Shift+G")
        client.reach(3, FOUND, (30.0, 20.0))
        gui.frames(3)
        assert gui.context.dragging.frame.request == on_the_way
        gui.keys("Ctrl+S")
        gui.keys("Ctrl+B")
        gui.keys("Ctrl+Shift+C")
        gui.app.actions.save_session(str(tmp_path / "it.json"))
        gui.app.actions.save_w(str(tmp_path / "w.npz"))
        gui.until(lambda: (tmp_path / "it.json").exists() and bool(gui.context.bookmarks))
        gui.until(lambda: any((tmp_path / "captures").rglob("*.png")))
        assert gui.context.dragging.running
        assert client.saved_w == [(on_the_way, str(tmp_path / "w.npz"))]
        assert msgspec.json.encode(FOUND).decode() in imgui.get_clipboard_text()
        (png,) = (tmp_path / "captures").rglob("*.png")
        kept = [read_session(png), read_session(tmp_path / "it.json")]
        kept.append(gui.context.bookmarks[0].session)
        for session in kept:
            assert session.render == on_the_way
            assert session.drag.points[0].handle == (30.0, 20.0)
            assert dragging.beginning(session).render == BEGUN.render
        client.end((39.5, 20.0))
        gui.settle()

    drive(test, client=client, session=BEGUN)


def test_undo_in_the_middle_leads_to_before_the_drag_and_redo_to_what_it_had_come_to(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.app.cell.set(BEGUN)
        gui.frames(2)
        gui.keys("Shift+G")
        client.reach(3, FOUND, (30.0, 20.0))
        gui.frames(3)
        gui.keys("Ctrl+Z")
        assert not gui.context.dragging.running
        assert (gui.app.cell.now.render, gui.app.cell.now.drag) == (BEGUN.render, BEGUN.drag)
        gui.keys("Ctrl+Y")
        assert gui.app.cell.now.render == led_to(BEGUN.render, FOUND)
        assert gui.app.cell.now.drag.points == (DragPoint(5, (30.0, 20.0), (40.0, 20.0)),)
        gui.app.actions.dragging.reset()
        gui.frames(2)
        gui.keys("Shift+G")
        client.reach(4, structs.replace(FOUND, data=b"more"), (31.0, 20.0))
        gui.frames(3)
        gui.app.actions.dragging.reset()
        gui.frames(2)
        assert (gui.app.cell.now.render, gui.app.cell.now.drag) == (BEGUN.render, BEGUN.drag)
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source.data == b"more", "a reset is taken back too"
        gui.keys("Ctrl+Z")
        gui.keys("Shift+G")
        client.reach(5, FOUND, (32.0, 20.0))
        gui.frames(3)
        gui.app.actions.cancel_job(client.drags[-1][0])
        gui.settle()
        assert gui.app.cell.now.render.source == FOUND, "cancelled in the status bar, it is kept"

    drive(test, client=client, session=BEGUN.with_drag(points=()))


def test_another_picture_ends_the_drag(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("G")
        gui.keys("Shift+G")
        client.step(1, (22.0, 20.0))
        gui.frames(3)
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(4)))
        gui.frames(3)
        assert client.cancelled == [client.drags[0][0]]
        client.end((30.0, 20.0))
        gui.settle()
        assert gui.app.cell.now.render.source == Seed(4)
        assert gui.context.dragging.handles == {}

    drive(test, client=client, session=BEGUN)


@pytest.mark.parametrize("fails", [True, False])
def test_a_drag_that_ends_while_another_picture_is_asked_for_leaves_that_alone(
    drive, fails: bool
) -> None:
    client = DragClient()

    def test(gui) -> None:
        cell = gui.app.cell
        gui.keys("Shift+G")
        client.reach(3, SavedW("/drags/w.npz", data=b"on the way"), (25.0, 20.0))
        gui.frames(3)
        before = cell.now
        cell.set(cell.now.with_render(source=Seed(4)))
        if fails:
            client.send(JobFailed(client.drags[0][0], "", Failure("The renderer has ended.")))
        else:
            client.end((30.0, 20.0))
        gui.settle()
        assert cell.now.render == structs.replace(before.render, source=Seed(4))
        assert not gui.context.dragging.running
        gui.keys("Ctrl+Z")
        reached = SavedW("/drags/w.npz", data=b"on the way") if fails else FOUND
        assert cell.now.render == led_to(before.render, reached)
        gui.keys("Ctrl+Z")
        assert (cell.now.render, cell.now.drag) == (before.render, before.drag)

    drive(test, client=client, session=BEGUN)


def test_a_renderer_that_dies_is_gone_on_from_what_it_said_last(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("G")
        gui.keys("Shift+G")
        job, work = client.drags[0]
        steps = DragSteps((5,), DragStep(3, ((25.0, 20.0),), 15.0), b"state")
        client.send(structs.replace(report(steps), job=job))
        client.send(JobFailed(job, "", Failure("The renderer has ended.", work.advice)))
        gui.settle()
        assert gui.context.dragging.failure is not None
        assert gui.app.cell.now.render == BEGUN.render
        gui.keys("Shift+G")
        assert client.drags[-1][1].state == b"state"
        assert client.drags[-1][1].id == work.id
        client.end((40.0, 20.0))
        gui.settle()

    drive(test, client=client, session=BEGUN)


def test_a_drag_under_way_is_kept_when_the_window_closes(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("Shift+G")
        job, work = client.drags[-1]
        step = DragStep(3, ((24.0, 22.0),) * len(work.points), 3.0)
        ids = tuple(point.id for point in work.points)
        on_the_way = SavedW("/drags/on_the_way.npz", data=b"on the way")
        found = report(DragSteps(ids, step, b"state", on_the_way))
        client.send(structs.replace(found, job=job))
        gui.frames(3)
        client.step(4, *step.handles)
        gui.frames(3)
        gui.app.drags.keep()
        session = gui.app.cell.now
        assert session.render.source == on_the_way
        assert session.drag.points[0].handle == (24.0, 22.0)
        assert session.drag.points[0].target == work.points[0].target

    drive(test, client=client, session=BEGUN)


def test_the_next_window_can_go_back_to_what_a_drag_began_with(drive) -> None:
    first, second = DragClient(), DragClient()
    kept: list[Session] = []

    def end(gui) -> None:
        gui.keys("Shift+G")
        job, _ = first.drags[-1]
        found = report(DragSteps((5,), DragStep(3, ((24.0, 22.0),), 3.0), b"state", FOUND))
        first.send(structs.replace(found, job=job))
        gui.frames(3)
        gui.app.drags.keep()
        kept.append(decode_session(msgspec.json.encode(gui.app.cell.now).decode(), "it"))

    def begin(gui) -> None:
        assert gui.app.cell.now.render.source == FOUND
        assert not gui.app.cell.can_undo
        assert gui.context.dragging.step.done == 3
        gui.keys("Shift+G")
        assert second.drags[-1][1].spec.request.source == FOUND, "it goes on where it was"
        second.end((40.0, 20.0))
        gui.settle()
        gui.keys("G")
        gui.ctx.item_click("//Picture/###Reset")
        gui.settle()
        assert gui.app.cell.now.render == BEGUN.render
        assert gui.app.cell.now.drag == BEGUN.drag

    drive(end, client=first, session=BEGUN)
    drive(begin, client=second, session=kept[0])


def test_points_outside_a_smaller_picture_of_the_same_run_wait_as_they_are(drive) -> None:
    client = DragClient()

    def test(gui) -> None:
        gui.keys("G")
        client.resolution = 32
        gui.app.actions.show_snapshot("/smaller.pkl")
        gui.settle()
        gui.keys("Shift+G")
        gui.app.actions.dragging.start()
        gui.frames(2)
        assert client.drags == []
        client.resolution = 64
        gui.app.actions.show_snapshot("/net.pkl")
        gui.settle()
        assert drawn(gui) == PLACED
        gui.keys("Shift+G")
        assert client.drags[0][1].points == PLACED
        client.end((40.0, 20.0))
        gui.settle()

    drive(test, client=client, session=BEGUN)


def test_where_no_plain_picture_is_shown_there_is_no_tool(drive) -> None:
    session = BEGUN.with_render(view=LayerView("b16.conv0", "atlas"))

    def test(gui) -> None:
        gui.keys("G")
        assert gui.context.dragging.tool == ""
        gui.app.cell.set(gui.app.cell.now.with_render(view=None))
        gui.settle()
        gui.keys("G")
        assert gui.context.dragging.tool == "points"
        gui.app.cell.set(gui.app.cell.now.with_render(view=LayerView("b16.conv0", "atlas")))
        gui.settle()
        Hand(gui).drag((20, 40), (30, 45))
        assert drawn(gui) == PLACED

    drive(test, session=session)


def test_the_bundled_network_is_dragged_in_the_window(drive) -> None:
    request = RenderRequest(str(bundled_snapshot()), Seed(3), truncation=Truncation(0.7))

    def test(gui) -> None:
        before = np.array(gui.context.frame.pixels)
        gui.keys("G")
        Hand(gui).drag((30, 30), (36, 30))
        gui.ctx.item_click("//Picture/###Step")
        gui.settle()
        gui.ctx.item_click("//Picture/###Step")
        gui.settle()
        assert gui.context.dragging.step.done == 2
        assert (gui.context.frame.pixels != before).any()
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        gui.settle()
        np.testing.assert_array_equal(gui.context.frame.pixels, before)

    drive(test, client=InlineClient(), session=Session(request))


def test_a_picture_of_a_drag_opens_where_its_files_are_not(
    drive, home: Path, tmp_path: Path
) -> None:
    request = RenderRequest(str(bundled_snapshot()), Seed(3), truncation=Truncation(0.7))
    drawn: list[np.ndarray] = []

    def save(gui) -> None:
        gui.keys("G")
        Hand(gui).drag((30, 30), (36, 30))
        gui.ctx.item_click("//Picture/###Step")
        gui.settle()
        gui.app.actions.capture_picture()
        gui.settle()
        drawn.append(np.array(gui.context.frame.pixels))
        assert not (home / "drags").exists(), "the request carries all of it"

    def open_it(gui) -> None:
        assert gui.app.cell.now.render.source == Seed(3)
        gui.drop(str(picture))
        gui.settle()
        np.testing.assert_array_equal(gui.context.frame.pixels, drawn[0])

    drive(save, client=InlineClient(), session=Session(request))
    (picture,) = (tmp_path / "captures").rglob("*.png")
    shutil.rmtree(home)
    drive(open_it, client=InlineClient(), session=Session(request))
