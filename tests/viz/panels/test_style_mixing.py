"""The Style mixing panel, driven as a user would."""

from __future__ import annotations

from dataclasses import replace

import pytest
from imgui_bundle import ImVec2
from msgspec import structs

from renderer.messages.request import MixSource, Plane, SavedW, Seed
from renderer.messages.to_renderer import BACKGROUND
from tests.viz.conftest import FakeClient
from viz.desk.facts import FileEntry
from viz.panels import picture, style_mixing
from viz.session.session import Session

PANELS = (picture.PANEL, style_mixing.PANEL)
ROWS = 10


def session(*mix: MixSource) -> Session:
    return Session().with_render(snapshot="net.safetensors", source=Plane(2.5, 1.0), mix=mix)


def open_panel(gui) -> None:
    gui.focus("Style mixing")
    gui.ctx.set_ref("Style mixing")


def weights(gui, index: int = 0) -> tuple[float, ...]:
    stored = gui.app.cell.now.render.mix[index].weights
    return (*stored, *([0.0] * (ROWS - len(stored))))


def at(gui, column: int, row: int, share: float) -> ImVec2:
    """A position `share` of the way across a cell."""
    box = gui.ctx.item_info(f"**/##w{column},{row}").rect_full
    return ImVec2(box.min.x + share * (box.max.x - box.min.x), (box.min.y + box.max.y) / 2)


def test_sources_are_added_and_removed(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("###add_seed")
        gui.ctx.item_click("###add_current")
        gui.settle()
        first, second = gui.context.frame.request.mix
        assert isinstance(first.source, Seed)
        assert weights(gui) == (0.0,) * 6 + (1.0,) * 4, "the fine rows, so that it is seen"
        assert second.source == Plane(2.5, 1.0)
        gui.ctx.item_click("**/source0/###remove")
        assert gui.app.cell.now.render.mix == (second,)
        gui.ctx.item_click("###clear")
        assert gui.app.cell.now.render.mix == ()
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.mix == (second,)

    drive(test, panels=PANELS, session=session())


def test_a_source_is_edited_in_its_header(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_input_value("**/source0/##seed", "123456")
        gui.ctx.item_input_value("**/source1/##x", 7.5)
        gui.ctx.item_click("**/source1/##enabled")
        seed, point = gui.app.cell.now.render.mix
        assert seed.source == Seed(123456)
        assert point.source == Plane(7.5, 3.0)
        assert (seed.enabled, point.enabled) == (True, False)

    drive(test, panels=PANELS, session=session(MixSource(Seed(1)), MixSource(Plane(4.0, 3.0))))


def test_a_click_toggles_and_a_drag_across_sets_a_weight(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("**/##w0,1")
        assert weights(gui)[1] == 1.0
        gui.ctx.item_click("**/##w0,1")
        assert weights(gui)[1] == 0.0
        gui.ctx.mouse_move_to_pos(at(gui, 0, 0, 0.1))
        gui.ctx.mouse_down()
        gui.ctx.mouse_move_to_pos(at(gui, 0, 0, 0.6))
        gui.ctx.mouse_up()
        gui.settle()
        assert weights(gui)[0] == pytest.approx(0.6, abs=0.02)
        assert weights(gui)[1:] == (0.0,) * (ROWS - 1)
        assert gui.context.frame.request == gui.app.cell.now.render
        gui.keys("Ctrl+Z")
        assert weights(gui)[0] == 0.0
        gui.keys("Ctrl+Y")
        gui.ctx.item_click("**/##w0,0", 1)
        assert weights(gui)[0] == 0.0

    drive(test, panels=PANELS, session=session(MixSource(Seed(1))))


def test_a_drag_down_paints_the_column_in_one_step(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        start, end = at(gui, 1, 0, 0.5), at(gui, 1, 3, 0.5)
        gui.ctx.mouse_move_to_pos(start)
        gui.ctx.mouse_down()
        gui.ctx.mouse_move_to_pos(end)
        gui.ctx.mouse_up()
        gui.frames(2)
        assert weights(gui, 1) == (1.0,) * 4 + (0.0,) * (ROWS - 4)
        assert weights(gui, 0) == (0.5,) * ROWS
        gui.keys("Ctrl+Z")
        assert weights(gui, 1) == (0.0,) * ROWS

    drive(
        test, panels=PANELS, session=session(MixSource(Seed(1), (0.5,) * ROWS), MixSource(Seed(2)))
    )


def test_presets_and_solo(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("**/source0/Coarse")
        assert weights(gui) == (1.0,) * 4 + (0.0,) * 6
        gui.ctx.item_click("**/source0/Fine")
        assert weights(gui) == (0.0,) * 6 + (1.0,) * 4
        gui.ctx.item_click("**/source1/Solo")
        assert [s.enabled for s in gui.app.cell.now.render.mix] == [False, True]
        gui.ctx.item_click("**/source1/Solo")
        assert [s.enabled for s in gui.app.cell.now.render.mix] == [True, True]
        gui.ctx.item_click("**/source0/Fine")  # pressed again, it takes the rows back
        assert weights(gui) == (0.0,) * ROWS

    drive(test, panels=PANELS, session=session(MixSource(Seed(1)), MixSource(Seed(2))))


def test_weights_survive_a_network_with_fewer_rows(drive) -> None:
    wide = MixSource(Seed(1), tuple(i / 18 for i in range(18)))

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("**/##w0,0")
        kept = gui.app.cell.now.render.mix[0]
        assert kept == structs.replace(wide, weights=(1.0, *wide.weights[1:]))

    drive(test, panels=PANELS, session=session(wide))


def test_a_stored_latent_is_chosen_by_its_path(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("**/source0/###file")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_input_value("##File", "/data/projected_w.npz")
        assert gui.app.cell.now.render.mix[0].source == SavedW("/data/projected_w.npz")
        gui.keys("Escape")
        gui.ctx.set_ref("Style mixing")
        gui.ctx.item_click("###add_w")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_input_value("##File", "/data/second.npz")
        gui.frames(2)
        fine = (0.0,) * 6 + (1.0,) * 4
        assert gui.app.cell.now.render.mix[1:] == (MixSource(SavedW("/data/second.npz"), fine),)

    drive(test, panels=PANELS, session=session(MixSource(SavedW("/data/first.npz"))))


def test_a_latent_that_is_carried_is_looked_at_and_stays(drive) -> None:
    carried = SavedW("/gone/w.npz", data=b"carried")

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("**/source0/###file")
        gui.frames(3)
        assert gui.app.cell.now.render.mix[0].source == carried
        gui.ctx.set_ref("//$FOCUSED")
        assert not gui.ctx.item_exists("##Index")
        gui.ctx.item_input_value("##File", "/data/other.npz")
        assert gui.app.cell.now.render.mix[0].source == SavedW("/data/other.npz")

    drive(test, panels=PANELS, session=session(MixSource(carried)))


def test_a_source_shows_its_picture_drawn_in_the_background(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_panel(gui)
        gui.settle()
        small = gui.panel("Style mixing")._miniatures

        def drawn() -> bool:
            found = [small.find(gui.app.cell.now, gui.context, Seed(n)) for n in (1, 2)]
            return None not in found

        gui.until(drawn, "there is no picture of a source")
        streams = {stream for stream, request, _ in client.requests if not request.mix}
        assert streams == {BACKGROUND}, "never in the way of the picture"

    sources = (MixSource(Seed(1), (1.0,)), MixSource(Seed(2), (0.5,)))
    drive(test, panels=PANELS, session=session(*sources), client=client)


def test_a_source_has_no_picture_of_another_network(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        small = gui.panel("Style mixing")._miniatures

        def find(snapshot: str, *run: str):
            entries = tuple(FileEntry(path) for path in run)
            context = replace(gui.context, snapshots=entries)
            return small.find(gui.app.cell.now.with_render(snapshot=snapshot), context, Seed(1))

        gui.until(lambda: find("net.safetensors") is not None, "there is no picture of a source")
        assert find("other.safetensors") is None
        assert find("other.safetensors", "other.safetensors", "another.safetensors") is None
        of_the_run = find("other.safetensors", "net.safetensors", "other.safetensors")
        assert of_the_run is not None, "going through a run, the pictures do not come and go"

    drive(test, panels=PANELS, session=session(MixSource(Seed(1), (1.0,))))


def test_a_source_that_is_added_is_scrolled_to(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        for _ in range(8):
            gui.ctx.item_click("###add_seed")
        gui.settle()
        item = gui.ctx.item_info("**/source7/###remove")
        assert item.rect_clipped.max.x == item.rect_full.max.x
        assert item.rect_clipped.min.x == item.rect_full.min.x
        assert item.rect_full.max.x > item.rect_full.min.x

    drive(test, panels=PANELS, session=session())
