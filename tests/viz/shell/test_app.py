"""The application as a whole, driven as a user drives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imgui_bundle import imgui
from PIL import Image

from renderer.client.client import StatusChanged
from renderer.messages.jobs import Load
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    Plane,
    RenderRequest,
    Seed,
    Truncation,
)
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import Progress
from viz.desk.panel import Panel
from viz.desk.settings import Settings
from viz.disk import pictures
from viz.disk.bundled import bundled_snapshot
from viz.disk.store import Store, encode
from viz.session.session import Pane, Session


def texts(app) -> str:
    return "\n".join(message.text for message in app.messages.items)


def test_the_window_opens_with_a_picture_and_asks_for_it_once(drive, tmp_path: Path) -> None:
    shot = tmp_path / "window.png"

    def test(gui) -> None:
        gui.shot(shot)
        assert gui.context.frame.request == gui.app.cell.now.render
        gui.frames(10)
        streams = [stream for stream, _, _ in gui.app.client.requests]
        assert streams.count("main") == 1, "an unchanged request is not sent again"

    drive(test)
    with Image.open(shot) as image:
        assert image.size == (1440, 900)
        assert len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)) > 500


def test_twice_the_density_draws_the_same_window_twice_as_large(drive, tmp_path: Path) -> None:
    sizes = {}
    for scale in (1.0, 2.0):

        def test(gui, scale: float = scale) -> None:
            gui.shot(tmp_path / f"{scale}.png")
            window = imgui.internal.find_window_by_name("Truncation")
            sizes[scale] = window.size.x, window.size.y, imgui.get_font_size()

        drive(test, scale=scale)
    ratio = np.array(sizes[2.0]) / np.array(sizes[1.0])
    assert np.allclose(ratio, 2.0, atol=0.03)
    with Image.open(tmp_path / "2.0.png") as image:
        assert image.size == (2880, 1800)


def test_a_snapshot_that_does_not_open_leaves_everything_as_it_was(drive) -> None:
    def test(gui) -> None:
        before = gui.app.cell.now
        gui.app.actions.open_snapshot("/data/missing.pkl")
        gui.settle()
        assert gui.app.cell.now == before
        path, failure = gui.context.load_failure
        assert path == "/data/missing.pkl"
        assert failure.remedy == "Check the path."
        assert (
            gui.app.messages.toasts[-1].text == "/data/missing.pkl: no such file. Check the path."
        )
        gui.app.actions.open_snapshot("/data/good.pkl")
        gui.settle()
        assert gui.context.load_failure is None
        assert gui.app.cell.now.render.snapshot == "/data/good.pkl"
        gui.app.actions.run_command("edit.undo")
        gui.settle()
        assert gui.app.cell.now.render.snapshot == before.render.snapshot

    drive(test)


def test_opening_another_network_drops_what_does_not_fit_it(drive) -> None:
    session = Session().with_render(
        source=Seed(7),
        label=ClassLabel(3),
        edits=(
            ChannelEdit("b4.conv1", 2),
            ChannelEdit("b1024.conv1", 0),
            ChannelEdit("b8.conv0", 9999),
        ),
        view=LayerView("b1024.conv1"),
    )

    def test(gui) -> None:
        render = gui.app.cell.now.render
        assert render.source == Seed(7)
        assert render.label is None
        assert render.edits == (ChannelEdit("b4.conv1", 2),)
        assert render.view is None
        assert not gui.app.cell.can_undo, "opening the first network is no step"

    drive(test, session=session)


def test_a_lost_snapshot_of_the_last_session_falls_back_to_the_bundled_one(drive) -> None:
    def test(gui) -> None:
        assert gui.app.cell.now.render.snapshot == str(bundled_snapshot())
        assert gui.app.cell.now.render.source == Seed(5)
        assert "missing.pkl: no such file" in texts(gui.app)

    session = Session().with_render(snapshot="/data/missing.pkl", source=Seed(5))
    drive(test, session=session)


def test_the_bundled_snapshot_is_found_here_wherever_a_session_saw_it(drive, tmp_path) -> None:
    name = bundled_snapshot().name
    elsewhere = RenderRequest(f"/opt/ganscope/assets/{name}", Seed(5))
    session = Session(elsewhere).with_compare(panes=(Pane(1, elsewhere),))
    file = tmp_path / "session.json"
    file.write_bytes(encode(session))

    def test(gui) -> None:
        for _ in range(2):
            here = gui.app.cell.now
            assert here.render.snapshot == str(bundled_snapshot())
            assert here.compare.panes[0].render.snapshot == str(bundled_snapshot())
            assert here.render.source == Seed(5)
            gui.app.actions.restore(str(file))
            gui.settle()

    drive(test, session=session)


def test_the_session_comes_back_at_the_next_start(drive) -> None:
    def first(gui) -> None:
        gui.keys("Right")
        gui.app.actions.open_snapshot("/data/other.pkl")
        gui.settle()

    left = drive(first).cell.now

    def second(gui) -> None:
        assert gui.app.cell.now.render == left.render
        assert gui.app.cell.now.render.snapshot == "/data/other.pkl"
        assert gui.app.settings.now.recent == ("/data/other.pkl",)

    drive(second)


def test_undo_and_redo_by_keys(drive) -> None:
    def test(gui) -> None:
        start = gui.app.cell.now.render
        gui.keys("Right")
        gui.keys("Right")
        there = gui.app.cell.now.render
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render == start
        gui.keys("Ctrl+Shift+Z")
        gui.keys("Ctrl+Y")
        assert gui.app.cell.now.render == there
        gui.settle()
        assert gui.context.frame.request == there

    drive(test)


def test_dragging_a_slider_is_one_step(drive) -> None:
    def test(gui) -> None:
        start = gui.app.cell.now.render
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_drag_with_delta("##psi", (-60, 0))
        gui.frames(3)
        changed = gui.app.cell.now.render
        assert changed.truncation.psi < 1
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render == start
        assert not gui.app.cell.can_undo

    drive(test)


def test_a_panel_that_raises_shows_it_and_the_rest_goes_on(drive) -> None:
    def broken(session, context):
        imgui.begin_child("child")
        imgui.push_id("left open")
        raise ValueError("no such thing")

    seen: list[int] = []

    def fine(session, context):
        imgui.button("Fine")
        seen.append(1)
        return session

    panels = (Panel("Broken", "", "left", 0, broken), Panel("Good", "", "right", 0, fine))

    def test(gui) -> None:
        count = len(seen)
        gui.frames(5)
        assert len(seen) >= count + 5
        assert "Broken: ValueError: no such thing" in texts(gui.app)
        gui.ctx.set_ref("Good")
        gui.ctx.item_click("Fine")
        gui.ctx.set_ref("Broken")
        gui.ctx.item_click("Try again")
        gui.frames(3)
        assert len(gui.app.bugs) == 2

    drive(test, panels=panels, bugs=True)


def test_a_fault_in_the_core_is_reported_and_drawing_goes_on(drive, monkeypatch) -> None:
    def test(gui) -> None:
        def fails(app) -> None:
            imgui.begin("half done")
            raise RuntimeError("status bar")

        monkeypatch.setattr(gui.app.status, "draw", fails)
        gui.frames(3)
        assert "RuntimeError: status bar" in texts(gui.app)
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_click("##psi")

    drive(test, bugs=True)


@pytest.mark.parametrize(
    "step", ["feed.receive", "images.refresh", "timeline.begin", "lists.refresh", "autosave.step"]
)
def test_a_step_of_the_frame_that_fails_is_told_of_once_and_stops_nothing(
    drive, monkeypatch, step: str
) -> None:
    def test(gui) -> None:
        def fails(*_: object) -> None:
            raise RuntimeError("GLError 1282")

        part, method = step.split(".")
        with monkeypatch.context() as broken:
            broken.setattr(getattr(gui.app, part), method, fails)
            gui.frames(5)
        assert len(gui.app.bugs) >= 5
        assert texts(gui.app).count("GLError 1282") == 1
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_input_value("##psi", 0.5)
        gui.settle()
        assert gui.context.frame.request.truncation.psi == 0.5

    drive(test, bugs=True)


def test_captured_pictures_and_windows_bring_their_session_back(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        gui.keys("Right")
        gui.settle()
        rendered = gui.app.cell.now.render
        pixels = gui.context.frame.pixels.copy()
        gui.keys("Ctrl+S")
        gui.app.actions.run_command("capture.window")
        gui.settle()
        files = {Path(entry.path).name: Path(entry.path) for entry in gui.context.captured}
        assert set(files) == {"busts128-0001.png", "window-0001.png"}
        with Image.open(files["busts128-0001.png"]) as image:
            assert np.array_equal(np.asarray(image), pixels[..., :3])
        for path in files.values():
            gui.keys("Left")
            gui.settle()
            gui.drop(str(path))
            gui.settle()
            assert gui.app.cell.now.render == rendered

    drive(test)


def test_recording_writes_every_new_picture_and_a_full_disk_ends_it(
    drive, tmp_path: Path, monkeypatch
) -> None:
    folder = tmp_path / "captures"

    def test(gui) -> None:
        gui.keys("Ctrl+E")
        for _ in range(3):
            gui.keys("Right")
            gui.settle()
        assert gui.context.recording.frames == 3
        written = sorted(p.name for p in folder.glob("sequence-*/*.png"))
        assert written == ["frame-000000.png", "frame-000001.png", "frame-000002.png"]

        def full(path, pixels, session):
            raise OSError(28, "No space left on device", str(path))

        monkeypatch.setattr(pictures, "write_png", full)
        gui.keys("Right")
        gui.settle()
        assert gui.context.recording is None
        assert "No space left on device" in texts(gui.app)

    drive(test)


def test_bookmarks_are_kept_renamed_removed_and_brought_back(drive, home: Path) -> None:
    def test(gui) -> None:
        gui.keys("Ctrl+B")
        gui.settle()
        (one,) = gui.app.bookmarks.items
        assert one.session.render == gui.app.cell.now.render
        gui.app.actions.rename_bookmark(one.path, "눈: 1/2")
        gui.frames(2)
        (one,) = gui.app.bookmarks.items
        assert one.name == "눈_ 1_2"
        assert Path(one.path).exists()
        gui.app.actions.remove_bookmark(one.path)
        gui.frames(2)
        assert gui.app.bookmarks.items == ()
        assert not Path(one.path).exists()
        gui.app.actions.undelete_bookmark()
        gui.settle()
        assert [b.name for b in gui.app.bookmarks.items] == ["눈_ 1_2"]

    drive(test)
    (kept,) = (home / "bookmarks").glob("*.png")
    (home / "bookmarks" / "damaged.png").write_bytes(kept.read_bytes()[:50])

    def later(gui) -> None:
        assert [b.name for b in gui.context.bookmarks] == ["눈_ 1_2"]

    drive(later)


def test_bookmarks_removed_one_after_the_other_come_back_one_after_the_other(drive) -> None:
    def test(gui) -> None:
        for _ in range(3):
            gui.keys("Ctrl+B")
            gui.settle()
        paths = [bookmark.path for bookmark in gui.context.bookmarks]
        for path in paths:
            gui.app.actions.remove_bookmark(path)
        gui.settle()
        assert gui.context.bookmarks == ()
        for _ in range(4):
            gui.app.actions.undelete_bookmark()
        gui.settle()
        gui.settle()
        assert sorted(bookmark.path for bookmark in gui.context.bookmarks) == sorted(paths)
        assert not gui.app.messages.toasts

    drive(test)


def test_dropping_takes_the_first_file_that_can_be_used(drive) -> None:
    def test(gui) -> None:
        gui.drop("/tmp/notes.txt", "/데이터/모델 ネット.pkl", "/data/b.pkl")
        gui.settle()
        assert gui.app.cell.now.render.snapshot == "/데이터/모델 ネット.pkl"
        assert "3 files were dropped; using 모델 ネット.pkl." in texts(gui.app)
        gui.drop("/tmp/notes.txt")
        gui.settle()
        assert gui.app.messages.last.text.startswith("notes.txt: neither a snapshot")

    drive(test)


def test_pictures_without_a_session_are_taken_to_be_projected(drive, tmp_path) -> None:
    photo, drawing = tmp_path / "own.jpg", tmp_path / "drawing.png"
    for path in (photo, drawing):
        Image.new("RGB", (8, 8)).save(path)

    def test(gui) -> None:
        gui.drop(str(photo), str(drawing))
        gui.settle()
        assert [item.path for item in gui.context.projection.items] == [str(photo), str(drawing)]

    drive(test)


def test_a_picture_under_another_name_is_projected(drive, tmp_path) -> None:
    scan = tmp_path / "scan.001"
    Image.new("RGB", (8, 8)).save(scan, format="PNG")

    def test(gui) -> None:
        gui.drop(str(scan))
        gui.settle()
        assert [item.path for item in gui.context.projection.items] == [str(scan)]

    drive(test)


def test_a_renderer_that_failed_can_be_restarted_from_the_status_bar(drive) -> None:
    def test(gui) -> None:
        gui.app.client.send(StatusChanged("failed", "The renderer ended with signal 9"))
        gui.frames(3)
        assert gui.context.engine.state == "failed"
        assert gui.app.messages.toasts
        gui.ctx.item_click("**/Restart")
        assert gui.app.client.restarts == 1

    drive(test)


def test_jobs_show_in_the_status_bar_and_can_be_cancelled(drive) -> None:
    def test(gui) -> None:
        gui.app.client.start = lambda work: 77
        gui.app.jobs.start(Load("large.pkl"), "Opening large.pkl")
        gui.app.client.send(Progress(77, 0.4, "reading"))
        gui.frames(3)
        (job,) = gui.context.jobs
        assert (job.fraction, job.text) == (0.4, "reading")
        assert not gui.app.settled
        gui.ctx.item_click("**/###cancel")
        assert gui.app.client.cancelled == [77]

    drive(test, panels=())


def test_frames_are_given_back_when_newer_ones_arrive(drive) -> None:
    def test(gui) -> None:
        for _ in range(4):
            gui.keys("Right")
            gui.settle()
        main = [f for f in gui.app.client.frames if f.message.stream == "main"]
        assert len(main) == 5
        ids = [f.message.id for f in main]
        assert [id for id in gui.app.client.released if id in ids] == ids[:-1]
        assert gui.context.frame.pixels is main[-1].pixels

    drive(test)


def test_a_stream_is_rendered_only_while_it_is_asked_for(drive) -> None:
    asking = [True]

    def ask(session, context):
        if asking[0]:
            context.ask("extra", session.with_render(source=Seed(1)).render)
        return session

    def test(gui) -> None:
        def extras() -> int:
            return sum(stream == "extra" for stream, _, _ in gui.app.client.requests)

        assert extras() == 1
        assert "extra" in gui.context.frames
        asking[0] = False
        gui.frames(3)
        gui.keys("Ctrl+Shift+T")
        asking[0] = True
        gui.frames(3)
        assert extras() == 2, "asked again, rendered again"

    drive(test, panels=(Panel("Asks", "", "left", 0, ask),))


def test_a_settings_folder_that_cannot_be_written_costs_a_message_and_nothing_else(
    drive, monkeypatch
) -> None:
    def test(gui) -> None:
        def full(store, value) -> None:
            raise OSError(28, "No space left on device", "session.json")

        monkeypatch.setattr(Store, "save", full)
        gui.keys("Ctrl+Shift+T")
        assert gui.app.settings.now.theme == "light"
        gui.keys("Right")
        gui.app.autosave.save()
        gui.settle()
        assert "The session could not be saved. session.json: No space left" in texts(gui.app)
        assert gui.context.frame.request == gui.app.cell.now.render

    drive(test)


def test_themes_differ_and_are_remembered(drive, tmp_path: Path, home: Path) -> None:
    def test(gui) -> None:
        gui.shot(tmp_path / "dark.png")
        gui.app.actions.run_command("view.theme")
        gui.frames(2)
        gui.shot(tmp_path / "light.png")

    drive(test)
    dark, light = (
        np.asarray(Image.open(tmp_path / f"{n}.png").convert("L")) for n in ("dark", "light")
    )
    corner = (slice(-10, None), slice(None, 20))
    assert dark[corner].mean() < 60
    assert light[corner].mean() > 200
    assert Store(home).load_settings().theme == "light"


def test_closing_and_showing_panels_from_the_view_menu(drive) -> None:
    def test(gui) -> None:
        gui.app.host.show_panel("Truncation", False)
        gui.frames(3)
        assert not gui.app.host.is_panel_visible("Truncation")
        gui.app.actions.run_command("panel.truncation")
        gui.frames(3)
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_click("##psi")
        gui.app.actions.run_command("view.reset_layout")
        gui.frames(5)
        assert gui.app.host.is_panel_visible("Truncation")

    drive(test)


def test_a_larger_scale_enlarges_text_without_touching_the_picture(drive) -> None:
    def test(gui) -> None:
        size = imgui.get_font_size()
        gui.keys("Ctrl+Plus")
        gui.keys("Ctrl+Plus")
        assert np.isclose(imgui.get_font_size() / size, 1.2)
        gui.keys("Ctrl+0")
        assert imgui.get_font_size() == size
        assert sum(stream == "main" for stream, _, _ in gui.app.client.requests) == 1

    drive(test, settings=Settings())


def test_scrubbing_keeps_the_session_and_only_the_newest_wish_counts(drive) -> None:
    def test(gui) -> None:
        gui.app.cell.set(gui.app.cell.now.with_render(source=Plane(3.5, 1.0)))
        gui.settle()
        first = gui.app.cell.now.render.snapshot
        gui.app.client.hold = True
        for name in ("a", "b", "c"):
            gui.app.actions.show_snapshot(f"/run/{name}.pkl")
        assert gui.app.cell.now.render.snapshot == first  # until it is loaded
        gui.app.client.hold = False
        gui.settle()
        assert gui.app.cell.now.render.snapshot == "/run/c.pkl"
        assert gui.app.cell.now.render.source == Plane(3.5, 1.0)
        gui.app.actions.show_snapshot("/run/missing.pkl")
        gui.settle()
        assert gui.app.cell.now.render.snapshot == "/run/c.pkl"
        gui.app.actions.undo()
        gui.settle()
        assert gui.app.cell.now.render.snapshot == first

    drive(test)


def test_following_a_run_leaves_nothing_to_undo(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.show_snapshot("/run/next.pkl", step=False)
        gui.settle()
        assert gui.app.cell.now.render.snapshot == "/run/next.pkl"
        assert not gui.app.cell.can_undo

    drive(test)


def test_a_frame_that_asks_for_more_is_not_settled(drive) -> None:
    """A capture waits for it, so a picture that the map asks for must count at once."""
    missing: list[str] = []

    def test(gui) -> None:
        app = gui.app

        def look() -> None:
            asked = app.context.asks.streams
            drawn = {name: frame.request for name, frame in app.feed.frames.items()}
            if app.settled:
                missing.extend(n for n, (request, _) in asked.items() if drawn.get(n) != request)

        app.every_frame = look
        before = len(app.client.requests)
        app.cell.set(app.cell.now.with_render(truncation=Truncation(0.5)))
        gui.settle()
        asked = [stream for stream, _, _ in app.client.requests[before:]]
        assert asked.count(BACKGROUND) > 2, "the map has been drawn anew"

    drive(test, session=Session().with_render(snapshot="net.safetensors"))
    assert not missing
