"""Bookmarks: kept, brought back, renamed, removed and put back."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import imgui

from renderer.messages.request import Average, Plane, Seed, Share, Truncation
from viz.panels import bookmarks, latent, picture
from viz.session.session import Session

PANELS = (picture.PANEL, bookmarks.PANEL)

FIRST = "seed 3 · 40 kimg"
"""What the bookmark of `session(3)` is called."""


def session(seed: int, snapshot: str = "net.safetensors") -> Session:
    return Session().with_render(
        snapshot=snapshot, source=Seed(seed), truncation=Truncation(0.1 * seed)
    )


def grid(gui) -> None:
    gui.ctx.set_ref(gui.ctx.window_info("//Bookmarks/grid").window)


def names(gui) -> list[str]:
    return [bookmark.name for bookmark in gui.context.bookmarks]


def test_a_click_brings_everything_back_and_is_one_step(drive) -> None:
    def test(gui) -> None:
        gui.ctx.item_click("//Bookmarks/###Add")
        gui.settle()
        gui.app.cell.set(session(5))
        gui.settle()
        gui.keys("Ctrl+B")
        gui.settle()
        assert names(gui) == [FIRST, "seed 5 · 40 kimg"]
        grid(gui)
        gui.ctx.item_click(FIRST)
        gui.settle()
        assert gui.app.cell.now.render == session(3).render
        assert gui.context.frame.request == session(3).render
        gui.app.actions.undo()
        assert gui.app.cell.now.render == session(5).render

    drive(test, panels=PANELS, session=session(3))


def test_chosen_bookmarks_are_averaged_and_one_slider_goes_between_two(drive) -> None:
    def test(gui) -> None:
        gui.ctx.item_click("//Bookmarks/###Add")
        gui.settle()
        gui.app.cell.set(session(5))
        gui.settle()
        gui.keys("Ctrl+B")
        gui.settle()
        for name in names(gui):
            grid(gui)
            gui.ctx.key_down(imgui.Key.mod_ctrl)
            gui.ctx.item_click(name)
            gui.ctx.key_up(imgui.Key.mod_ctrl)
        gui.ctx.item_click("//Bookmarks/###Average")
        gui.settle()
        render = gui.app.cell.now.render
        shares = tuple(Share(Seed(n), truncation=Truncation(0.1 * n)) for n in (3, 5))
        assert (render.source, render.truncation) == (Average(shares), Truncation())
        gui.focus("Latent")
        gui.ctx.set_ref("Latent")
        gui.ctx.item_input_value("##Between", 0.25)
        gui.settle()
        first, second = gui.app.cell.now.render.source.parts
        assert (first.weight, second.weight) == (0.75, 0.25)
        gui.app.actions.undo()
        gui.app.actions.undo()
        assert gui.app.cell.now.render == session(5).render

    drive(test, panels=(*PANELS, latent.PANEL), session=session(3))


def test_a_bookmark_of_another_network_opens_that_network(drive) -> None:
    def test(gui) -> None:
        gui.ctx.item_click("//Bookmarks/###Add")
        gui.settle()
        gui.app.actions.open_snapshot("other.safetensors")
        gui.settle()
        assert gui.context.model.path == "other.safetensors"
        grid(gui)
        gui.ctx.item_click(FIRST)
        gui.settle()
        assert gui.context.model.path == "net.safetensors"
        assert gui.context.frame.request == session(3).render

    drive(test, panels=PANELS, session=session(3))


def test_a_bookmark_is_named_by_what_it_is(drive) -> None:
    def test(gui) -> None:
        gui.keys("Ctrl+B")
        gui.settle()
        gui.keys("Ctrl+B")
        gui.settle()
        gui.app.cell.set(session(3).with_render(source=Plane(1.5, 0.25)))
        gui.settle()
        gui.keys("Ctrl+B")
        gui.settle()
        assert sorted(names(gui)) == sorted(
            ["seed 13 · 40 kimg", "seed 13 · 40 kimg (2)", "x 1.50, y 0.25 · 40 kimg"]
        )

    drive(test, panels=PANELS, session=session(3).with_render(source=Plane(13.0, 0.0)))


def test_renamed_removed_and_put_back(drive, home: Path) -> None:
    def test(gui) -> None:
        gui.ctx.item_click("//Bookmarks/###Add")
        gui.settle()
        grid(gui)
        gui.ctx.item_click(FIRST, imgui.MouseButton_.right)
        gui.ctx.item_click("//$FOCUSED/##Name")
        gui.ctx.key_chars_replace_enter("눈 덮인 산")
        gui.settle()
        assert names(gui) == ["눈 덮인 산"]
        assert (home / "bookmarks" / "눈 덮인 산.png").exists()
        grid(gui)
        gui.ctx.item_click("눈 덮인 산", imgui.MouseButton_.right)
        gui.ctx.item_click("//$FOCUSED/Remove")
        gui.settle()
        assert names(gui) == []
        assert not (home / "bookmarks" / "눈 덮인 산.png").exists()
        gui.ctx.item_click("//Bookmarks/Put back")
        gui.settle()
        assert names(gui) == ["눈 덮인 산"]
        grid(gui)
        gui.app.cell.set(session(8))
        gui.ctx.item_click("눈 덮인 산")
        gui.settle()
        assert gui.app.cell.now.render == session(3).render

    drive(test, panels=PANELS, session=session(3))


def test_bookmarks_are_there_at_the_next_start(drive) -> None:
    def keep(gui) -> None:
        gui.ctx.item_click("//Bookmarks/###Add")
        gui.settle()

    def look(gui) -> None:
        assert names(gui) == [FIRST]
        assert gui.context.bookmarks[0].session.render == session(3).render

    drive(keep, panels=PANELS, session=session(3))
    drive(look, panels=PANELS, session=session(4))
