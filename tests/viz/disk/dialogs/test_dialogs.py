"""The file dialog that is drawn in the window where the system has none of its own."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path

import pytest
from imgui_bundle import ImVec2, imgui

from common.runs.disk import Disk
from renderer.messages.jobs import Sheet
from renderer.messages.request import RenderRequest
from tests.viz.conftest import PATIENCE
from viz.desk.panel import Panel
from viz.desk.settings import Settings
from viz.disk.dialogs import dialogs, folders
from viz.panels import picture
from viz.session.session import Session

PICTURE = (picture.PANEL,)


@pytest.fixture(autouse=True)
def no_native(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogs, "native", lambda: False)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder as users have them: runs, snapshots, captures, and what is none of them."""
    top = tmp_path / "work"
    for name, kimgs in (("00000-faces", (0, 40, 200)), ("00010-cats", (8,)), ("00002-dogs", ())):
        run = top / name
        run.mkdir(parents=True)
        (run / "training_options.json").write_text("{}")
        for kimg in kimgs:
            file = run / f"network-snapshot-{kimg:06d}.safetensors"
            file.write_bytes(b"\0" * 3000 * (kimg + 1))
            os.utime(file, (1_790_000_000 + kimg, 1_790_000_000 + kimg))
    for name in ("ffhq.pkl", "Бюсты 512.safetensors", "notes.txt", ".hidden.pkl", "session.json"):
        (top / name).write_bytes(b"\0" * 30_000_000 if name == "ffhq.pkl" else b"{}")
    return top


def settled(gui) -> None:
    """The dialog has its answers from the disk."""

    def answered() -> bool:
        browser = gui.app.actions.dialogs.browser
        return browser is None or not browser.silence

    gui.frames()
    gui.until(answered)
    gui.frames(3)


def opened(gui, purpose: str, folder: Path):
    gui.app.actions.dialogs.open(purpose, folder)
    settled(gui)
    gui.ctx.set_ref("//$FOCUSED")
    return gui.app.actions.dialogs.browser


def names(browser) -> list[str]:
    return [entry.name for entry in browser.contents.entries]


def row_ref(browser, name: str) -> str:
    """How the test engine finds the row of a file."""
    return f"**/##row{names(browser).index(name)}"


def row(gui, name: str, *, double: bool = False) -> None:
    ref = row_ref(gui.app.actions.dialogs.browser, name)
    (gui.ctx.item_double_click if double else gui.ctx.item_click)(ref)
    gui.frames(2)


def drag(gui) -> None:
    gui.ctx.set_ref("Picture")
    rect = gui.ctx.item_info("##picture").rect_full
    x, y = (rect.min.x + rect.max.x) / 2, (rect.min.y + rect.max.y) / 2
    gui.ctx.mouse_move_to_pos(ImVec2(x, y))
    gui.ctx.mouse_down(0)
    gui.ctx.mouse_move_to_pos(ImVec2(x - 60, y))
    gui.ctx.mouse_up(0)
    gui.settle()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_escape_closes_it_and_pictures_come_as_before(drive, tmp_path: Path, scale: float) -> None:
    (tmp_path / "captures").mkdir()

    def test(gui) -> None:
        gui.keys("Ctrl+O")
        settled(gui)
        assert gui.app.actions.dialogs.browser is not None
        gui.ctx.key_press(imgui.Key.escape)
        gui.frames(3)
        assert gui.app.actions.dialogs.browser is None
        before = gui.app.cell.now
        drag(gui)
        assert gui.app.cell.now != before
        assert gui.context.frame.request == gui.app.cell.now.render

    drive(test, panels=PICTURE, scale=scale)


def test_the_list_shows_folders_first_in_natural_order_and_what_can_be_opened(
    drive, files: Path
) -> None:
    def test(gui) -> None:
        browser = opened(gui, "snapshot", files)
        everything = ["00000-faces", "00002-dogs", "00010-cats", "ffhq.pkl"]
        assert names(browser) == [*everything, "Бюсты 512.safetensors"]
        gui.ctx.item_click("All files")
        gui.ctx.item_click("Hidden")
        gui.frames(2)
        assert {"notes.txt", ".hidden.pkl"} <= set(names(browser))
        assert "session.json" in names(browser)

    drive(test, panels=PICTURE)


def test_a_double_click_enters_a_folder_and_opens_a_file(drive, files: Path) -> None:
    def test(gui) -> None:
        opened(gui, "snapshot", files)
        row(gui, "00000-faces", double=True)
        settled(gui)
        browser = gui.app.actions.dialogs.browser
        assert browser.folder == files / "00000-faces"
        row(gui, "network-snapshot-000040.safetensors", double=True)
        settled(gui)
        gui.settle()
        assert gui.app.actions.dialogs.browser is None
        snapshot = gui.app.cell.now.render.snapshot
        assert snapshot.endswith("00000-faces/network-snapshot-000040.safetensors")
        gui.app.actions.browse("snapshot")
        settled(gui)
        assert gui.app.actions.dialogs.browser.folder == files / "00000-faces"

    drive(test, panels=PICTURE)


def test_a_run_is_marked_and_opens_as_its_newest_snapshot(drive, files: Path) -> None:
    def test(gui) -> None:
        browser = opened(gui, "snapshot", files)
        faces = browser.contents.entries[0]
        assert (faces.snapshots, faces.newest) == (3, "network-snapshot-000200.safetensors")
        row(gui, "00002-dogs")
        assert browser.verb == "Enter"
        row(gui, "00000-faces")
        gui.ctx.item_click("###Choose")
        gui.settle()
        assert gui.app.cell.now.render.snapshot == str(files / "00000-faces")

    drive(test, panels=PICTURE)  # the tests' `resolve` leaves paths as they are


def test_the_keyboard_alone_opens_a_file(drive, files: Path) -> None:
    def test(gui) -> None:
        browser = opened(gui, "snapshot", files)
        gui.ctx.key_press(imgui.Key.down_arrow)
        gui.ctx.key_press(imgui.Key.down_arrow)
        gui.ctx.key_press(imgui.Key.up_arrow)
        assert browser.selected.name == "00000-faces"
        gui.ctx.key_press(imgui.Key.right_arrow)
        settled(gui)
        assert browser.folder == files / "00000-faces"
        gui.ctx.key_press(imgui.Key.backspace)
        settled(gui)
        assert browser.folder == files
        assert browser.selected.name == "00000-faces"
        settled(gui)
        gui.ctx.key_chars("f")
        gui.frames(10)
        assert browser.selected.name == "ffhq.pkl"
        gui.ctx.key_press(imgui.Key.enter)
        gui.settle()
        assert gui.app.cell.now.render.snapshot == str(files / "ffhq.pkl")

    drive(test, panels=PICTURE)


@pytest.mark.parametrize("purpose", ["compare", "overlay", "snapshot"])
def test_enter_does_with_a_run_what_the_button_does(drive, files: Path, purpose: str) -> None:
    def test(gui) -> None:
        taken: list[str] = []
        gui.app.actions.compare = taken.append
        gui.app.actions.overlay_run = taken.append
        gui.app.actions.open_snapshot = taken.append
        browser = opened(gui, purpose, files)
        row(gui, "00002-dogs")
        gui.ctx.key_press(imgui.Key.enter)
        settled(gui)
        assert browser.folder == files / "00002-dogs", "one without snapshots is entered"
        gui.ctx.key_press(imgui.Key.backspace)
        settled(gui)
        row(gui, "00000-faces")
        assert browser.verb != "Enter"
        gui.ctx.key_press(imgui.Key.enter)
        gui.frames(3)
        assert taken == [str(files / "00000-faces")]

    drive(test, panels=PICTURE)


def test_typed_paths_lead_to_folders_and_files(drive, files: Path) -> None:
    def test(gui) -> None:
        browser = opened(gui, "snapshot", files)
        gui.ctx.item_input_value("##path", str(files / "00010-cats"))
        settled(gui)
        assert browser.folder == files / "00010-cats"
        gui.ctx.item_input_value("##path", str(files / "nothing.pkl"))
        settled(gui)
        assert "nothing.pkl does not exist" in browser.problem
        assert browser.folder == files / "00010-cats"
        gui.ctx.item_input_value("##path", f'"{files / "ffhq.pkl"}"')
        settled(gui)
        gui.settle()
        assert gui.app.cell.now.render.snapshot == str(files / "ffhq.pkl")

    drive(test, panels=PICTURE)


def test_saving_over_a_file_asks_first(drive, files: Path) -> None:
    target = files / "session.json"

    def test(gui) -> None:
        browser = opened(gui, "save_session", files)
        gui.ctx.item_click("###Choose")
        settled(gui)
        assert browser.question == target
        gui.ctx.item_click("Keep it")
        gui.frames(2)
        assert target.read_bytes() == b"{}"
        gui.ctx.item_input_value("##name", "mine")
        settled(gui)
        gui.settle()
        assert (files / "mine.json").exists()
        opened(gui, "save_session", files)
        gui.ctx.item_click("###Choose")
        settled(gui)
        gui.ctx.item_click("Replace")
        settled(gui)
        gui.settle()
        assert b"truncation" in target.read_bytes()

    drive(test, panels=PICTURE)


def test_a_whole_path_in_the_name_says_folder_and_name(drive, files: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(files))
    (files / "kept").mkdir()

    def test(gui) -> None:
        for typed, target in (
            (f"{files}/kept/mine", files / "kept" / "mine.json"),
            ("~/yours.json", files / "yours.json"),
            ("../other", files.parent / "other.json"),
        ):
            opened(gui, "save_session", files)
            gui.ctx.item_input_value("##name", typed)
            settled(gui)
            gui.settle()
            assert target.exists(), typed
        browser = opened(gui, "save_session", files)
        gui.ctx.item_input_value("##name", f"{files}/nowhere/mine")
        settled(gui)
        assert browser.is_open
        assert f"The path exists up to {files}" in browser.problem

    drive(test, panels=PICTURE)


def test_a_folder_that_hangs_leaves_the_window_alive(
    drive, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, listing = threading.Event(), folders.listing
    threads: list[threading.Thread] = []

    def hang(folder: Path, disk: Disk) -> list[folders.Entry]:
        threads.append(threading.current_thread())
        if folder.name.startswith("dead"):
            release.wait(2 * PATIENCE)
        return listing(folder, disk)

    monkeypatch.setattr(folders, "listing", hang)

    def test(gui) -> None:
        gui.app.tasks._patience = math.inf  # that work is given up in the end is another test's
        gui.app.actions.dialogs.open("snapshot", tmp_path)
        for n in range(5):  # more than there are threads
            dead = tmp_path / f"dead{n}"
            dead.mkdir()
            browser = gui.app.actions.dialogs.browser
            browser.go(dead)
            gui.until(lambda browser=browser: browser.silence >= 0.5)
        browser.go(files)
        settled(gui)
        assert "ffhq.pkl" in names(browser)
        release.set()
        settled(gui)
        assert browser.folder == files, "an answer that came too late is of no account"
        assert not {threading.main_thread(), threading.current_thread()} & set(threads)

    drive(test, panels=PICTURE)


def test_a_folder_that_cannot_be_read_says_why(
    drive, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path, disk: Disk) -> list[folders.Entry]:
        raise PermissionError(13, "Permission denied", str(folder))

    def test(gui) -> None:
        browser = opened(gui, "snapshot", files)
        monkeypatch.setattr(folders, "listing", refuse)
        row(gui, "00000-faces", double=True)
        settled(gui)
        assert "Permission denied" in browser.problem
        monkeypatch.undo()
        browser.up()
        settled(gui)
        assert browser.folder == files
        assert not browser.problem

    drive(test, panels=PICTURE)


def test_ten_thousand_entries_stay_fluid(drive, tmp_path: Path) -> None:
    top = tmp_path / "many"
    top.mkdir()
    for n in range(10_000):
        (top / f"{n}.pkl").touch()

    def test(gui) -> None:
        browser = opened(gui, "snapshot", top)
        assert len(browser.contents.entries) == 10_000
        assert [entry.name for entry in browser.contents.entries[:3]] == ["0.pkl", "1.pkl", "2.pkl"]
        gui.ctx.key_press(imgui.Key.end)
        gui.frames(3)
        assert browser.selected.name == "9999.pkl"
        assert gui.ctx.item_info(row_ref(browser, "9999.pkl")).id_ != 0, "it was scrolled to"
        assert not gui.ctx.item_exists(row_ref(browser, "0.pkl")), "what is not seen is not drawn"

    drive(test, panels=PICTURE)


def test_also_below_lists_runs_and_snapshots_of_all_folders(drive, files: Path) -> None:
    def test(gui) -> None:
        browser = opened(gui, "snapshot", files.parent)
        gui.ctx.item_click("Also below")
        gui.frames()
        gui.until(lambda: browser.contents.search.stopped)
        gui.frames(2)
        assert browser.contents.search.complete
        assert names(browser)[:2] == ["work/00000-faces", "work/00010-cats"]
        assert "work/00000-faces/network-snapshot-000040.safetensors" in names(browser)
        assert "work/ffhq.pkl" in names(browser)
        assert not any("hidden" in name for name in names(browser))

    drive(test, panels=PICTURE)


def test_a_folder_is_chosen_for_exports_from_inside_the_export_dialog(drive, files: Path) -> None:
    sheets = (Sheet((RenderRequest("a.safetensors"),)),)

    def draw(session: Session, context) -> Session:
        if imgui.button("Export…"):
            context.actions.ask_export("Export the timeline", lambda _: sheets, "timeline")
        return session

    panels = (*PICTURE, Panel("Host", "", "right", 0, draw))

    def test(gui) -> None:
        gui.ctx.set_ref("Host")
        gui.ctx.item_click("Export…")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("###Choose folder")
        settled(gui)
        gui.keys("Escape")
        assert gui.app.actions.dialogs.browser is None
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("###Choose folder")  # the export dialog was not closed with it
        settled(gui)
        browser = gui.app.actions.dialogs.browser
        browser.go(files)
        settled(gui)
        gui.ctx.set_ref("//$FOCUSED")
        row(gui, "00002-dogs")
        gui.ctx.item_click("###Choose")
        gui.frames(5)
        assert gui.app.settings.now.exports == files / "00002-dogs"
        gui.ctx.set_ref("//$FOCUSED")
        assert gui.ctx.item_info("Export").id_ != 0, "the export dialog is still there"

    drive(test, panels=panels, settings=Settings(capture_folder=str(files)))


def test_names_of_any_kind_are_drawn(drive, tmp_path: Path) -> None:
    top = tmp_path / "odd"
    top.mkdir()
    for name in ("日本.pkl", "a%s%n##b.pkl", "עברית.pkl", "\u202eevil.pkl", "tab\tnew\nline.pkl"):
        (top / name).touch()
    (Path(os.fsencode(top).decode()) / os.fsdecode(b"\xff.pkl")).touch()

    def test(gui) -> None:
        browser = opened(gui, "snapshot", top)
        assert len(browser.contents.entries) == 6
        for index in range(6):
            browser.select(index)
            gui.frames(2)
        undecodable = next(i for i, e in enumerate(browser.contents.entries) if "\udcff" in e.name)
        browser.activate(undecodable)
        assert "no valid Unicode" in browser.problem
        gui.frames(2)

    drive(test, panels=PICTURE)


def test_a_dialog_says_nothing_of_a_first_folder_that_nobody_chose(drive, tmp_path: Path) -> None:
    missing = tmp_path / "Pictures" / "ganscope"  # captures are kept there, and none is made yet

    def test(gui) -> None:
        browser = opened(gui, "snapshot", missing)
        assert (browser.folder, browser.problem) == (tmp_path, "")
        browser.go(missing)
        settled(gui)
        assert "is not there" in browser.problem

    drive(test, panels=PICTURE)
