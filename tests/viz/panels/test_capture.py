"""Captured files bring everything back."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
from imgui_bundle import imgui
from msgspec import structs
from PIL import Image

from renderer.messages.request import ChannelEdit, LayerView, Noise, Plane, Seed, Truncation
from viz.disk import file_manager
from viz.panels import capture, picture
from viz.session import comparing
from viz.session.session import Motion, Session, View

PANELS = (picture.PANEL, capture.PANEL)
SESSION = Session(
    view=View(fit=False, zoom=3.0, center=(0.25, 0.5)), motion=Motion(drag_speed=5.0)
).with_render(
    snapshot="net.safetensors",
    source=Plane(1.25, -7.5, 64),
    truncation=Truncation(0.4, 6),
    noise=Noise("random", 9, 0.5, (("b8.conv0", 2.0),)),
    edits=(ChannelEdit("b8.conv1", 3, 0.0),),
    view=LayerView("b8.conv1", "channel", 3, colormap="magma"),
)


def press(gui, name: str) -> None:
    gui.ctx.set_ref(gui.ctx.window_info("//Capture/controls").window)
    gui.ctx.item_click(f"###{name}")
    gui.settle()


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "captures").rglob("*.png"))


def test_a_captured_picture_dropped_on_the_window_restores_its_session(
    drive, tmp_path: Path
) -> None:
    def test(gui) -> None:
        pixels = gui.context.frame.pixels.copy()
        press(gui, "Save picture")
        (path,) = files(tmp_path)
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.asarray(image), pixels[..., :3])
        assert gui.context.captured[0].path == str(path)
        assert gui.context.captured[0].bytes == path.stat().st_size
        gui.app.cell.set(
            Session().with_render(snapshot="net.safetensors", source=Seed(1), edits=())
        )
        gui.settle()
        gui.drop(str(path))
        gui.settle()
        assert gui.app.cell.now == SESSION
        np.testing.assert_array_equal(gui.context.frame.pixels, pixels)
        gui.app.actions.undo()
        assert gui.app.cell.now.render.source == Seed(1)

    drive(test, panels=PANELS, session=SESSION)


def test_a_window_carries_its_session_and_is_as_large_as_the_window(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        press(gui, "Save window")
        (path,) = files(tmp_path)
        with Image.open(path) as image:
            assert image.size == (1000, 700)
        gui.app.cell.set(Session().with_render(snapshot="net.safetensors"))
        gui.settle()
        gui.ctx.set_ref(gui.ctx.window_info("//Capture/files").window)
        gui.ctx.item_click("$$0/##open", imgui.MouseButton_.right)
        gui.ctx.item_click("//$FOCUSED/Restore its session")
        gui.settle()
        assert gui.app.cell.now == SESSION

    drive(test, panels=PANELS, session=SESSION, size=(1000, 700))


def test_a_sequence_holds_every_picture_in_order(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        press(gui, "Record")
        for seed in (4, 5, 6):
            gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(seed)))
            gui.settle()
        assert gui.context.recording.frames == 3
        press(gui, "Record")
        assert gui.context.recording is None
        written = files(tmp_path)
        assert len(written) == 3
        gui.app.actions.restore(str(written[1]))
        gui.settle()
        assert gui.app.cell.now.render.source == Seed(5)

    drive(test, panels=PANELS, session=SESSION)


def test_the_command_line_is_copied(drive) -> None:
    def test(gui) -> None:
        press(gui, "Copy command")
        words = shlex.split(imgui.get_clipboard_text())
        assert words[:5] == ["python", "visualizer.py", "generate", "--network", "net.safetensors"]
        assert "--seeds" in words

    drive(
        test,
        panels=PANELS,
        session=Session().with_render(snapshot="net.safetensors", source=Seed(4)),
    )


def test_a_typed_folder_is_used_from_then_on(drive, tmp_path: Path) -> None:
    folder = tmp_path / "그림"

    def test(gui) -> None:
        gui.ctx.set_ref(gui.ctx.window_info("//Capture/controls").window)
        gui.ctx.item_click("##Folder")
        gui.ctx.key_chars_replace_enter(str(folder))
        press(gui, "Save picture")
        press(gui, "Save picture")
        assert [p.name for p in sorted(folder.iterdir())] == ["net-0001.png", "net-0002.png"]

    drive(test, panels=PANELS, session=SESSION)


def test_a_saved_session_is_restored_from_its_json(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        path = tmp_path / "kept.json"
        gui.app.actions.save_session(str(path))
        gui.app.cell.set(structs.replace(SESSION, view=View()).with_render(source=Seed(2)))
        gui.settle()
        gui.app.actions.restore(str(path))
        gui.settle()
        assert gui.app.cell.now == SESSION

    drive(test, panels=PANELS, session=SESSION)


def test_capturing_names_what_it_will_write(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        command = next(c for c in gui.app.commands if c.name == "capture.picture")
        gui.until(lambda: gui.context.upcoming.endswith("net-0001.png"))
        assert "net-0001.png (64 × 64)" in command.explain(gui.app)
        gui.keys("Ctrl+S")
        gui.settle()
        assert [path.name for path in files(tmp_path)] == ["net-0001.png"]
        gui.until(lambda: gui.context.upcoming.endswith("net-0002.png"))
        gui.app.cell.set(comparing.kept(gui.app.cell.now))
        gui.settle()
        told = command.explain(gui.app)
        assert "The comparison" in told
        assert "comparison.png (129 × 64)" in told

    there = SESSION.with_render(view=None, edits=(), snapshot=str(tmp_path / "net.safetensors"))
    drive(test, panels=PANELS, session=there)


def test_what_was_written_can_be_shown_in_its_folder(drive, tmp_path: Path, monkeypatch) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(file_manager, "reveal", shown.append)

    def test(gui) -> None:
        gui.keys("Ctrl+S")
        gui.settle()
        (path,) = files(tmp_path)
        gui.ctx.item_click("**/###reveal")
        gui.until(lambda: bool(shown))
        assert shown == [path]
        gui.app.actions.notify("Something else.")
        gui.frames(2)
        assert not gui.ctx.item_exists("**/###reveal")

    drive(test, panels=PANELS, session=SESSION)


def test_a_file_manager_that_is_not_there_is_told_and_blocks_nothing(
    drive, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(file_manager, "command", lambda path, **_: [str(tmp_path / "nowhere")])

    def test(gui) -> None:
        gui.app.actions.reveal(str(tmp_path))
        gui.until(lambda: gui.app.messages.last is not None and gui.app.messages.last.error)
        assert "cannot be shown in its folder" in gui.app.messages.last.text
        gui.app.actions.reveal(str(tmp_path / "gone.png"))
        gui.until(lambda: "not there any more" in gui.app.messages.last.text)

    drive(test, panels=PANELS, session=SESSION)


def test_every_system_is_asked_in_its_own_way() -> None:
    file = Path("/a b/c.png")
    assert file_manager.command(file, is_folder=False, platform="linux") == ["xdg-open", "/a b"]
    assert file_manager.command(file, is_folder=True, platform="linux")[-1] == str(file)
    assert file_manager.command(file, is_folder=False, platform="darwin")[:2] == ["open", "-R"]
    windows = file_manager.command(file, is_folder=False, platform="win32")
    assert windows == f'explorer /select,"{file}"'


def test_a_recording_is_seen_in_the_status_bar_and_ended_there(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        gui.keys("Ctrl+E")
        for _ in range(2):
            gui.keys("Right")
            gui.settle()
        assert gui.context.recording.frames == 2
        gui.ctx.item_click("**/###recording")
        gui.settle()
        assert gui.context.recording is None
        assert "Recorded 2 pictures" in gui.app.messages.last.text

    drive(test, panels=PANELS, session=SESSION)
