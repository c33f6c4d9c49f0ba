"""The contact sheet: many seeds at once, to go to, to star and to take along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
from imgui_bundle import imgui
from msgspec import structs

from common import units
from renderer.messages.journey import Journey, Key
from renderer.messages.request import MixSource, RenderRequest, Seed, Truncation
from renderer.messages.to_renderer import BACKGROUND
from tests.viz.conftest import FakeClient
from viz.desk.facts import FileEntry
from viz.desk.settings import ContactSheetSettings, Settings
from viz.panels.contact_sheet.layout import Cell, cells_of
from viz.session.session import Session

NET = "net.safetensors"
BASE = RenderRequest(NET, Seed(1), truncation=Truncation(0.5), mix=(MixSource(Seed(3), (1.0,)),))
KEYS = tuple(Key(structs.replace(BASE, source=Seed(90 + i)), float(i)) for i in range(3))
SESSION = Session(BASE, journey=Journey(KEYS, 2.0))


def open_panel(gui) -> None:
    gui.focus("Contact sheet")
    gui.settle()
    gui.ctx.set_ref("Contact sheet")


def grid(gui):
    return gui.ctx.window_info("//Contact sheet/grid").window


def test_a_click_goes_to_the_seed_with_everything_else_as_it_is(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(grid(gui))
        gui.ctx.item_click(f"7##{NET}")
        gui.settle()
        assert gui.app.cell.now.render == structs.replace(BASE, source=Seed(7))
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render == BASE

    drive(test, session=SESSION)


def test_only_pictures_in_view_are_drawn_and_all_are_exported(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.combo_click("##Count/300 seeds")

        def drawn() -> set:
            return {r.source for stream, r, _ in client.requests if stream == BACKGROUND}

        gui.until(lambda: {Seed(i) for i in range(8)} <= drawn(), "those in view are not drawn")
        gui.frames(60)
        assert Seed(299) not in drawn()
        gui.ctx.item_click("###Export")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Export")
        gui.settle()
        ((sheets, path, _, _),) = client.exports
        (sheet,) = sheets
        assert [r.source for r in sheet.requests] == [Seed(i) for i in range(300)]
        assert {r.truncation for r in sheet.requests} == {Truncation(0.5)}
        assert sheet.labels[:2] == ("0", "1")
        assert Path(path).name == "seeds.png"

    drive(test, client=client, session=SESSION)


def test_stars_are_kept_in_the_session_and_can_be_all_that_is_shown(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(grid(gui))
        for seed in (2, 5):
            gui.ctx.item_click(f"{seed}##{NET}", 1)
            gui.frames(2)
            gui.ctx.set_ref("//$FOCUSED")
            gui.ctx.item_click("Star")
            gui.frames(2)
            gui.ctx.set_ref(grid(gui))
        assert gui.app.cell.now.stars == (2, 5)
        gui.ctx.set_ref("Contact sheet")
        gui.ctx.item_click("###Stars")
        gui.frames(2)
        gui.ctx.set_ref(grid(gui))
        assert gui.ctx.item_exists(f"5##{NET}")
        assert not gui.ctx.item_exists(f"3##{NET}")

    drive(test, session=SESSION)


def test_a_seed_is_taken_into_the_journey(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(grid(gui))
        gui.ctx.item_click(f"4##{NET}", 1)
        gui.frames(2)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Add to the journey")
        gui.settle()
        keys = gui.app.cell.now.journey.keys
        assert [key.time for key in keys] == [0.0, 1.0, 2.0, 3.0]
        assert keys[-1].render.source == Seed(4)

    drive(test, session=SESSION)


def drag_to_ruler(gui, cell: str, x: float, shot=None) -> None:
    """Drag a cell over the tab of the journey to a share `x` of the width of its ruler."""
    gui.app.host.show_panel("Journey", True)
    gui.settle()
    gui.focus("Journey")
    gui.settle()
    gui.ctx.set_ref(gui.ctx.window_info("//Journey/ruler").window)
    place = gui.ctx.item_info("##ground").rect_full
    goal = imgui.ImVec2(x * place.max.x + (1 - x) * place.min.x, place.min.y + 6)
    gui.focus("Contact sheet")
    gui.settle()
    gui.ctx.set_ref(grid(gui))
    gui.ctx.mouse_move(cell)
    gui.ctx.mouse_down(0)
    start = imgui.get_mouse_pos()
    gui.ctx.mouse_move_to_pos(imgui.ImVec2(start.x + 20, start.y))
    gui.app.host.focus_panel("Journey")
    gui.frames(4)
    gui.ctx.mouse_move_to_pos(goal)
    gui.frames(2)
    gui.ctx.mouse_up(0)
    gui.settle()


def test_the_largest_seed_is_dragged_onto_the_ruler(drive) -> None:
    largest = 2**32 - 1

    def test(gui) -> None:
        open_panel(gui)
        sheet = gui.panel("Contact sheet")
        sheet.first = largest
        drag_to_ruler(gui, f"{largest}##{NET}", 0.75)
        keys = gui.app.cell.now.journey.keys
        assert len(keys) == 4
        assert keys[2].render.source == Seed(largest)
        assert 1.2 < keys[2].time < 1.8

    drive(test, session=SESSION)


def test_a_cell_of_another_snapshot_is_a_key_of_that_snapshot(drive, monkeypatch) -> None:
    entries = tuple(FileEntry(f"{kimg}.pkl", kimg=kimg) for kimg in (10, 20))

    def of_a_run(session, context, seeds, mode):
        return cells_of(session, replace(context, snapshots=entries), seeds, "matrix")

    monkeypatch.setattr("viz.panels.contact_sheet.panel.cells_of", of_a_run)

    def test(gui) -> None:
        open_panel(gui)
        drag_to_ruler(gui, f"{units.kimg(10)}, 4##10.pkl", 0.75)
        keys = gui.app.cell.now.journey.keys
        assert len(keys) == 4
        assert (keys[2].render.snapshot, keys[2].render.source) == ("10.pkl", Seed(4))

    drive(test, session=SESSION)


def test_a_cell_is_dropped_where_there_is_no_journey_yet(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.app.host.show_panel("Journey", True)
        gui.settle()
        gui.focus("Contact sheet")
        gui.ctx.set_ref(grid(gui))
        gui.ctx.mouse_move(f"6##{NET}")
        gui.ctx.mouse_down(0)
        at = imgui.get_mouse_pos()
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(at.x + 20, at.y))
        gui.app.host.focus_panel("Journey")
        gui.frames(4)
        gui.ctx.mouse_up(0)
        gui.settle()
        assert [key.render.source for key in gui.app.cell.now.journey.keys] == [Seed(6)]

    drive(test, session=Session(BASE))


def test_a_row_for_each_snapshot(drive) -> None:
    def test(gui) -> None:
        entries = tuple(FileEntry(f"{kimg}.pkl", kimg=kimg) for kimg in (10, 20))
        context = replace(gui.context, snapshots=entries)
        cells = cells_of(SESSION, context, (1, 2, 3), "matrix")
        assert [cell.request.snapshot for cell in cells] == ["10.pkl"] * 3 + ["20.pkl"] * 3
        assert [cell.seed for cell in cells] == [1, 2, 3, 1, 2, 3]
        assert cells.columns == 3
        plain = cells_of(SESSION, gui.context, (1, 2), "seeds")
        assert [cell.request.source for cell in plain] == [Seed(1), Seed(2)]
        assert all(not cell.request.mix for cell in plain)
        assert plain.columns == 0

    drive(test, session=SESSION)


def test_of_a_long_run_only_what_is_in_view_is_looked_at(drive, monkeypatch) -> None:
    made: list[int] = []

    def of_a_run(session, context, seeds, mode):
        entries = tuple(FileEntry(f"{kimg}.pkl", kimg=kimg) for kimg in range(400))
        return cells_of(session, replace(context, snapshots=entries), seeds, "matrix")

    def counted(*args) -> Cell:
        made.append(args[0])
        return Cell(*args)

    monkeypatch.setattr("viz.panels.contact_sheet.panel.cells_of", of_a_run)
    monkeypatch.setattr("viz.panels.contact_sheet.layout.Cell", counted)

    def test(gui) -> None:
        open_panel(gui)
        made.clear()
        gui.frames(10)
        assert 0 < len(made) < 10 * 300, "of the 120000 cells"
        assert max(made) < 299

    drive(
        test,
        session=SESSION,
        settings=Settings(contact_sheet=ContactSheetSettings(count=300)),
    )


def test_any_number_of_seeds_may_be_typed(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        for typed, expected in (("17", 17), ("1", 2), ("999", 300)):
            gui.ctx.set_ref("Contact sheet")
            gui.ctx.item_click("##Count")
            gui.frames(2)
            gui.ctx.set_ref("//$FOCUSED")
            gui.ctx.item_input_value("##Typed", typed)
            gui.frames(2)
            assert gui.app.settings.now.contact_sheet.count == expected

    drive(test, session=SESSION)


def test_how_many_seeds_are_shown_is_remembered(drive, home: Path) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.combo_click("##Count/60 seeds")
        gui.ctx.combo_click("##Side/Large")
        gui.settle()

    drive(test, session=SESSION)
    stored = msgspec.json.decode((home / "settings.json").read_bytes(), type=Settings)
    assert (stored.contact_sheet.count, stored.contact_sheet.side) == (60, 8.0)

    def again(gui) -> None:
        open_panel(gui)
        assert len(gui.panel("Contact sheet")._cells(gui.app.cell.now, gui.context)) == 60

    drive(again, session=SESSION, settings=stored)
