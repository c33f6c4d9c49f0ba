"""The lanes of the panel Journey: one axis of time, and a curve whose points are dragged."""

from __future__ import annotations

import pytest
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.journey import Curve, Envelope, Journey, Key, Knob, Point, Track
from renderer.messages.request import RenderRequest, Seed
from viz.panels.journey import sound_lane
from viz.session import going
from viz.session.session import Session
from viz.ui.widgets import em

KEYS = tuple(Key(RenderRequest("net.safetensors", Seed(i)), 2.0 * i) for i in range(3))
CURVE = Curve(Knob("psi"), (Point(0.0, 0.5), Point(2.0, 1.0), Point(4.0, 0.3)))
JOURNEY = Journey(KEYS, 4.0, curves=(CURVE,))
SESSION = Session(KEYS[0].render, journey=JOURNEY)


def now(gui) -> Journey:
    return gui.app.cell.now.journey


def points(gui) -> tuple[Point, ...]:
    return next((curve.points for curve in now(gui).curves), ())


def open_lanes(gui) -> None:
    gui.focus("Journey")
    gui.settle()
    gui.ctx.set_ref(gui.ctx.window_info("//Journey/ruler").window)


def middle(gui, item: str) -> ImVec2:
    rect = gui.ctx.item_info(item).rect_full
    return ImVec2((rect.min.x + rect.max.x) / 2, (rect.min.y + rect.max.y) / 2)


def double_click(gui, at: ImVec2) -> None:
    gui.ctx.mouse_move_to_pos(at)
    gui.ctx.mouse_double_click(0)
    gui.settle()


def test_keys_and_curve_lie_over_one_axis_however_it_is_zoomed(drive) -> None:
    def test(gui) -> None:
        open_lanes(gui)
        assert middle(gui, "key 2").x == pytest.approx(middle(gui, "point 2").x, abs=1)
        before = middle(gui, "key 2").x - middle(gui, "key 1").x
        gui.ctx.mouse_move_to_pos(middle(gui, "point 1"))  # in the lane of the curve
        gui.ctx.mouse_wheel_y(2)
        gui.frames(2)
        after = middle(gui, "key 2").x - middle(gui, "key 1").x
        assert after == pytest.approx(before * 1.25**2, rel=0.02)
        for number in ("1", "2"):
            key, point = middle(gui, f"key {number}"), middle(gui, f"point {number}")
            assert key.x == pytest.approx(point.x, abs=1)

    drive(test, session=SESSION)


def test_a_dragged_point_stays_below_the_mouse(drive) -> None:
    """Also where it goes beyond the values that were there, which would rescale the lane."""

    def test(gui) -> None:
        open_lanes(gui)
        start = middle(gui, "point 3")
        gui.ctx.mouse_move_to_pos(start)
        gui.ctx.mouse_down(0)
        for step in range(1, 7):
            gui.ctx.mouse_move_to_pos(ImVec2(start.x, start.y - 8 * step))
            gui.frames(2)
            assert middle(gui, "point 3").y == pytest.approx(imgui.get_mouse_pos().y, abs=1.5)
        moved = points(gui)[2]
        assert moved.value > 0.6
        assert moved.time == pytest.approx(4.0)
        gui.ctx.mouse_up(0)
        gui.settle()
        assert points(gui)[2] == moved
        gui.keys("Ctrl+Z")
        assert now(gui) == JOURNEY, "all of the drag is one step"

    drive(test, session=SESSION)


def test_a_double_click_adds_a_point_and_takes_one_away(drive) -> None:
    def test(gui) -> None:
        open_lanes(gui)
        a, b = middle(gui, "point 2"), middle(gui, "point 3")
        double_click(gui, ImVec2((a.x + b.x) / 2, a.y))
        added = points(gui)[2]
        assert len(points(gui)) == 4
        assert (added.time, added.value) == pytest.approx((3.0, 1.0), abs=0.05)
        assert gui.app.cell.now.moment == pytest.approx(3.0, abs=0.05), "the playhead is there"
        double_click(gui, middle(gui, "point 2"))
        assert [p.time for p in points(gui)] == pytest.approx([0.0, 3.0, 4.0], abs=0.05)
        gui.ctx.mouse_move_to_pos(middle(gui, "point 1"))
        gui.ctx.mouse_click(1)
        gui.settle()
        assert len(points(gui)) == 2

    drive(test, session=SESSION)


def test_a_click_on_a_point_leaves_it_where_it_is(drive) -> None:
    def test(gui) -> None:
        open_lanes(gui)
        at = middle(gui, "point 2")
        gui.ctx.mouse_move_to_pos(ImVec2(at.x + 5, at.y + 5))  # beside its middle
        gui.ctx.mouse_click(0)
        gui.settle()
        assert now(gui) == JOURNEY

    drive(test, session=SESSION)


def test_the_sound_has_a_lane_of_its_own_below_the_scale(drive) -> None:
    loud = Envelope("loudness", bytes(range(240)))
    heard = structs.replace(JOURNEY, track=Track("a.wav", 4.0, 60, (loud,)))

    def test(gui) -> None:
        open_lanes(gui)
        ground = gui.ctx.item_info("##ground").rect_full
        silent = gui.ctx.item_info("key 1").rect_full.min.y - ground.min.y
        gui.app.cell.set(structs.replace(SESSION, journey=heard))
        gui.settle()
        below = gui.ctx.item_info("key 1").rect_full.min.y - ground.min.y
        assert below == pytest.approx(silent + em(sound_lane.HEIGHT), abs=1)

    drive(test, session=SESSION)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([0.0, 2.0, 4.0, 6.0], [5, 9, 7]),
        ([-2.0, -1.0, 0.0, 3.0, 5.0], [None, None, 5, 9]),
        ([4.0, 5.5, 6.0, 8.0], [7, 3, None]),
        ([1.0, 1.2, 1.4, 2.0], [5, 5, 5]),
        ([7.0, 9.0], [None]),
    ],
)
def test_a_bar_is_as_high_as_the_loudest_moment_of_its_column(edges, expected) -> None:
    values = bytes([1, 5, 2, 9, 7, 3])
    assert sound_lane.loudest(values, edges) == expected
    assert sound_lane.loudest(b"", edges) == [None] * (len(edges) - 1)


def test_the_curve_is_as_high_as_its_seam_was_dragged_also_later(drive) -> None:
    def test(gui) -> None:
        open_lanes(gui)
        seam = middle(gui, "seam")
        gui.ctx.mouse_move_to_pos(seam)
        gui.ctx.mouse_down(0)
        gui.ctx.mouse_move_to_pos(ImVec2(seam.x, seam.y + 18))
        gui.ctx.mouse_up(0)
        gui.settle()
        assert middle(gui, "seam").y == pytest.approx(seam.y + 18, abs=6)
        assert gui.app.settings.now.journey_curve < 0.6

    drive(test, session=SESSION)


def test_what_is_seen_turns_its_page_with_the_playhead(drive) -> None:
    def test(gui) -> None:
        open_lanes(gui)
        gui.ctx.mouse_move_to_pos(middle(gui, "key 1"))
        gui.ctx.mouse_wheel_y(6)
        gui.frames(2)
        axis = gui.panel("Journey")._lanes.axis
        assert axis.seen.high < 2.0
        gui.ctx.set_ref("Journey")
        gui.ctx.item_click("###Play")
        gui.until(lambda: axis.seen.low > 1.0, "the playhead leaves what is seen")

    drive(test, session=SESSION)


def test_what_a_number_follows_is_chosen_inside_the_window(drive) -> None:
    """The popup opens at the lower edge: it must have its whole size from the beginning."""

    def test(gui) -> None:
        gui.focus("Journey")
        gui.settle()
        gui.ctx.set_ref(gui.ctx.window_info("//Journey/forms").window)
        gui.ctx.item_click("###Drive")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        for choice in ("Loudness", "Nothing", "Beat"):
            gui.ctx.combo_click(f"##Follows/{choice}")
            gui.frames(3)
            lowest = gui.ctx.item_info("##Threshold").rect_full.max.y
            assert lowest < imgui.get_main_viewport().size.y

    heard = structs.replace(JOURNEY, track=Track("a.wav", 4.0, 60))
    drive(test, session=structs.replace(SESSION, journey=heard))


def test_at_twice_the_size_the_keys_and_what_is_said_of_them_are_in_sight(drive) -> None:
    """In a window of 1440x900 pixels; the curve is below, where the lanes scroll to."""

    def test(gui) -> None:
        gui.focus("Journey")
        gui.frames(10)
        open_lanes(gui)
        lanes = gui.ctx.window_info("//Journey/ruler").window
        forms = gui.ctx.window_info("//Journey/forms").window
        assert forms.scroll_max.y == 0
        key = gui.ctx.item_info("key 1").rect_full
        assert lanes.inner_rect.min.y <= key.min.y < key.max.y <= lanes.inner_rect.max.y
        gui.ctx.set_ref(forms)
        for item in ("##Time", "##Going", "##Ease", "###Delete", "##Number"):
            rect = gui.ctx.item_info(item).rect_full
            assert rect.max.y <= forms.inner_rect.max.y, item
        gui.ctx.set_ref(lanes)
        gui.ctx.scroll_to_bottom("")
        assert middle(gui, "point 3").y < lanes.inner_rect.max.y
        gui.ctx.mouse_move_to_pos(middle(gui, "point 2"))
        gui.ctx.mouse_click(1)
        gui.settle()
        assert len(points(gui)) == 2, "its points are where they are drawn"

    drive(test, session=SESSION, size=(720, 450), scale=2.0)


def test_keys_close_together_overlap_and_the_chosen_one_lies_on_top(drive) -> None:
    times = (0.0, 0.05, 0.1, 2.0, 4.0)
    close = tuple(structs.replace(KEYS[0], time=time) for time in times)
    session = structs.replace(SESSION, journey=Journey(close, 4.0))

    def test(gui) -> None:
        def shown_at(x: float) -> float:
            """Click beside the first keys, to the left of their middle; return the time there."""
            rect = gui.ctx.item_info("key 3").rect_full
            gui.ctx.mouse_move_to_pos(ImVec2(rect.min.x + x, rect.min.y + 3))
            gui.ctx.mouse_click(0)
            gui.settle()
            return gui.app.cell.now.moment

        open_lanes(gui)
        sizes = [gui.ctx.item_info(f"key {n}").rect_full.get_width() for n in range(1, 6)]
        assert sizes == pytest.approx([sizes[0]] * 5), "each has its picture, and none is a dot"
        gui.app.cell.set(going.at_key(gui.app.cell.now, 4))
        gui.settle()
        assert shown_at(sizes[0] / 2) == 0.1, "of the others the last one lies on top"
        gui.app.cell.set(going.at_key(gui.app.cell.now, 0))
        gui.settle()
        assert shown_at(sizes[0] / 4) == 0.0, "the chosen one covers them"

    drive(test, session=session)
