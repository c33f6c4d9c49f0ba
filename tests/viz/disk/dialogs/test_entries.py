"""Names, order and filters of a file dialog, and what it finds on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from common.errors import UserError
from training.run import rundir
from viz.disk.dialogs import entries, folders
from viz.disk.dialogs.entries import Entry
from viz.disk.dialogs.purposes import KINDS, TRAINING_STATE

SNAPSHOT, SAVE_W = KINDS["snapshot"], KINDS["save_w"]


def entry(name: str, *, folder: bool = False, size: int = 0, at: float = 0.0) -> Entry:
    return Entry(f"/top/{name}", name, folder, size, at)


def test_names_are_ordered_as_people_count() -> None:
    names = ["run10", "Run9", "run", "run9a", "²", "9", "10", "Ärger", "a"]
    assert sorted(names, key=entries.natural) == [
        *("9", "10", "a", "run", "Run9", "run9a", "run10", "²", "Ärger")
    ]


def test_folders_come_first_in_every_order() -> None:
    listed = [entry("b", size=9, at=1), entry("z", folder=True), entry("a", size=1, at=2)]
    for column, descending, names in (
        ("name", False, "zab"),
        ("name", True, "zba"),
        ("size", True, "zba"),
        ("time", True, "zab"),
        ("time", False, "zba"),
    ):
        ordered = entries.ordered(listed, column, descending=descending)
        assert "".join(e.name for e in ordered) == names


def test_what_a_dialog_takes_is_shown_whatever_its_letters() -> None:
    listed = [entry("A.PKL"), entry("b.txt"), entry(".c.pt"), entry("d", folder=True)]

    def shown(**switches: bool) -> str:
        found = entries.shown(listed, SNAPSHOT, **{"all_files": False, "hidden": False, **switches})
        return " ".join(e.name for e in found)

    assert shown() == "A.PKL d"
    assert shown(all_files=True) == "A.PKL b.txt d"
    assert shown(hidden=True) == "A.PKL .c.pt d"


def test_the_state_of_a_training_is_not_offered_as_a_snapshot() -> None:
    assert TRAINING_STATE == rundir.STATE
    assert not KINDS["snapshot"].takes(rundir.STATE)
    assert KINDS["snapshot"].takes("network-snapshot-000040.safetensors")


def test_names_that_are_written_get_their_suffix() -> None:
    assert entries.file_name(" mine ", SAVE_W) == "mine.npz"
    assert entries.file_name("mine.NPZ", SAVE_W) == "mine.NPZ"
    for name in ("", " ", ".", "..", "a/b", "a\0b"):
        with pytest.raises(UserError, match="cannot be the name"):
            entries.file_name(name, SAVE_W)


def test_letters_jump_from_one_name_to_the_next() -> None:
    listed = [entry(name) for name in ("Abe", "abc", "b")]
    assert entries.jump(listed, "a", -1) == 0
    assert entries.jump(listed, "a", 0) == 1
    assert entries.jump(listed, "a", 1) == 0, "round to the first"
    assert entries.jump(listed, "ab", 1) == 1, "a second letter stays where it fits"
    assert entries.jump(listed, "abe", 1) == 0
    assert entries.jump(listed, "x", 1) == -1
    assert entries.jump([], "x", -1) == -1


def test_typed_paths_are_understood_as_they_are_pasted() -> None:
    base = Path("/top")
    assert entries.parsed(" 'a b' ", base) == Path("/top/a b")
    assert entries.parsed("../b", base) == Path("/b")
    assert entries.parsed("file:///x%20y/z.pkl", base) == Path("/x y/z.pkl")
    assert entries.parsed("~", base) == Path.home()


def test_places_are_named_once() -> None:
    recent = ["/runs/a/1.pkl", "/runs/a/2.pkl", "/pictures/x.pkl", "/runs/b/1.pkl"]
    places = entries.shortcuts(Path("/home"), Path("/pictures"), "/runs/b", recent)
    assert [(p.kind, str(p.folder)) for p in places] == [
        ("home", "/home"),
        ("captures", "/pictures"),
        ("run", "/runs/b"),
        ("recent", "/runs/a"),
    ]


def test_facts_of_a_snapshot_and_of_a_run() -> None:
    snapshot = entry("network-snapshot-000040.pkl", size=30_000_000)
    assert entries.facts(snapshot) == "40 kimg, 28.6 MB"
    run = Entry("/r", "r", True, snapshots=2, newest="network-snapshot-000200.pkl")
    assert entries.facts(run) == "Run with 2 snapshots, the newest at 200 kimg"
    assert entries.when(1e300) == ""


def test_pipes_are_not_listed_and_dead_links_are(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pkl")
    (tmp_path / "link.pkl").symlink_to(tmp_path / "nowhere")
    (found,) = folders.listing(tmp_path)
    assert (found.name, found.bytes) == ("link.pkl", -1)


def test_a_search_follows_no_links_and_ends_at_its_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    for n in range(5):
        (tmp_path / "a" / f"{n}.pkl").touch()
    search = folders.Search([])
    folders.below(tmp_path, SNAPSHOT, search)
    assert [e.name for e in search.found] == [f"a/{n}.pkl" for n in range(5)]
    assert search.complete
    monkeypatch.setattr(folders, "FOUND", 0)
    search = folders.Search([])
    folders.below(tmp_path, SNAPSHOT, search)
    assert not search.found
    assert not search.complete


def test_typed_paths_are_looked_up(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").touch()
    assert folders.typed("a.pkl", tmp_path, SNAPSHOT) == folders.Place(tmp_path, "a.pkl")
    assert folders.typed("40", tmp_path, SNAPSHOT) == folders.Place(tmp_path, "40")  # RUN/KIMG
    assert folders.typed("new.npz", tmp_path, SAVE_W) == folders.Place(tmp_path, "new.npz")
    with pytest.raises(UserError, match=f"exists up to {tmp_path}"):
        folders.typed("x/y.pkl", tmp_path, SNAPSHOT)
