"""The Snapshot panel with the real pipeline and real files."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from imgui_bundle import imgui

from common.runs import locate
from renderer.messages.failure import Failure
from renderer.messages.jobs import Work
from renderer.messages.options import EngineOptions
from renderer.messages.to_window import JobFailed, Progress
from tests.inline import InlineClient
from tests.paths import DATA
from tests.viz.conftest import FakeClient
from viz.desk.settings import Settings
from viz.panels import picture, snapshot

PLAIN, CONDITIONAL = DATA / "sg2-uncond-32.pkl", DATA / "sg2-cond-16.pkl"
PANELS = (picture.PANEL, snapshot.PANEL)


class FailsOnce(FakeClient):
    """The first load of `late.pkl` fails."""

    tried = False

    def start(self, work: Work) -> int:
        path = work.path
        if path != "late.pkl" or self.tried:
            return super().start(work)
        self.tried = True
        job = next(self._ids)
        self.send(JobFailed(job, path, Failure("late.pkl is still being written.", "Wait.")))
        return job


class Slow(FakeClient):
    """While `slow`, loads go on until they are cancelled."""

    slow = False

    def start(self, work: Work) -> int:
        if not self.slow:
            return super().start(work)
        job = next(self._ids)
        self.send(Progress(job, 0.4, "reading"))
        return job

    def cancel(self, job: int) -> None:
        super().cancel(job)
        self.send(JobFailed(job, "large.pkl", Failure("Cancelled."), cancelled=True))


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run directory with two snapshots, in a folder with a Korean name."""
    run = tmp_path / "실행 결과" / "00000-small"
    run.mkdir(parents=True)
    (run / "training_options.json").write_text("{}")
    for kimg in (8, 40):
        shutil.copy(PLAIN, run / f"network-snapshot-{kimg:06}.pkl")
    return run


@pytest.fixture
def real(drive):
    """`drive` with the real pipeline, which reads real files."""

    def run(test, **options):
        client = InlineClient(EngineOptions(device="cpu", threads=1))
        return drive(test, client=client, resolve=locate.resolve, panels=PANELS, **options)

    return run


def type_path(gui, text: object) -> None:
    gui.ctx.set_ref("Snapshot")
    gui.ctx.item_click("##path")
    gui.ctx.key_chars_replace_enter(str(text))
    gui.settle()


def test_a_typed_path_opens_and_the_picture_is_of_it(real, run_folder: Path) -> None:
    def test(gui) -> None:
        assert gui.context.model.c_dim > 0
        type_path(gui, f"{run_folder}/8")
        assert gui.context.model.path == str(run_folder / "network-snapshot-000008.pkl")
        assert gui.context.frame.request.snapshot == gui.context.model.path
        assert gui.context.frame.width == 32
        type_path(gui, f'"{run_folder}"')
        assert gui.context.model.kimg == 40
        assert [s.kimg for s in gui.context.snapshots] == [8, 40]

    real(test, path=str(CONDITIONAL))


def test_how_far_a_network_has_grown_is_said(real) -> None:
    told: list[tuple[str, str]] = []

    def test(gui) -> None:
        gui.settle()
        assert gui.context.model.lod == 1
        told.extend((name, value) for name, value, _ in snapshot._facts(gui.context.model))
        fading = msgspec.structs.replace(gui.context.model, lod=0.6)
        told.extend((name, value) for name, value, _ in snapshot._facts(fading))
        whole = msgspec.structs.replace(gui.context.model, lod=0.0)
        assert "Grown to" not in [name for name, _, _ in snapshot._facts(whole)]

    real(test, path=str(DATA / "foreign" / "tf-pggan" / "16-lod1.pkl"))
    assert [value for name, value in told if name == "Grown to"] == ["8²", "16², 40% in"]


def test_stepping_through_the_snapshots_of_a_run(real, run_folder: Path) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Snapshot")
        gui.ctx.item_click("###earlier")
        gui.settle()
        assert gui.context.model.kimg == 8
        gui.ctx.combo_click("##snapshot/40 kimg")
        gui.settle()
        assert gui.context.model.kimg == 40

    real(test, path=str(run_folder))


def test_a_file_outside_the_run_is_said_to_be_none_of_its_snapshots(
    real, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(snapshot, "_draw_in_last", said.append)

    def test(gui) -> None:
        gui.settle()
        assert not said, "the list names the snapshot that is open"
        gui.context.actions.open_snapshot(str(PLAIN))
        gui.settle()
        assert set(said) == {f"not of {run_folder.name}"}

    real(test, path=str(run_folder))


@pytest.mark.parametrize("broken", ["cut off", "not there", "no snapshot in the folder"])
def test_what_cannot_be_opened_is_explained_and_nothing_changes(
    real, tmp_path: Path, broken: str
) -> None:
    path = tmp_path / "bad.pkl"
    if broken == "cut off":
        path.write_bytes(PLAIN.read_bytes()[:50_000])
    elif broken == "no snapshot in the folder":
        path.mkdir()

    def test(gui) -> None:
        before = gui.app.cell.now
        type_path(gui, path)
        failed, failure = gui.context.load_failure
        assert failed == str(path)
        assert "bad.pkl" in failure.message
        assert failure.remedy
        assert gui.app.cell.now == before
        assert gui.context.model.path == str(PLAIN)
        gui.ctx.set_ref(gui.ctx.window_info("//Snapshot/##failure").window)
        gui.ctx.item_click("Close")
        assert not gui.ctx.item_exists("//Snapshot/##failure")
        if broken == "cut off":
            path.write_bytes(PLAIN.read_bytes())
            type_path(gui, path)
            assert gui.context.load_failure is None
            assert gui.context.model.path == str(path)

    real(test, path=str(PLAIN))


def test_a_failure_is_tried_again_from_its_box(drive) -> None:
    def test(gui) -> None:
        type_path(gui, "late.pkl")
        gui.ctx.set_ref(gui.ctx.window_info("//Snapshot/##failure").window)
        gui.ctx.item_click("Try again")
        gui.settle()
        assert gui.context.load_failure is None
        assert gui.app.cell.now.render.snapshot == "late.pkl"

    drive(test, client=FailsOnce(), panels=PANELS, path="first.pkl")


def test_a_recent_snapshot_is_opened_again_and_a_missing_one_forgotten(
    real, tmp_path: Path
) -> None:
    gone = str(tmp_path / "gone.pkl")
    settings = Settings(recent=(str(PLAIN), gone))

    def test(gui) -> None:
        gui.ctx.set_ref("Snapshot")
        gui.ctx.item_click("###Recent")
        assert [e.exists for e in gui.context.recent] == [True, True, False]
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("$$2/###Forget")
        gui.settle()
        assert gone not in gui.app.settings.now.recent
        gui.ctx.item_click("$$1/##open")
        gui.settle()
        assert gui.context.model.path == str(PLAIN)
        assert gui.app.settings.now.recent[0] == str(PLAIN)

    real(test, path=str(CONDITIONAL), settings=settings)


def test_loading_is_shown_and_cancelled(drive) -> None:
    client = Slow()

    def test(gui) -> None:
        before = gui.app.cell.now
        client.slow = True
        gui.ctx.set_ref("Snapshot")
        gui.ctx.item_click("##path")
        gui.ctx.key_chars_replace_enter("large.pkl")
        gui.frames(8)
        (job,) = gui.context.jobs
        assert (job.fraction, job.text) == (0.4, "reading")
        gui.ctx.item_click(f"$${job.id}/Cancel")
        gui.settle()
        assert client.cancelled == [job.id]
        assert gui.context.jobs == ()
        assert gui.context.load_failure is None
        assert gui.app.cell.now == before

    drive(test, client=client, panels=PANELS, path="first.pkl")


def test_values_are_copied(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Snapshot")
        gui.ctx.item_click("Training options and metadata")
        gui.ctx.item_click("Copy all")
        assert gui.app.messages.last.text.startswith("Copied")
        assert imgui.get_clipboard_text() == "dataset: earth64\nlicence: public domain"

    drive(test, panels=PANELS, path="a.pkl")
