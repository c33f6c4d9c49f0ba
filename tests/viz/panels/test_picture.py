"""The Picture panel, driven as a user would."""

from __future__ import annotations

import numpy as np
import pytest
from imgui_bundle import ImVec2, imgui

from renderer.client.events import StatusChanged
from renderer.messages.failure import Failure
from renderer.messages.request import ChannelEdit, LayerView, Plane, SavedW, Seed
from renderer.messages.to_window import RenderFailed
from tests.viz.conftest import FakeClient
from viz.panels import picture
from viz.picture.readout import readout
from viz.picture.viewport import Viewport
from viz.session.session import Motion, Session, View

PANELS = (picture.PANEL,)


def session(source=Plane(2.0, 3.0), view=View(), **motion) -> Session:  # noqa: B008 - frozen
    start = Session(view=view, motion=Motion(**motion))
    return start.with_render(snapshot="net.safetensors", source=source)


def box(gui) -> imgui.internal.ImRect:
    gui.ctx.set_ref("Picture")
    return gui.ctx.item_info("##picture").rect_full


def viewport(gui) -> tuple[Viewport, ImVec2]:
    rect, frame = box(gui), gui.context.frame
    area = (rect.max.x - rect.min.x, rect.max.y - rect.min.y)
    margin = 0.5 * imgui.get_font_size()
    return Viewport(gui.app.cell.now.view, frame.width, frame.height, area, margin), rect.min


def over(gui, x: float, y: float) -> ImVec2:
    """The screen position of a picture coordinate."""
    view, corner = viewport(gui)
    px, py = view.to_panel(x, y)
    return ImVec2(corner.x + px, corner.y + py)


def double_click(gui) -> None:
    """However slow the machine is: ImGui wants both clicks within 0.3 seconds."""
    io = imgui.get_io()
    before = io.mouse_single_click_delay, io.mouse_double_click_time
    io.mouse_single_click_delay, io.mouse_double_click_time = 61.0, 60.0
    gui.ctx.mouse_double_click()
    gui.frames(2)
    io.mouse_single_click_delay, io.mouse_double_click_time = before


def drag(gui, by: tuple[float, float], button: int = 0) -> None:
    start = over(gui, 32, 32)
    gui.ctx.mouse_move_to_pos(start)
    gui.ctx.mouse_down(button)
    for step in (0.25, 0.5, 1.0):
        gui.ctx.mouse_move_to_pos(ImVec2(start.x + by[0] * step, start.y + by[1] * step))
    gui.ctx.mouse_up(button)
    gui.settle()


def test_dragging_moves_through_the_plane_and_is_one_step_of_undo(drive) -> None:
    def test(gui) -> None:
        view, _ = viewport(gui)
        width = 64 * view.zoom
        drag(gui, (width / 4, -width / 8))
        source = gui.app.cell.now.render.source
        assert (source.x, source.y) == pytest.approx((3.0, 2.5), abs=0.02)
        assert gui.context.frame.request == gui.app.cell.now.render
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == Plane(2.0, 3.0)
        gui.keys("Ctrl+Y")
        assert gui.app.cell.now.render.source == source

    drive(test, panels=PANELS, session=session(drag_speed=4.0))


def test_shift_drags_ten_times_slower_and_snap_stops_at_seeds(drive) -> None:
    def test(gui) -> None:
        width = 64 * viewport(gui)[0].zoom
        gui.ctx.key_down(imgui.Key.mod_shift)
        drag(gui, (width / 4, 0))
        gui.ctx.key_up(imgui.Key.mod_shift)
        assert gui.app.cell.now.render.source.x == pytest.approx(2.1, abs=0.005)
        gui.app.cell.set(gui.app.cell.now.with_motion(snap=True))
        drag(gui, (width * 0.2, 0))
        assert gui.app.cell.now.render.source == Plane(3.0, 3.0)

    drive(test, panels=PANELS, session=session(drag_speed=4.0))


def test_a_seed_starts_at_its_place_and_a_stored_latent_stays(drive) -> None:
    def test(gui) -> None:
        width = 64 * viewport(gui)[0].zoom
        drag(gui, (0, width / 4))
        source = gui.app.cell.now.render.source
        assert (source.x, source.y) == pytest.approx((5.0, 3.0), abs=0.02)
        stored = SavedW("w.npz")
        gui.app.cell.set(gui.app.cell.now.with_render(source=stored))
        drag(gui, (0, width / 4))
        assert gui.app.cell.now.render.source == stored

    drive(test, panels=PANELS, session=session(Seed(205), drag_speed=4.0))


def test_the_wheel_zooms_at_the_cursor_and_a_double_click_fits(drive) -> None:
    def test(gui) -> None:
        gui.ctx.mouse_move_to_pos(over(gui, 20.5, 40.5))
        for _ in range(6):
            gui.ctx.mouse_wheel_y(1)
            gui.frames(2)
        view, corner = viewport(gui)
        assert not view.view.fit
        mouse = imgui.get_io().mouse_pos
        assert view.pixel(mouse.x - corner.x, mouse.y - corner.y) == (20, 40)
        assert gui.app.cell.now.render == session().render
        double_click(gui)
        gui.frames(2)
        assert gui.app.cell.now.view.fit

    drive(test, panels=PANELS, session=session())


@pytest.mark.parametrize("button", [1, 2])
def test_the_other_buttons_pan(drive, button: int) -> None:
    def test(gui) -> None:
        before = viewport(gui)[0].origin
        drag(gui, (60.0, -40.0), button)
        after = viewport(gui)[0].origin
        assert after == pytest.approx((before[0] + 60, before[1] - 40), abs=1.0)
        assert gui.app.cell.now.render == session().render

    drive(test, panels=PANELS, session=session(view=View(False, 20.0)))


def test_the_toolbar(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###one")
        view, _ = viewport(gui)
        assert (view.view.fit, view.zoom) == (False, 1.0)
        assert view.view.center == pytest.approx((0.5, 0.5), abs=0.01)
        gui.ctx.item_click("###in")
        assert gui.app.cell.now.view.zoom == pytest.approx(2**0.5)
        gui.ctx.item_click("###smooth")
        assert gui.app.cell.now.view.smooth
        gui.ctx.item_click("###fit")
        assert gui.app.cell.now.view.fit
        gui.ctx.item_click("###drag")
        assert gui.context.dragging.tool == "points"
        gui.ctx.item_click("###drag")
        assert gui.context.dragging.tool == ""

    drive(test, panels=PANELS, session=session())


def test_the_readout_names_the_pixel_under_the_cursor(drive) -> None:
    def test(gui) -> None:
        frame = gui.context.frame
        r, g, b = (int(v) for v in frame.pixels[17, 50, :3])
        text = readout(frame, (50, 17))
        assert text.split() == ["50,", "17", str(r), str(g), str(b), f"#{r:02x}{g:02x}{b:02x}"]

    drive(test, panels=PANELS, session=session())


def test_enlarged_pixels_are_drawn_where_the_readout_says(drive, tmp_path) -> None:
    from PIL import Image

    shot = tmp_path / "window.png"

    def test(gui) -> None:
        gui.ctx.mouse_move_to_pos(over(gui, 1, 63))
        gui.frames(2)
        gui.shot(shot)
        window = np.asarray(Image.open(shot).convert("RGB")).astype(int)
        frame = gui.context.frame
        for x, y in ((5, 9), (40, 12), (33, 33), (60, 20)):
            middle = over(gui, x + 0.5, y + 0.5)
            seen = window[round(middle.y), round(middle.x)]
            assert np.abs(seen - frame.pixels[y, x, :3]).max() <= 1

    drive(test, panels=PANELS, session=session(view=View(False, 12.0)))


ATLAS = LayerView("b16.conv1", "atlas", cell=16)


def test_a_click_on_the_atlas_views_the_channel_and_the_badge_leads_back(drive) -> None:
    def test(gui) -> None:
        atlas = gui.context.frame.info.atlas
        assert atlas.cell == 16
        gui.ctx.mouse_move_to_pos(over(gui, 2.5 * 16, 1.5 * 16))
        gui.ctx.mouse_click()
        gui.settle()
        assert gui.app.cell.now.render.view == LayerView("b16.conv1", "channel", 6, cell=16)
        gui.ctx.item_click("###back")
        assert gui.app.cell.now.render.view is None
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.view == ATLAS

    drive(test, panels=PANELS, session=session().with_render(view=ATLAS))


def test_dragging_over_the_atlas_moves_without_choosing_a_channel(drive) -> None:
    def test(gui) -> None:
        drag(gui, (100.0, 0.0))
        assert gui.app.cell.now.render.view == ATLAS
        assert gui.app.cell.now.render.source.x > 2.0

    drive(test, panels=PANELS, session=session().with_render(view=ATLAS))


def test_channels_are_silenced_from_the_atlas(drive) -> None:
    def test(gui) -> None:
        gui.ctx.mouse_move_to_pos(over(gui, 8, 8 + 16))
        gui.ctx.mouse_click(1)
        gui.frames(2)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Silence (× 0)")
        gui.settle()
        assert gui.context.frame.request.edits == (ChannelEdit("b16.conv1", 4, 0.0),)
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("###unedit")
        assert gui.app.cell.now.render.edits == ()

    drive(test, panels=PANELS, session=session().with_render(view=ATLAS))


def test_a_failed_picture_says_why_over_the_last_good_one(drive) -> None:

    client = FakeClient()

    def test(gui) -> None:
        failure = Failure("w.npz: no array named w in the file.", "Choose another file.")
        request = gui.app.cell.now.render
        client.send(RenderFailed(10**6, "main", request, failure))
        gui.frames(3)
        assert gui.context.failures["main"] == failure
        assert gui.context.frame is not None
        gui.frames(2)

    drive(test, panels=PANELS, session=session(), client=client)


@pytest.mark.parametrize("shown", [True, False], ids=["over a picture", "without one"])
def test_a_stored_latent_that_does_not_fit_can_be_left(drive, shown) -> None:
    class Misfit(FakeClient):
        def _render(self, id, stream, request, stats):
            if not isinstance(request.source, SavedW):
                return super()._render(id, stream, request, stats)
            failure = Failure("w.npz holds 10 rows of w, but net takes 6.", "It is of another.")
            return RenderFailed(id, stream, request, failure)

    def test(gui) -> None:
        if shown:
            gui.app.actions.use_w("w.npz")
            gui.settle()
        assert "main" in gui.context.failures
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("Back to the plane")
        gui.settle()
        assert gui.app.cell.now.render.source == Plane()
        assert "main" not in gui.context.failures
        assert gui.context.frame.request == gui.app.cell.now.render

    start = session() if shown else session(SavedW("w.npz"))
    drive(test, panels=PANELS, session=start, client=Misfit())


class Silent(FakeClient):
    """Opens networks, but no picture ever comes."""

    def submit(self, request, stream="main", stats=None, drafts=False) -> int:
        return next(self._ids)


def test_without_a_picture_it_says_why_and_offers_to_restart(drive) -> None:
    client = Silent()

    def test(gui) -> None:
        gui.frames(3)
        client.send(StatusChanged("failed", "It ended twice in a row."))
        gui.frames(2)
        gui.ctx.set_ref("Picture")
        gui.ctx.item_click("Restart")
        assert client.restarts == 1

    drive(test, panels=PANELS, session=session(), client=client, settle=False)


def test_zooming_by_key_starts_from_what_is_seen(drive) -> None:
    def test(gui) -> None:
        fitted = viewport(gui)[0].zoom
        gui.keys("Plus")
        assert gui.app.cell.now.view.zoom == pytest.approx(fitted * 2**0.5)
        gui.keys("Minus")
        assert gui.app.cell.now.view.zoom == pytest.approx(fitted)

    drive(test, panels=PANELS, session=session())


@pytest.mark.parametrize(("width", "above"), [(1440, False), (420, True)])
def test_the_readout_stands_beside_the_toolbar_or_above_it(
    drive, monkeypatch: pytest.MonkeyPatch, width: int, above: bool
) -> None:
    plates: list[tuple[ImVec2, ImVec2]] = []
    monkeypatch.setattr(
        "viz.picture.readout.draw_pill", lambda low, high, alpha: plates.append((low, high))
    )

    def test(gui) -> None:
        gui.ctx.mouse_move_to_pos(over(gui, 32, 20))
        gui.frames(2)
        gui.ctx.set_ref("Picture")
        bar, readout_high = gui.ctx.item_info("###fit").rect_full, plates[-1][1]
        assert (readout_high.y <= bar.min.y) == above
        assert above or readout_high.x <= bar.min.x

    drive(test, panels=PANELS, session=session(), size=(width, 700))
