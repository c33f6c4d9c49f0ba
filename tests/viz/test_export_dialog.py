"""The export dialog, and what becomes of an export in the window."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import imgui

from renderer.protocol import Sheet
from renderer.request import RenderRequest, Seed
from tests.viz.conftest import FakeClient
from viz.export_dialog import ExportDialog
from viz.panel import Panel
from viz.store import ExportOptions

SHEETS = tuple(Sheet((RenderRequest(snapshot=f"{i}.pkl", source=Seed(7)),)) for i in range(12))


def panel(sheets: tuple[Sheet, ...] = SHEETS, *, moving: bool = False) -> Panel:
    dialog = ExportDialog()

    def draw(session, context):
        if imgui.button("Export…"):
            dialog.open("Export the timeline", lambda _: sheets, "timeline", moving=moving)
        dialog.draw(context)
        return session

    return Panel("Host", "", "right", 0, draw)


def open_dialog(gui) -> None:
    gui.ctx.set_ref("Host")
    gui.ctx.item_click("Export…")
    gui.frames(3)
    gui.ctx.set_ref("//$FOCUSED")


def test_what_is_chosen_is_exported_and_remembered(drive, tmp_path: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_dialog(gui)
        gui.ctx.combo_click("##Frames/24 per second")
        gui.ctx.item_input_value("##Stay", 0.25)
        gui.ctx.item_click("Size/2×")
        gui.ctx.item_click("Export")
        gui.settle()
        ((sheets, path, fps, session),) = client.exports
        assert [s.requests for s in sheets] == [s.requests for s in SHEETS]
        assert {(s.hold, s.scale) for s in sheets} == {(6, 2.0)}
        assert (Path(path), fps) == (tmp_path / "captures" / "timeline.mp4", 24.0)
        assert f'"snapshot":"{gui.app.session.render.snapshot}"' in session
        assert gui.app.settings.export == ExportOptions("mp4", 24.0, 0.25, 2.0)

    drive(test, client=client, panels=(panel(),))
