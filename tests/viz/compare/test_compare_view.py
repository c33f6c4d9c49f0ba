"""The comparison in the Picture panel, driven as a user would."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from imgui_bundle import ImVec2, imgui
from PIL import Image

from renderer.messages.failure import Failure
from renderer.messages.options import EngineOptions
from renderer.messages.request import LayerView, Plane, RenderRequest, Seed, Truncation
from renderer.messages.to_window import Loaded, RenderFailed
from tests.inline import InlineClient
from tests.paths import BUSTS, ROOT
from tests.viz.conftest import FakeClient, make_model
from viz.compare import maps
from viz.compare.gain import automatic
from viz.panels import bookmarks, picture
from viz.session import comparing
from viz.session.session import Motion, Pane, Session, View

PANELS = (picture.PANEL,)


class Renderer(FakeClient):
    """Opens the snapshots that requests name, as the renderer process does.

    Paths with `missing` in them fail; with a number, as in `net32`, networks have that resolution.
    """

    def __init__(self) -> None:
        super().__init__()
        self.opened: set[str] = set()

    def submit(self, request, stream="main", stats=None, drafts=False) -> int:
        path = request.snapshot
        if "missing" in path:
            id = next(self._ids)
            self.requests.append((stream, request, stats))
            failure = Failure(f"{path} does not exist.", "Check the path.")
            self.send(RenderFailed(id, stream, request, failure))
            return id
        digits = "".join(c for c in Path(path).stem if c.isdigit())
        self.resolution = int(digits or 64)
        if path not in self.opened:
            self.opened.add(path)
            self.send(Loaded(0, make_model(path, resolution=self.resolution)))
        return super().submit(request, stream, stats)


def session(*snapshots: str, **changes: object) -> Session:
    start = Session(RenderRequest("/nets/main.pkl", Plane(2.0, 3.0)), motion=Motion(drag_speed=4.0))
    for path in snapshots:
        start = comparing.added(start, RenderRequest(path))
    return start.with_compare(**changes)


def asked(gui, stream: str) -> RenderRequest:
    return gui.app.pane_streams.requests(gui.app.cell.now)[stream]


def box(gui, index: int = 0) -> imgui.internal.ImRect:
    gui.ctx.set_ref("Picture")
    return gui.ctx.item_info(f"##picture{index}").rect_full


def middle(rect: imgui.internal.ImRect) -> ImVec2:
    return ImVec2((rect.min.x + rect.max.x) / 2, (rect.min.y + rect.max.y) / 2)


def double_click(gui) -> None:
    """However slow the machine is: ImGui wants both clicks within 0.3 seconds."""
    io = imgui.get_io()
    before = io.mouse_single_click_delay, io.mouse_double_click_time
    io.mouse_single_click_delay, io.mouse_double_click_time = 61.0, 60.0
    gui.ctx.mouse_double_click()
    gui.frames(2)
    io.mouse_single_click_delay, io.mouse_double_click_time = before


def drag(gui, start: ImVec2, by: tuple[float, float], button: int = 0) -> None:
    gui.ctx.mouse_move_to_pos(start)
    gui.ctx.mouse_down(button)
    for step in (0.25, 0.5, 1.0):
        gui.ctx.mouse_move_to_pos(ImVec2(start.x + by[0] * step, start.y + by[1] * step))
    gui.ctx.mouse_up(button)
    gui.settle()


def seen(gui, path: Path) -> np.ndarray:
    gui.ctx.mouse_move_to_pos(ImVec2(700, 6))
    gui.frames(2)
    gui.shot(path)
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_a_comparison_is_begun_by_keeping_the_picture_and_ended_by_undo(drive) -> None:
    def test(gui) -> None:
        gui.keys("Y")
        assert gui.app.cell.now.compare.on
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###keep")
        gui.settle()
        before = gui.app.cell.now.render
        gui.app.cell.set(gui.app.cell.now.with_render(truncation=Truncation(0.3)))
        gui.settle()
        assert asked(gui, "compare-1") == before
        assert gui.context.frames["compare-1"].request == before
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.compare.panes == ()
        assert not gui.app.cell.now.compare.on

    drive(test, panels=PANELS, session=session(), client=Renderer())


def test_dragging_in_any_picture_moves_all_and_is_one_step_of_undo(drive) -> None:
    def test(gui) -> None:
        rect = box(gui, 2)
        drag(gui, middle(rect), (60.0, -30.0))
        source = gui.app.cell.now.render.source
        assert source.x > 2.5
        assert source.y < 3.0
        for stream in ("main", "compare-1", "compare-2"):
            assert gui.context.frames[stream].request.source == source
        paths = [gui.context.frames[f"compare-{i}"].request.snapshot for i in (1, 2)]
        assert paths == ["/nets/a.pkl", "/nets/b.pkl"]
        gui.keys("Ctrl+Z")
        gui.settle()
        assert gui.app.cell.now.render.source == Plane(2.0, 3.0)
        assert gui.context.frames["compare-2"].request.source == Plane(2.0, 3.0)

    drive(test, panels=PANELS, session=session("/nets/a.pkl", "/nets/b.pkl"), client=Renderer())


def test_zoom_and_pan_are_the_same_in_every_picture(drive, tmp_path) -> None:
    def test(gui) -> None:
        rect = box(gui, 1)
        gui.ctx.mouse_move_to_pos(middle(rect))
        gui.ctx.mouse_wheel_y(4)
        gui.frames(2)
        drag(gui, middle(rect), (37.0, 21.0), button=2)
        assert not gui.app.cell.now.view.fit
        assert gui.app.cell.now.render == session().render
        window = seen(gui, tmp_path / "zoomed.png")
        one, two = box(gui, 0), box(gui, 1)
        inset, size = 30, int(min(one.max.x - one.min.x, one.max.y - one.min.y)) - 120
        parts = [
            window[int(r.min.y) + inset :, int(r.min.x) + inset :][:size, :size] for r in (one, two)
        ]
        assert parts[0].std() > 5
        assert np.abs(parts[0] - parts[1]).max() <= 1

    same = comparing.kept(session())
    drive(test, panels=PANELS, session=same, client=Renderer())


def test_zooming_by_key_starts_from_what_is_seen_in_a_cell(drive) -> None:
    def test(gui) -> None:
        rect = box(gui, 1)
        room = min(rect.max.x - rect.min.x, rect.max.y - rect.min.y) - imgui.get_font_size()
        gui.keys("Plus")
        assert gui.app.cell.now.view.zoom == pytest.approx(room / 64 * 2**0.5)

    start = session("/nets/a.pkl", "/nets/b.pkl")
    drive(test, panels=PANELS, session=start, client=Renderer())


def test_the_edge_of_a_wipe_is_dragged_and_the_sides_are_what_they_say(drive, tmp_path) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###Wipe")
        gui.settle()
        edge = gui.ctx.item_info("##edge").rect_full
        rect = box(gui)
        quarter = (rect.max.x - rect.min.x) / 4
        history = gui.app.cell.can_undo
        drag(gui, ImVec2(middle(edge).x, middle(edge).y - 60), (-quarter / 2, 0.0))
        after = gui.ctx.item_info("##edge").rect_full
        assert middle(after).x == pytest.approx(middle(edge).x - quarter / 2, abs=2)
        assert 0.1 < gui.app.cell.now.compare.split < 0.5
        assert gui.app.cell.now.render == session().render
        assert gui.app.cell.can_undo == history
        window = seen(gui, tmp_path / "wipe.png")
        main, other = (gui.context.frames[name].pixels for name in ("main", "compare-1"))
        zoom = min(rect.max.x - rect.min.x, rect.max.y - rect.min.y) - imgui.get_font_size()
        left, top = middle(rect).x - zoom / 2, middle(rect).y - zoom / 2
        for x, y, pixels in ((4, 50, main), (60, 50, other), (40, 20, other)):
            point = window[round(top + (y + 0.5) / 64 * zoom), round(left + (x + 0.5) / 64 * zoom)]
            assert np.abs(point - pixels[y, x, :3]).max() <= 1
        gui.ctx.item_click("###Top to bottom")
        gui.frames(2)
        flat = gui.ctx.item_info("##edge").rect_full
        assert flat.max.x - flat.min.x > flat.max.y - flat.min.y
        gui.ctx.mouse_move_to_pos(ImVec2(middle(flat).x + 60, middle(flat).y))
        double_click(gui)
        gui.frames(2)
        assert gui.app.cell.now.compare.split == 0.5

    drive(test, panels=PANELS, session=session("/nets/a.pkl"), client=Renderer())


def test_a_wipe_zoomed_past_its_edge_can_still_be_taken_by_it(drive) -> None:
    def test(gui) -> None:
        rect, edge = box(gui), gui.ctx.item_info("##edge").rect_full
        assert middle(edge).x == pytest.approx(rect.max.x, abs=1)
        drag(gui, ImVec2(rect.max.x - 3, middle(edge).y), (-100.0, 0.0))
        moved = gui.ctx.item_info("##edge").rect_full
        assert middle(moved).x == pytest.approx(rect.max.x - 103, abs=3)

    start = session("/nets/a.pkl", layout="wipe", split=1.0)
    start = start.with_view(fit=False, zoom=60.0, center=(0.1, 0.5))
    drive(test, panels=PANELS, session=start, client=Renderer())


def test_what_is_the_same_has_no_difference_and_what_is_not_has_one(
    drive, tmp_path, monkeypatch
) -> None:
    def test(gui) -> None:
        found = {}

        subtract = gui.app.differences.difference

        def note(key, first, second, gain):
            found[key] = subtract(key, first, second, gain)
            return found[key]

        monkeypatch.setattr(gui.app.differences, "difference", note)
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###Difference")
        gui.settle()
        gui.frames(3)
        same, other = found["0 1"].numbers, found["0 2"].numbers
        assert same == (0.0, 0.0, 0, math.inf, 0.0)
        assert maps.facts(same) == ((maps.IDENTICAL, ""),)
        frames = [gui.context.frames[name] for name in ("main", "compare-1", "compare-2")]
        assert gui.app.cell.now.compare.gain == automatic(frames, 0) > 1.0
        assert automatic(frames[:2], 0) == 1.0, "there is nothing to be seen"
        first, second = (
            gui.context.frames[name].pixels[..., :3].astype(float) for name in ("main", "compare-2")
        )
        assert other.mean_absolute == pytest.approx(np.abs(first - second).mean())
        assert other.maximum == np.abs(first - second).max()
        window = seen(gui, tmp_path / "maps.png")
        at = middle(box(gui, 0))
        assert np.abs(window[round(at.y), round(at.x)] - (0xF4, 0xF4, 0xF2)).max() <= 2

    start = comparing.added(comparing.kept(session()), RenderRequest("/nets/a.pkl"))
    drive(test, panels=PANELS, session=start, client=Renderer())


def test_a_snapshot_that_is_gone_says_so_and_the_others_live(drive) -> None:
    client = Renderer()

    def test(gui) -> None:
        assert "does not exist" in gui.context.failures["compare-1"].message
        drag(gui, middle(box(gui, 2)), (50.0, 0.0))
        source = gui.app.cell.now.render.source
        assert source.x > 2.3
        assert gui.context.frames["compare-2"].request.source == source
        for layout in ("wipe", "difference", "flicker", "grid"):
            gui.app.cell.set(gui.app.cell.now.with_compare(layout=layout, blink=False))
            gui.settle()
        gui.app.cell.set(gui.app.cell.now.with_compare(other=1))
        gui.keys("X")
        assert gui.app.cell.now.render.snapshot == "/nets/main.pkl"
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("**/###remove")
        gui.settle()
        assert [p.render.snapshot for p in gui.app.cell.now.compare.panes] == ["/nets/b.pkl"]
        assert "compare-1" not in gui.context.failures

    start = session("/nets/missing.pkl", "/nets/b.pkl")
    drive(test, panels=PANELS, session=start, client=client)


def test_pictures_of_different_resolutions_are_of_one_size(drive, tmp_path) -> None:
    def test(gui) -> None:
        frames = gui.context.frames
        assert (frames["main"].width, frames["compare-1"].width) == (64, 32)
        gui.app.cell.set(gui.app.cell.now.with_compare(layout="wipe", split=0.0))
        gui.settle()
        window = seen(gui, tmp_path / "sizes.png")
        rect = box(gui)
        side = 8 * 64  # screen pixels: the zoom counts the session's pixels
        left, top = round(middle(rect).x - side / 2), round(middle(rect).y - side / 2)
        small = frames["compare-1"].pixels
        for x, y in ((1, 2), (30, 4), (15, 16), (20, 29)):
            point = window[top + y * 16 + 8, left + x * 16 + 8]
            assert np.abs(point - small[y, x, :3]).max() <= 1

    start = session("/nets/net32.pkl").with_view(fit=False, zoom=8.0)
    drive(test, panels=PANELS, session=start, client=Renderer())


def test_swap_makes_the_other_one_the_main_one(drive) -> None:
    def test(gui) -> None:
        gui.keys("X")
        gui.settle()
        assert gui.app.cell.now.render.snapshot == "/nets/a.pkl"
        assert gui.app.cell.now.compare.panes[0].render.snapshot == "/nets/main.pkl"
        assert gui.context.frames["compare-1"].request.snapshot == "/nets/main.pkl"
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("**/###main")
        gui.settle()
        assert gui.app.cell.now.render == session().render

    drive(test, panels=PANELS, session=session("/nets/a.pkl"), client=Renderer())


def test_parts_are_unlinked_for_one_and_linked_for_all(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("**/###link")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Truncation")
        gui.keys("Escape")
        assert "truncation" not in gui.app.cell.now.compare.panes[0].linked
        gui.app.cell.set(gui.app.cell.now.with_render(truncation=Truncation(0.2)))
        gui.settle()
        assert gui.context.frames["compare-1"].request.truncation == Truncation()
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###Link")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Truncation")
        gui.settle()
        assert gui.context.frames["compare-1"].request.truncation == Truncation(0.2)

    drive(test, panels=PANELS, session=session("/nets/a.pkl"), client=Renderer())


def test_a_picture_is_named_by_a_double_click_on_its_heading(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Picture")
        gui.ctx.mouse_move("$$1/##title")
        double_click(gui)
        gui.frames(3)
        gui.ctx.key_chars_replace_enter("mine")
        gui.frames(3)
        assert gui.app.cell.now.compare.panes[0].name == "mine"
        assert gui.app.cell.now.compare.name == ""
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.compare.panes[0].name == ""

    drive(test, panels=PANELS, session=session("/nets/a.pkl"), client=Renderer())


def test_flicker_shows_one_after_the_other_and_stops(drive) -> None:
    def test(gui) -> None:
        gui.keys("B")
        compare = gui.app.cell.now.compare
        assert (compare.layout, compare.blink) == ("flicker", False)
        first = compare.blinked
        gui.keys("B")
        assert gui.app.cell.now.compare.blinked == 1 - first
        assert not gui.app.animating
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###Blink")
        assert gui.app.animating
        gui.ctx.item_click("###Close")
        assert not gui.app.animating

    drive(test, panels=PANELS, session=session("/nets/a.pkl"), client=Renderer())


def test_layers_are_compared_and_a_network_without_the_layer_shows_its_picture(drive) -> None:
    def test(gui) -> None:
        view = LayerView("b64.conv0", "channel", 5)
        gui.app.cell.set(gui.app.cell.now.with_render(view=view))
        gui.settle()
        assert gui.context.frames["compare-1"].request.view == view
        assert gui.context.frames["compare-2"].request.view is None
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###back")
        gui.settle()
        assert gui.context.frames["compare-1"].request.view is None

    start = session("/nets/a.pkl", "/nets/net32.pkl")
    drive(test, panels=PANELS, session=start, client=Renderer())


def test_snapshots_and_sessions_are_added_from_files(drive, tmp_path) -> None:
    def test(gui) -> None:
        gui.app.actions.compare("/nets/b.pkl")
        gui.settle()
        assert gui.context.frames["compare-1"].request.snapshot == "/nets/b.pkl"
        gui.app.actions.save_session(str(tmp_path / "kept.json"))
        gui.settle()
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(8)))
        gui.app.actions.compare(str(tmp_path / "kept.json"))
        gui.settle()
        kept = gui.app.cell.now.compare.panes[1]
        assert (kept.name, kept.linked, kept.render) == ("kept", (), session().render)
        assert gui.context.frames["compare-2"].request.source == Plane(2.0, 3.0)
        gui.app.actions.compare(str(tmp_path / "nothing.json"))
        gui.settle()
        assert len(gui.app.cell.now.compare.panes) == 2
        assert "nothing.json" in gui.app.messages.last.text

    drive(test, panels=PANELS, session=session(), client=Renderer())


def test_a_bookmark_shows_another_latent_in_the_comparison(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.add_bookmark()
        gui.settle()
        (bookmark,) = gui.context.bookmarks
        start = comparing.added(gui.app.cell.now, RenderRequest("/nets/a.pkl"))
        gui.app.cell.set(start.with_render(source=Seed(8)))
        gui.settle()
        gui.focus("Bookmarks")
        gui.ctx.set_ref("Bookmarks")
        gui.ctx.item_click(f"**/{bookmark.name}")
        gui.settle()
        assert gui.app.cell.now.compare.on
        assert gui.context.frames["compare-1"].request.source == Plane(2.0, 3.0)

    panels = (picture.PANEL, bookmarks.PANEL)
    drive(test, panels=panels, session=session(), client=Renderer())


def test_hidden_panes_are_not_rendered(drive) -> None:
    client = Renderer()

    def test(gui) -> None:
        gui.keys("Y")
        count = len(client.requests)
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(3)))
        gui.settle()
        assert {stream for stream, *_ in client.requests[count:]} == {"main"}

    drive(test, panels=PANELS, session=session("/nets/a.pkl"), client=client)


def test_two_real_snapshots_are_compared_and_exported(drive, tmp_path) -> None:
    run = ROOT / "tests/data/earth64-run/network-snapshot-000040.pkl"
    toy = ROOT / "tests/data/sg2-uncond-32.pkl"
    start = Session(RenderRequest(str(BUSTS), Plane(60.1, 0.05)), View())
    start = comparing.added(
        comparing.added(start, RenderRequest(str(run))), RenderRequest(str(toy))
    )

    def test(gui) -> None:
        frames = gui.context.frames
        sources = {frames[name].request.source for name in ("main", "compare-1", "compare-2")}
        assert sources == {Plane(60.1, 0.05)}
        assert (frames["compare-1"].width, frames["compare-2"].width) == (64, 32)
        assert gui.context.models[str(toy)].resolution == 32
        drag(gui, middle(box(gui, 1)), (40.0, 10.0))
        sources = {frames[name].request.source for name in ("main", "compare-1", "compare-2")}
        assert sources == {gui.app.cell.now.render.source}
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###Export")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("What is shown…")
        gui.frames(4)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.combo_click("##Format/Picture (PNG)")
        gui.ctx.item_click("**/Export")
        gui.settle()
        gui.settle()
        (written,) = (tmp_path / "captures").glob("*.png")
        with Image.open(written) as image:
            assert image.size == (3 * 64 + 2, 64)
            pixels = np.asarray(image)
        shown = frames["main"].pixels[32:, :, :3]
        assert (pixels[32:, :64] == shown).all()
        gui.ctx.key_press(imgui.Key.s | imgui.Key.mod_ctrl)
        gui.settle()
        gui.settle()
        with Image.open(tmp_path / "captures/comparison-2.png") as image:
            assert (np.asarray(image) == pixels).all()
        assert not gui.context.failures

    drive(
        test,
        panels=PANELS,
        session=start,
        client=InlineClient(EngineOptions(device="cpu", threads=1)),
    )


def test_a_pane_of_an_unknown_layout_of_panes_is_no_crash(drive) -> None:
    """A session written by hand: sides that do not exist, an edge outside, a rate of zero."""

    def test(gui) -> None:
        for layout in ("grid", "wipe", "flicker", "difference"):
            gui.app.cell.set(gui.app.cell.now.with_compare(layout=layout))
            gui.settle()

    start = session("/nets/a.pkl", reference=9, other=-3, split=7.0, rate=0.0, gain=0.0, blinked=-5)
    bare = start.with_compare(panes=(Pane(7, RenderRequest()), *start.compare.panes))
    drive(test, panels=PANELS, session=bare, client=Renderer())


@pytest.mark.parametrize("layout", ["wipe", "flicker"])
@pytest.mark.parametrize(("width", "above"), [(1440, False), (420, True)])
def test_the_readout_leaves_the_toolbar_and_the_lower_name_free(
    drive, monkeypatch: pytest.MonkeyPatch, layout: str, width: int, above: bool
) -> None:
    plates: dict[str, tuple[ImVec2, ImVec2]] = {}
    for name in ("readout", "pill"):
        monkeypatch.setattr(
            f"viz.picture.{name}.draw_pill",
            lambda low, high, alpha, name=name: plates.update({name: (low, high)}),
        )

    def test(gui) -> None:
        gui.ctx.mouse_move_to_pos(middle(box(gui)))
        gui.frames(2)
        bar, (low, high) = gui.ctx.item_info("###fit").rect_full, plates["readout"]
        assert (high.y <= bar.min.y) == above
        assert above or high.x <= bar.min.x
        name_low, name_high = plates["pill"]  # of the last name: below the edge, or at the top
        assert name_high.y <= low.y or name_low.y >= high.y

    start = session("/nets/a.pkl", layout=layout, upright=False, split=0.99, blink=False)
    drive(test, panels=PANELS, session=start, client=Renderer(), size=(width, 700))
