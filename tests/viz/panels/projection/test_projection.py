"""The Projection panel, with a renderer that says what the test wants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from common.projection import ProjectionSettings
from renderer.client.client import ReceivedFrame
from renderer.messages.failure import Failure
from renderer.messages.frame import FrameInfo
from renderer.messages.jobs import Work
from renderer.messages.project_job import (
    STREAM,
    Project,
    Projected,
    ProjectionSteps,
)
from renderer.messages.request import RenderRequest, SavedW, Target
from renderer.messages.to_window import FrameReady, JobDone, JobFailed, Progress, Report
from tests.viz.conftest import FakeClient, gradient
from viz.compare import labels
from viz.panels import picture
from viz.panels.projection import PANEL, panel
from viz.session.session import Session

PANELS = (picture.PANEL, PANEL)
START = Session().with_render(snapshot="/nets/faces.pkl")


class Projecting(FakeClient):
    """Keeps what is to be projected; the test says what becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.projects: list[tuple[int, Project]] = []
        self.distances: list[float] = []

    def start(self, work: Work) -> int:
        if not isinstance(work, Project):
            return super().start(work)
        job = next(self._ids)
        self.projects.append((job, work))
        return job

    def cancel(self, job: int) -> None:
        super().cancel(job)
        self.send(JobFailed(job, "", Failure("Cancelled."), cancelled=True))

    def steps(self, distances: tuple[float, ...], done: int, w: str = "", unkept: str = "") -> None:
        """Report steps of the newest projection, with a picture."""
        job, work = self.projects[-1]
        self.distances[done - len(distances) :] = distances
        best = int(np.argmin(self.distances))
        first = done - len(distances)
        report = ProjectionSteps(
            "search", done, 300, first, distances, best, 21.5, w, unkept=unkept
        )
        self.send(Report(job, msgspec.msgpack.encode(report)))
        self.send(Progress(job, done / 300, f"step {done}"))
        pixels = gradient(RenderRequest(work.spec.snapshot), 64)
        info = FrameInfo({}, "cpu", "float32", 1)
        message = FrameReady(
            job, STREAM, RenderRequest(work.spec.snapshot), "fake", 0, 64, 64, info
        )
        self.send(ReceivedFrame(message, pixels))

    def finish(self, w: str, picture: str, snapshot: str = "/nets/faces.pkl") -> None:
        """End the newest projection with a result."""
        job, _ = self.projects[-1]
        found = Projected(w, picture, snapshot, 31.0)
        self.send(JobDone(job, "Found me.png (31.0 dB)", msgspec.msgpack.encode(found)))


def photo(path: Path, size: tuple[int, int] = (300, 200)) -> Path:
    x = np.linspace(0, 255, size[0])
    pixels = np.stack(np.broadcast_arrays(x[None, :, None], np.array([1.0, 0.5, 0.2])), 0)[0]
    pixels = np.broadcast_to(pixels, (size[1], size[0], 3)) * np.array([1.0, 0.5, 0.2])
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


@pytest.fixture
def project(drive: Any, tmp_path: Path) -> Any:
    """Drive a window with the panel and a picture, `me.png`, in it."""

    def run(test: Any, **more: Any) -> None:
        client = Projecting()

        def wrapped(gui: Any) -> None:
            gui.drop(photo(tmp_path / "me.png"))
            gui.settle()
            test(gui, client)

        drive(wrapped, client=client, session=START, panels=PANELS, **more)

    return run


def press(gui: Any, name: str) -> None:
    gui.ctx.set_ref("Projection")
    gui.ctx.item_click(f"###{name}")
    gui.ctx.yield_(3)


def item(gui: Any) -> Any:
    return gui.context.projection.selected


def test_a_picture_is_dropped_cropped_found_and_undone(project, tmp_path) -> None:
    def test(gui, client) -> None:
        assert item(gui).size == (300, 200)
        gui.ctx.set_ref("Projection")
        crop = gui.ctx.item_info("##crop").rect_full
        gui.ctx.mouse_move_to_pos((crop.min + crop.max) / 2)
        gui.ctx.mouse_down(0)
        gui.ctx.mouse_move_to_pos(crop.min)
        gui.ctx.mouse_up(0)
        gui.ctx.yield_(2)
        assert item(gui).crop == (0, 0, 200)
        press(gui, "Start")
        _, work = client.projects[0]
        assert (work.path, work.spec.crop) == (str(tmp_path / "me.png"), (0, 0, 200))
        assert work.spec.snapshot == "/nets/faces.pkl"
        assert Path(work.folder).is_dir()
        assert work.spec.settings == ProjectionSettings()
        client.steps((3.0, 2.0, 1.0), 3)
        client.steps((1.5,), 4)
        gui.ctx.yield_(3)
        assert item(gui).distances == (3.0, 2.0, 1.0, 1.5)
        assert (item(gui).best, item(gui).done) == (2, 4)
        assert STREAM in gui.context.frames
        before = gui.app.cell.now
        client.finish(f"{work.folder}/projected_w.npz", f"{work.folder}/proj.png")
        gui.settle()
        render = gui.app.cell.now.render
        assert render.source == SavedW(f"{work.folder}/projected_w.npz")
        (pane,) = gui.app.cell.now.compare.panes
        assert pane.render.target == Target(str(tmp_path / "me.png"), (0, 0, 200))
        named = labels.labels(gui.app.cell.now, {})[1]
        assert named == ("Target me.png", "faces"), "a picture from a file has no latent"
        assert item(gui).stage == "done"
        gui.app.actions.undo()
        assert gui.app.cell.now == before

    project(test)


def test_what_was_found_stays_in_sight_while_a_search_is_gone_on_with(project, tmp_path) -> None:
    def test(gui, client) -> None:
        press(gui, "Start")
        client.steps((3.0,), 1)
        gui.ctx.yield_(3)
        found = tmp_path / "proj.png"
        Image.new("RGB", (32, 32), (9, 8, 7)).save(found)
        shown = replace(item(gui), picture=str(found))
        with_frame = panel._found(shown, gui.context)
        assert with_frame is gui.context.frames[STREAM]
        restarted = replace(gui.context, frames={})  # a renderer that has sent no picture yet
        gui.until(lambda: panel._found(shown, restarted) is not None)
        assert panel._found(shown, restarted).width == 32

    project(test)


def test_a_result_in_another_network_is_undone_in_one_step(project, tmp_path) -> None:
    def test(gui, client) -> None:
        tuned = tmp_path / "tuned.safetensors"
        tuned.write_bytes(b"a network")
        press(gui, "Start")
        client.steps((1.0,), 1)
        before = gui.app.cell.now
        client.finish(str(tmp_path / "w.npz"), str(tmp_path / "proj.png"), str(tuned))
        gui.settle()
        assert gui.app.cell.now.render.snapshot == str(tuned)
        assert len(gui.app.cell.now.compare.panes) == 1
        gui.app.actions.undo()
        gui.settle()
        assert gui.app.cell.now == before

    project(test)


def test_a_pause_keeps_what_was_found_and_goes_on_from_there(project, tmp_path) -> None:
    def test(gui, client) -> None:
        press(gui, "Start")
        (tmp_path / "w.npz").write_bytes(b"a latent")
        client.steps((3.0, 2.0), 2, w=str(tmp_path / "w.npz"))
        gui.ctx.yield_(3)
        press(gui, "Pause")
        gui.settle()
        assert item(gui).stage == "stopped"
        assert item(gui).failure is None
        press(gui, "Use")
        gui.settle()
        used = gui.app.cell.now.render.source
        assert used == SavedW(str(tmp_path / "w-1.npz")), "the search goes on writing the other"
        assert Path(used.path).read_bytes() == b"a latent"
        press(gui, "Start")
        assert client.projects[1][1] == client.projects[0][1]
        client.steps((1.0,), 3)
        gui.ctx.yield_(3)
        assert item(gui).distances == (3.0, 2.0, 1.0)

    project(test)


def test_a_renderer_that_dies_in_the_middle_is_told_and_gone_on_from(project) -> None:
    def test(gui, client) -> None:
        press(gui, "Start")
        client.steps((3.0, 2.0), 2)
        gui.ctx.yield_(3)
        failure = Failure("The renderer ended before this was done.", "Try it again.")
        client.send(JobFailed(client.projects[0][0], "", failure))
        gui.settle()
        assert item(gui).stage == "stopped"
        assert item(gui).failure == failure
        press(gui, "Start")
        assert item(gui).stage == "running"
        assert item(gui).failure is None
        assert client.projects[1][1].folder == client.projects[0][1].folder

    project(test)


def test_what_finds_no_room_on_the_disk_is_saved_elsewhere(project, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def test(gui, client) -> None:
        press(gui, "Start")
        full = "Cannot write w.npz: the disk is full. Make room for it."
        client.steps((3.0, 2.0), 2, unkept=full)
        client.send(JobFailed(client.projects[0][0], "", Failure(full)))
        gui.settle()
        assert item(gui).stage == "stopped"
        gui.ctx.item_click("**/Save elsewhere…")
        gui.ctx.yield_(3)
        browser = gui.app.actions.dialogs.browser
        assert browser.kind.folder
        browser.go(elsewhere)
        gui.until(lambda: not browser.silence)
        browser.choose()
        gui.until(lambda: len(client.projects) == 2)
        (_, first), (_, second) = client.projects
        assert second.before == first.folder
        assert Path(second.folder).parent == elsewhere
        assert item(gui).stage == "running"
        assert item(gui).distances == (3.0, 2.0)
        client.finish(f"{second.folder}/projected_w.npz", f"{second.folder}/proj.png")
        gui.settle()
        assert gui.app.cell.now.render.source == SavedW(f"{second.folder}/projected_w.npz")

    project(test)


def test_a_folder_that_cannot_be_made_offers_another_one(project, home, tmp_path) -> None:
    def test(gui, client) -> None:
        (home / "projections").write_bytes(b"a file where the folder should be")
        press(gui, "Start")
        gui.settle()
        assert item(gui).stage == "chosen"
        gui.context.actions.projection.save_elsewhere(item(gui).id, str(tmp_path))
        gui.until(lambda: bool(client.projects))
        assert Path(client.projects[0][1].folder) == tmp_path / "me"

    project(test)


def test_looking_anew_leaves_what_was_found(project, tmp_path) -> None:
    def test(gui, client) -> None:
        press(gui, "Start")
        client.steps((3.0,), 1, w=str(tmp_path / "w.npz"))
        client.finish(str(tmp_path / "w.npz"), str(tmp_path / "proj.png"))
        gui.settle()
        found = item(gui)
        press(gui, "Anew")
        assert (item(gui).stage, item(gui).path) == ("chosen", found.path)
        assert found in gui.context.projection.items
        gui.context.actions.projection.select(found.id)
        gui.ctx.yield_(3)
        press(gui, "Anew")
        assert len(gui.context.projection.items) == 2, "one to begin with is enough"

    project(test)


def test_buttons_stay_where_they_are(project, tmp_path) -> None:
    def test(gui, client) -> None:
        def place(name: str) -> tuple[float, float, float, float]:
            gui.ctx.set_ref("Projection")
            rect = gui.ctx.item_info(f"###{name}").rect_full
            return rect.min.x, rect.min.y, rect.max.x, rect.max.y

        def places(first: str) -> list[object]:
            gui.ctx.yield_(3)
            return [place(name) for name in (first, "Use", "Anew", "Remove")]

        ready = places("Start")
        press(gui, "Start")
        assert places("Pause") == ready
        client.steps((3.0, 2.0), 2, w=str(tmp_path / "w.npz"))
        assert places("Pause") == ready
        press(gui, "Pause")
        assert places("Start") == ready
        press(gui, "Start")
        client.finish(str(tmp_path / "w.npz"), str(tmp_path / "proj.png"))
        gui.settle()
        assert places("Start") == ready

    project(test)


def test_pictures_wait_for_each_other_and_a_bad_one_stops_none(project, tmp_path) -> None:
    def test(gui, client) -> None:
        (tmp_path / "no.jpg").write_bytes(b"no picture at all")
        gui.drop(photo(tmp_path / "a.jpg"), tmp_path / "no.jpg", photo(tmp_path / "b.jpg"))
        gui.settle()
        assert "no.jpg cannot be projected: not an image" in gui.app.messages.last.text
        actions = gui.context.actions.projection
        names = [Path(each.path).name for each in gui.context.projection.items]
        assert names == ["me.png", "a.jpg", "b.jpg"]
        for each in gui.context.projection.items:
            actions.start(each.id)
        gui.ctx.yield_(10)
        assert [each.stage for each in gui.context.projection.items] == [
            "running",
            "queued",
            "queued",
        ]
        client.send(JobFailed(client.projects[0][0], "", Failure("It is a drawing.")))
        gui.ctx.yield_(10)
        assert [each.stage for each in gui.context.projection.items] == [
            "chosen",
            "running",
            "queued",
        ]

    project(test)


def test_a_picture_that_waits_can_be_removed(project, tmp_path) -> None:
    def test(gui, client) -> None:
        gui.drop(photo(tmp_path / "a.jpg"))
        gui.settle()
        actions = gui.context.actions.projection
        me, a = gui.context.projection.items
        actions.start(me.id)
        actions.start(a.id)
        actions.select(a.id)
        gui.ctx.yield_(3)
        press(gui, "Remove")
        assert [each.id for each in gui.context.projection.items] == [me.id]
        client.send(JobFailed(client.projects[0][0], "", Failure("It is a drawing.")))
        gui.ctx.yield_(5)
        assert len(client.projects) == 1

    project(test)


def test_a_picture_that_waits_is_there_after_the_next_start(project, drive, tmp_path) -> None:
    def wait(gui, client) -> None:
        gui.drop(photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg"))
        gui.settle()
        actions = gui.context.actions.projection
        me, a, b = gui.context.projection.items
        actions.set_crop(a.id, (0, 0, 100))
        for each in (me, a, b):
            actions.start(each.id)
        gui.until(lambda: bool(client.projects) and not gui.app.tasks.pending)
        actions.remove(b.id)

    def come_back(gui: Any) -> None:
        gui.settle()
        items = {Path(each.path).name: each for each in gui.context.projection.items}
        assert items.keys() == {"me.png", "a.jpg"}, "what was removed stays away"
        assert {each.stage for each in items.values()} == {"chosen"}
        assert items["a.jpg"].crop == (0, 0, 100)
        gui.context.actions.projection.start(items["a.jpg"].id)
        gui.until(lambda: bool(client.projects))
        ((_, work),) = client.projects
        assert (work.path, work.folder) == (items["a.jpg"].path, items["a.jpg"].folder)

    project(wait)
    client = Projecting()
    drive(come_back, client=client, session=START, panels=PANELS)


def test_what_is_found_beside_the_selected_picture_does_not_take_its_place(
    project, tmp_path
) -> None:
    def test(gui, client) -> None:
        first = item(gui).id
        gui.drop(photo(tmp_path / "a.jpg"))
        gui.settle()
        gui.context.actions.projection.start(first)
        gui.ctx.yield_(10)
        client.steps((3.0,), 1)
        before = gui.app.cell.now
        client.finish(str(tmp_path / "w.npz"), str(tmp_path / "proj.png"))
        gui.settle()
        assert gui.app.cell.now == before
        assert [each.stage for each in gui.context.projection.items] == ["done", "chosen"]

    project(test)


def test_a_picture_on_its_side_is_shown_as_it_is_projected(project, tmp_path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn (EXIF 2.32, table 6)
    path = photo(tmp_path / "turned.jpg", (200, 300))
    with Image.open(path) as image:
        image.save(path, exif=turned)

    def test(gui, client) -> None:
        gui.drop(path)
        gui.settle()
        chosen = item(gui)
        assert chosen.size == (300, 200)
        shown = gui.context.file_image(chosen.path, chosen.version, large=True)
        assert (shown.width, shown.height) == (300, 200)

    project(test)


def test_a_huge_photo_is_shown_and_projected(project, tmp_path) -> None:
    path = tmp_path / "huge.jpg"
    rows = np.random.RandomState(0).randint(0, 255, (14, 14, 3)).astype(np.uint8)
    Image.fromarray(rows).resize((14_000, 14_000), Image.Resampling.NEAREST).save(path)

    def test(gui, client) -> None:
        gui.drop(path)
        gui.settle()
        chosen = item(gui)
        assert (chosen.path, chosen.size) == (str(path), (14_000, 14_000))
        shown = gui.context.file_image(chosen.path, chosen.version, large=True)
        assert shown.width == shown.height <= 2048

    project(test)


def test_a_picture_that_claims_too_much_is_refused_for_what_it_is(project, tmp_path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)

    def test(gui, client) -> None:
        gui.drop(path)
        gui.settle()
        assert "bomb.png cannot be projected: more than 120 million" in gui.app.messages.last.text
        assert [Path(each.path).name for each in gui.context.projection.items] == ["me.png"]

    project(test)
