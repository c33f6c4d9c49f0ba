"""The export dialog, and what becomes of an export in the window."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec import structs
from PIL import Image

from common.progress import never, silent
from renderer.messages.failure import Failure
from renderer.messages.jobs import Export, Sheet, Work
from renderer.messages.request import LayerView, RenderRequest, Seed
from renderer.messages.to_window import JobFailed
from renderer.pictures import sequence
from tests.viz.conftest import FakeClient, make_model
from viz.desk.panel import Panel
from viz.desk.settings import ExportOptions, Settings
from viz.disk.pictures import read_session
from viz.export.exports import free_path, size_of
from viz.export.naming import target_of
from viz.session import comparing
from viz.session.session import Session

SHEETS = tuple(
    Sheet((RenderRequest(snapshot=f"{i}.pkl", source=Seed(7)),), labels=(f"{i} kimg",))
    for i in range(12)
)


class WritingClient(FakeClient):
    """Writes what is exported, in grey."""

    def start(self, work: Work) -> int:
        def draw(request: RenderRequest) -> np.ndarray:
            return np.full((32, 32, 4), 128, np.uint8)

        if isinstance(work, Export):
            sequence.write(work, draw, silent, never)
        return super().start(work)


def panel(sheets: tuple[Sheet, ...] = SHEETS, *, moving: bool = False) -> Panel:
    def draw(session, context):
        if imgui.button("Export…"):
            ask = context.actions.ask_export
            ask("Export the timeline", lambda _: sheets, "timeline", moving=moving)
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
        gui.ctx.combo_click("##Size/2 times")
        gui.ctx.item_click("Labels")
        gui.ctx.item_click("Export")
        gui.settle()
        ((sheets, path, fps, session),) = client.exports
        assert [s.requests for s in sheets] == [s.requests for s in SHEETS]
        assert {(s.hold, s.scale, s.labels) for s in sheets} == {(6, 2.0, ())}
        assert (Path(path), fps) == (tmp_path / "captures" / "timeline.mp4", 24.0)
        assert msgspec.json.decode(session, type=Session) == gui.app.cell.now
        assert gui.app.settings.now.export == ExportOptions("mp4", 24.0, 0.25, 2.0, labels=False)
        assert gui.app.messages.last.text == f"Wrote {path}"

        open_dialog(gui)
        gui.ctx.combo_click("##Format/Sequence (PNG)")
        gui.ctx.item_input_value("##Name", "walk/1")  # and Return, which exports
        gui.settle()
        sheets, path, _, _ = client.exports[-1]
        assert {(s.hold, s.scale) for s in sheets} == {(1, 2.0)}
        assert Path(path) == tmp_path / "captures" / "walk" / "1"
        assert gui.app.settings.now.export.seconds == 0.25

    drive(test, client=client, panels=(panel(),))


def test_one_picture_is_a_png_and_what_is_wanted_of_several_is_kept(drive, tmp_path: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_dialog(gui)
        gui.ctx.combo_click("##Format/Picture (PNG)")
        gui.ctx.combo_click("##Size/1080 pixels (Full HD)")
        gui.ctx.item_click("Export")
        gui.settle()
        ((sheets, path, _, _),) = client.exports
        assert Path(path) == tmp_path / "captures" / "timeline.png"
        assert [(sheet.side, sheet.hold) for sheet in sheets] == [(1080, 1)]
        assert gui.app.settings.now.export == ExportOptions("mp4", side=1080)

    drive(test, client=client, panels=(panel(SHEETS[:1]),))


def test_return_exports_also_from_the_name_but_not_what_is_typed_elsewhere(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_dialog(gui)
        gui.ctx.item_input_value("##Stay", 0.25)  # typed, and ended by Return
        gui.settle()
        assert client.exports == []
        gui.keys("Enter")
        gui.settle()
        assert len(client.exports) == 1

        open_dialog(gui)
        gui.ctx.item_click("##Name")
        gui.ctx.key_chars_replace_enter("walk")
        gui.settle()
        assert [Path(path).name for _, path, _, _ in client.exports] == [
            "timeline.mp4",
            "walk.mp4",
        ]

        open_dialog(gui)
        gui.ctx.item_click("##Name")
        gui.ctx.key_chars_replace_enter(" ")
        gui.settle()
        assert len(client.exports) == 2, "nothing has no name"

    drive(test, client=client, panels=(panel(),))


def test_a_whole_path_is_a_name_too(drive, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    client = FakeClient()

    def test(gui) -> None:
        for typed in (f"{tmp_path}/films/walk", "~/walk.mp4"):
            open_dialog(gui)
            gui.ctx.item_click("##Name")
            gui.ctx.key_chars_replace_enter(typed)
            gui.settle()
        assert [path for _, path, _, _ in client.exports] == [
            str(tmp_path / "films" / "walk.mp4"),
            str(tmp_path / "me" / "walk.mp4"),
        ]

    drive(test, client=client, panels=(panel(),))


@pytest.mark.parametrize("typed", ["", " ", "/", "~", "~/", "films/", "..", "a/.."])
def test_what_names_no_file_is_no_target(typed: str) -> None:
    assert target_of(Path("/captures"), typed, ".mp4") is None


@pytest.mark.parametrize(
    ("typed", "suffix", "path"),
    [
        ("walk", ".mp4", "/captures/walk.mp4"),
        ("walk.MP4", ".mp4", "/captures/walk.MP4"),
        ("walk 0.5", ".mp4", "/captures/walk 0.5.mp4"),
        ("films/walk", "", "/captures/films/walk"),
        ("../walk", ".gif", "/walk.gif"),
        ("/a/b/walk.gif", ".mp4", "/a/b/walk.gif.mp4"),
    ],
)
def test_names_and_paths_become_targets(typed: str, suffix: str, path: str) -> None:
    assert target_of(Path("/captures"), typed, suffix) == Path(path)


def test_the_window_can_be_quit_from_the_dialog(drive) -> None:
    asked: list[bool] = []

    def test(gui) -> None:
        gui.app.host.quit = lambda: asked.append(True)
        open_dialog(gui)
        gui.keys("Ctrl+Q")
        gui.ctx.item_click("##Name")
        gui.keys("Ctrl+Q")
        assert asked == [True, True]
        gui.keys("S")
        assert gui.app.cell.now.view == Session().view, "no other shortcut works there"

    drive(test, panels=(panel(),))


def test_frames_of_a_movement_do_not_stay(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_dialog(gui)
        assert not gui.ctx.item_exists("##Stay")
        gui.ctx.item_click("Export")
        gui.settle()
        assert {s.hold for s in client.exports[0][0]} == {1}

    drive(test, client=client, panels=(panel(moving=True),))


def test_cancel_and_escape_export_nothing(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        for leave in (lambda: gui.ctx.item_click("Cancel"), lambda: gui.keys("Escape")):
            open_dialog(gui)
            assert imgui.is_popup_open("", imgui.PopupFlags_.any_popup)
            leave()
            gui.frames(3)
            assert not imgui.is_popup_open("", imgui.PopupFlags_.any_popup)
        assert client.exports == []
        assert gui.app.settings.now.export == ExportOptions()

    drive(test, client=client, panels=(panel(),))


def test_nothing_is_overwritten_and_what_was_written_is_listed(drive, tmp_path: Path) -> None:
    client = WritingClient()

    def test(gui) -> None:
        for _ in range(2):
            open_dialog(gui)
            gui.ctx.combo_click("##Format/Video (MP4)")
            gui.ctx.item_click("Export")
            gui.frames(1)
        gui.settle()
        open_dialog(gui)
        gui.ctx.item_click("Export")
        gui.settle()
        gui.until(lambda: len(client.exports) == 3)
        names = [Path(path).name for _, path, _, _ in client.exports]
        assert names == ["timeline.mp4", "timeline-2.mp4", "timeline.png"]
        gui.until(lambda: len(gui.context.captured) == 3, "not everything was listed")
        listed = gui.context.captured
        assert sorted(Path(entry.path).name for entry in listed) == sorted(names)
        for entry in listed:
            assert entry.bytes == Path(entry.path).stat().st_size
            assert (entry.thumbnail.width, entry.thumbnail.height) == (32, 32)

    settings = Settings(
        capture_folder=str(tmp_path / "captures"), export=ExportOptions(seconds=0.1)
    )
    drive(test, client=client, panels=(panel(SHEETS[:1]),), settings=settings)
    video = tmp_path / "captures" / "timeline.mp4"
    assert read_session(video).render.snapshot.endswith("busts128.safetensors")


def test_a_video_dropped_on_the_window_brings_its_session_back(drive, tmp_path: Path) -> None:
    client = WritingClient()
    path = tmp_path / "a.mp4"

    def test(gui) -> None:
        made = gui.app.cell.now.with_render(source=Seed(77))
        client.start(Export(str(path), SHEETS[:1], 30.0, msgspec.json.encode(made).decode()))
        gui.drop(str(path))
        gui.settle()
        assert gui.app.cell.now.render.source == Seed(77)

    drive(test, client=client, panels=(panel(),))


def test_two_of_one_name_at_once_get_names_of_their_own(drive, tmp_path: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        client.hold = True
        for _ in range(2):
            gui.app.actions.export(SHEETS, str(tmp_path / "a.mp4"))
            gui.frames()
            gui.until(lambda: not gui.app.tasks.pending)
        assert [Path(e[1]).name for e in client.exports] == ["a.mp4", "a-2.mp4"]
        assert [job.label for job in gui.context.jobs] == ["Exporting a.mp4", "Exporting a-2.mp4"]
        client.hold = False
        gui.settle()

    drive(test, client=client, panels=(panel(),))


def test_two_started_before_the_first_has_its_name_do_not_share_it(drive, tmp_path: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        client.hold = True
        for _ in range(3):
            gui.app.actions.export(SHEETS, str(tmp_path / "a.mp4"))
        gui.frames()
        gui.until(lambda: not gui.app.tasks.pending)
        assert [Path(e[1]).name for e in client.exports] == ["a.mp4", "a-2.mp4", "a-3.mp4"]
        client.hold = False
        gui.settle()

    drive(test, client=client, panels=(panel(),))


def test_free_names(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    assert free_path(path) == path
    path.touch()
    (tmp_path / "a-2.mp4").mkdir()
    assert free_path(path, frozenset({tmp_path / "a-3.mp4"})).name == "a-4.mp4"


def test_the_size_told_is_the_size_written(tmp_path: Path) -> None:
    models = {name: make_model(name, resolution=size) for name, size in (("a", 64), ("b", 256))}
    requests = tuple(RenderRequest(snapshot=name) for name in "aba")

    def draw(request: RenderRequest) -> np.ndarray:
        side = models[request.snapshot].resolution
        return np.full((side, side, 4), 9, np.uint8)

    for i, sheet in enumerate(
        (
            Sheet(requests, scale=0.5),
            Sheet(requests, columns=1),
            Sheet(requests[:2], "wipe", scale=2.0),
            Sheet(requests[:1], "grid"),
            Sheet(requests[:2], "difference"),
            Sheet(requests[:1], side=1080),
            Sheet(requests, side=540, columns=3),
            Sheet(requests, side=540, columns=1, smooth=True),
            Sheet(requests[:2], "wipe", side=512),
        )
    ):
        path = tmp_path / f"{i}.png"
        export = Export(str(path), (sheet,))
        sequence.write(export, draw, lambda _f, _t: None, lambda: False)
        with Image.open(path) as image:
            assert size_of(sheet, models) == image.size
            assert not sheet.side or min(image.size) == sheet.side
    assert size_of(Sheet((RenderRequest(snapshot="unknown"),)), models) is None
    looked = structs.replace(requests[0], view=LayerView("b4.conv1"))
    assert size_of(Sheet((looked,)), models) is None


def ask_by_palette(gui, words: str) -> None:
    gui.keys("Ctrl+P")
    gui.ctx.key_chars_replace_enter(words)
    gui.frames(3)
    gui.ctx.set_ref("//$FOCUSED")


def ask_by_menu(gui, words: str) -> None:
    gui.ctx.set_ref("//##MainMenuBar")
    gui.ctx.menu_click(words)
    gui.frames(3)
    gui.ctx.set_ref("//$FOCUSED")


def test_the_picture_is_exported_by_key_menu_and_palette(drive, tmp_path: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        gui.app.cell.set(gui.app.cell.now.with_view(smooth=True))
        gui.settle()
        gui.keys("Ctrl+Shift+E")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.combo_click("##Size/1080 pixels (Full HD)")
        gui.ctx.item_click("Export")
        gui.settle()
        for ask in (
            lambda: ask_by_menu(gui, "File/Export…"),
            lambda: ask_by_palette(gui, "export"),
        ):
            ask()
            gui.ctx.item_click("Export")
            gui.settle()
        assert len(client.exports) == 3
        for sheets, path, _, _ in client.exports:
            (sheet,) = sheets
            assert sheet.requests == (gui.app.cell.now.render,)
            assert (sheet.side, sheet.smooth, sheet.labels) == (1080, True, ())
            assert Path(path).parent == tmp_path / "captures"
            assert Path(path).suffix == ".png"

    drive(test, client=client)


def test_what_is_compared_is_exported_as_it_is_shown(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        gui.app.cell.set(comparing.kept(gui.app.cell.now).with_compare(layout="wipe", split=0.3))
        gui.settle()
        gui.keys("Ctrl+Shift+E")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Export")
        gui.settle()
        ((sheets, path, _, _),) = client.exports
        assert [(sheet.layout, sheet.split) for sheet in sheets] == [("wipe", 0.3)]
        assert Path(path).stem == "comparison"

    drive(test, client=client)


def test_one_dialog_serves_all_and_the_last_that_asks_is_answered(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        for title, sheets in (("First", SHEETS), ("Second", SHEETS[:1])):
            gui.app.actions.ask_export(title, lambda _, sheets=sheets: sheets, title.lower())
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Export")
        gui.settle()
        assert [Path(path).name for _, path, _, _ in client.exports] == ["second.png"]

    drive(test, client=client, panels=())


def test_the_line_says_that_an_export_was_cancelled(drive) -> None:
    class Waiting(FakeClient):
        def start(self, work: Work) -> int:
            if not isinstance(work, Export):
                return super().start(work)
            return next(self._ids)

        def cancel(self, job: int) -> None:
            self.send(JobFailed(job, "", Failure("Cancelled."), cancelled=True))

    def test(gui) -> None:
        open_dialog(gui)
        gui.ctx.item_click("Export")
        gui.until(lambda: bool(gui.context.jobs))
        gui.app.jobs.cancel(gui.context.jobs[0].id)
        gui.settle()
        assert gui.app.messages.last.text == "Export cancelled: timeline.mp4"

    drive(test, client=Waiting(), panels=(panel(),))


@pytest.mark.parametrize(("typed", "expected"), [(23.976, 23.976), (1000.0, 240.0), (0.0, 0.1)])
def test_any_rate_may_be_typed(drive, typed: float, expected: float) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_dialog(gui)
        gui.ctx.item_input_value("##Rate", typed)
        gui.frames(2)
        gui.ctx.item_click("Export")
        gui.settle()
        assert client.exports[-1][2] == pytest.approx(expected)

    drive(test, client=client, panels=(panel(),))


def test_an_export_keeps_a_folder_of_its_own(drive, tmp_path: Path) -> None:
    client = FakeClient()

    def test(gui) -> None:
        gui.app.actions.files.take("exports", str(tmp_path / "films"))
        open_dialog(gui)
        gui.ctx.item_click("Export")
        gui.settle()
        assert Path(client.exports[-1][1]) == tmp_path / "films" / "timeline.mp4"
        assert gui.app.settings.now.captures == tmp_path / "captures"

    drive(test, client=client, panels=(panel(),))
