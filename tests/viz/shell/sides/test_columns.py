"""The sides of the window: collapsed by keys, opened from strips, and as wide as text needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from imgui_bundle import imgui

from tests.paths import ROOT
from viz.desk.settings import Settings
from viz.disk.store import Store
from viz.shell.commands import view
from viz.shell.sides.docks import SIDES
from viz.shell.sides.sharing import ACROSS
from viz.shell.sides.strip import KEYS

OLDER = ROOT / "tests" / "data" / "layout-before-strips.ini"


def window(title: str) -> imgui.internal.Window:
    return imgui.internal.find_window_by_name(title)


def width(title: str) -> float:
    return float(window(title).size.x)


def shown(title: str) -> bool:
    found = window(title)
    return found is not None and bool(found.active)


def test_strips_name_the_keys_that_their_commands_have() -> None:
    keys = {command.name: command.keys for command in view.COMMANDS}
    assert {side: (key,) for side, key in KEYS.items()} == {s: keys[f"view.{s}"] for s in SIDES}


@pytest.mark.parametrize("size", [(1024, 640), (700, 480), (560, 400), (1280, 720)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_picture_is_the_widest_thing_of_a_small_window(drive, size, scale) -> None:
    def test(gui) -> None:
        picture = window("Picture")
        others = [p.title for p in gui.app.panels if p.title != "Picture" and shown(p.title)]
        assert all(width(title) < 0.85 * picture.size.x for title in others if side(gui, title))
        assert picture.size.x > size[0] * scale * 0.4
        assert picture.size.y > size[1] * scale * 0.55
        assert shown("Latent") == (size[0] >= 1024)

    def side(gui, title: str) -> bool:
        return any(
            p.title == title for s in ("left", "right") for p in gui.app.columns.panels_of(s)
        )

    drive(test, size=size, scale=scale)


def test_larger_text_widens_the_columns_until_they_collapse_and_back(drive) -> None:
    def test(gui) -> None:
        before = width("Latent")
        for text in (1.2, 1.5, 2.0):
            gui.app.actions.change_settings(scale=text)
            gui.frames(4)
            for title in ("Latent", "Layers"):
                em = 15 * text
                assert not shown(title) or width(title) >= ACROSS.side * em - 1
            assert width("Picture") > ACROSS.least_picture * 15
        assert not shown("Layers")
        gui.app.actions.change_settings(scale=1.0)
        gui.frames(4)
        assert shown("Layers")
        assert width("Latent") == pytest.approx(before, abs=2)

    drive(test)


def test_keys_collapse_the_sides_and_the_next_start_remembers_it(drive, home: Path) -> None:
    sides = {"T": "Latent", "N": "Layers", "J": "Style mixing"}

    def first(gui) -> None:
        for key, title in sides.items():
            assert shown(title)
            gui.keys(key)
            gui.frames(2)
            assert not shown(title)
        gui.keys("N")
        gui.frames(2)
        assert shown("Layers")

    def second(gui) -> None:
        assert [shown(title) for title in sides.values()] == [False, True, False]
        gui.keys("T")
        gui.frames(2)
        assert shown("Latent")
        assert not window("Layers").hidden

    drive(first)
    drive(second, settings=Store(home).load_settings())


def test_a_strip_opens_a_panel_in_front_of_its_tabs_and_collapses_it_again(drive) -> None:
    def test(gui) -> None:
        assert not shown("Discriminator")
        gui.ctx.item_click("//Strip right/###Discriminator")
        gui.frames(3)
        assert gui.app.columns.in_front("Discriminator")
        assert shown("Discriminator")
        assert not shown("Latent"), "there is room for one column only"
        assert width("Picture") > 300
        gui.ctx.item_click("//Strip right/###Discriminator")
        gui.frames(3)
        assert not shown("Discriminator")
        assert shown("Latent")
        gui.ctx.item_click("//Strip bottom/###Bookmarks")
        gui.frames(3)
        assert gui.app.columns.in_front("Bookmarks")

    drive(test, size=(1024, 640))


def test_a_panel_asked_for_while_the_layout_is_new_opens_its_side(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.reset_layout()
        gui.frames(1)
        gui.app.host.focus_panel("Training")
        gui.frames(8)
        assert gui.app.columns.in_front("Training")

    drive(test, size=(700, 480))


def test_a_low_column_shows_one_panel_at_a_time_instead_of_three_stubs(drive) -> None:
    def test(gui) -> None:
        assert shown("Latent")
        assert not shown("Truncation")
        assert window("Latent").size.y > 400
        gui.ctx.item_click("//Strip left/###Truncation")
        gui.frames(3)
        assert shown("Truncation")
        assert not shown("Latent")
        gui.app.actions.run_command("panel.snapshot")
        gui.frames(3)
        assert shown("Snapshot")
        assert gui.app.columns.in_front("Snapshot")

    drive(test, size=(1024, 640))


def test_what_comes_by_itself_opens_no_side_that_is_collapsed(drive) -> None:
    def test(gui) -> None:
        gui.keys("N")
        gui.app.host.offer_panel("Training")
        gui.frames(3)
        assert not shown("Training")
        gui.keys("N")
        gui.frames(3)
        assert gui.app.columns.in_front("Training")
        gui.keys("N")
        gui.app.host.focus_panel("Layers")
        gui.frames(3)
        assert gui.app.columns.in_front("Layers")

    drive(test)


def test_the_tab_in_front_is_never_scrolled_out_of_sight(drive) -> None:
    def test(gui) -> None:
        for title in ("Performance", "Style mixing", "Timeline"):
            gui.focus(title)
            gui.frames(40)
            bar = window(title).dock_node.tab_bar
            tab = imgui.internal.tab_bar_find_tab_by_id(bar, window(title).tab_id)
            start = tab.offset - bar.scrolling_anim
            assert start >= -1
            assert start + tab.width <= bar.bar_rect.max.x - bar.bar_rect.min.x + 1

    drive(test, size=(760, 900))


def test_the_sides_are_in_their_places_after_collapsing_and_a_new_start(drive, tmp_path) -> None:
    layout, places = tmp_path / "layout.ini", {}

    def first(gui) -> None:
        places.update({t: (width(t), window(t).pos.x) for t in ("Latent", "Layers")})
        gui.focus("Noise")
        gui.focus("Discriminator")
        gui.keys("N")
        gui.keys("T")
        gui.frames(3)

    def second(gui) -> None:
        assert not shown("Latent")
        gui.keys("N")
        gui.keys("T")
        gui.frames(4)
        assert gui.app.columns.in_front("Discriminator")
        assert gui.app.columns.in_front("Noise")
        for title in places:
            gui.focus(title)
            assert (width(title), window(title).pos.x) == pytest.approx(places[title], abs=2)

    drive(first, layout=layout)
    collapsed = Settings(collapsed=("left", "right"), met_timeline=True)
    drive(second, layout=layout, settings=collapsed)


def test_a_layout_of_an_older_version_opens_as_it_was(drive, tmp_path) -> None:
    layout = tmp_path / "layout.ini"
    shutil.copy(OLDER, layout)

    def test(gui) -> None:
        assert width("Latent") == pytest.approx(420, abs=2)
        assert not shown("Performance"), "the user had closed it"
        assert [p.title for p in gui.app.columns.panels_of("left")] == [
            "Snapshot",
            "Latent",
            "Noise",
            "Transform",
            "Directions",
        ], "a panel that is new has its place beside the others"
        assert {"Truncation", "Projection"} <= {p.title for p in gui.app.columns.panels_of("right")}
        assert gui.app.columns.in_front("Latent")
        gui.app.actions.reset_layout()
        gui.frames(8)
        assert "Truncation" in [p.title for p in gui.app.columns.panels_of("left")]
        assert width("Latent") < 400

    drive(test, layout=layout)


def test_an_edge_that_is_dragged_stays_where_it_was_put(drive) -> None:
    def test(gui) -> None:
        latent = window("Latent")
        edge = latent.pos.x + latent.size.x + 1.5
        gui.ctx.mouse_move_to_pos((edge, 300))
        gui.ctx.mouse_down(0)
        gui.ctx.mouse_move_to_pos((edge + 60, 300))
        gui.ctx.mouse_up(0)
        gui.frames(5)
        assert latent.size.x == pytest.approx(edge + 58.5, abs=4)
        gui.keys("T")
        gui.keys("T")
        gui.frames(3)
        assert latent.size.x == pytest.approx(edge + 58.5, abs=4)

    drive(test)
