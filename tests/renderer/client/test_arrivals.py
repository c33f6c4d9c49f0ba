"""Files that come from another machine: whole where they belong, or not there at all."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.client.arrivals import Arrivals, Ended
from renderer.messages.failure import Failure
from renderer.messages.to_window import FilePart, JobDone, JobFailed


class Here:
    """Arrivals, and the ends of jobs that they tell."""

    def __init__(self) -> None:
        self._told: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self.arrivals = Arrivals(self._told.put)

    def end(self, message: Ended) -> Ended:
        assert self.arrivals.end(message)
        return self._told.get(timeout=60)


@pytest.fixture
def here() -> Iterator[Here]:
    here = Here()
    yield here
    here.arrivals.close(10)


def test_a_file_appears_when_it_is_whole(here: Here, tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"before")
    here.arrivals.begin(1, str(target))
    here.arrivals.part(FilePart(1, "", 0, b"abc"))
    here.arrivals.part(FilePart(1, "", 3, b"def"))
    assert target.read_bytes() == b"before"
    assert here.end(JobDone(1, "Wrote it")) == JobDone(1, "Wrote it")
    assert target.read_bytes() == b"abcdef"
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_or_begins_again_leaves_nothing(here: Here, tmp_path: Path) -> None:
    here.arrivals.begin(1, str(tmp_path / "frames"))
    here.arrivals.part(FilePart(1, "0.png", 0, b"half"))
    here.arrivals.begin(1, str(tmp_path / "frames"))  # another process does it from its beginning
    here.arrivals.part(FilePart(1, "deep/0.png", 0, b"whole"))
    failed = JobFailed(1, "frames", Failure("The disk there is full."))
    assert here.end(failed) == failed
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../out.png", "/tmp/out.png", "a/../../out.png", "nul\0"])
def test_nothing_is_written_beside_the_target(here: Here, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    here.arrivals.begin(1, str(folder / "frames"))
    here.arrivals.part(FilePart(1, name, 0, b"hostile"))
    assert isinstance(here.end(JobDone(1, "Wrote it")), JobFailed)
    assert not list(folder.iterdir())
    assert list(tmp_path.iterdir()) == [folder]


def test_a_missing_part_and_a_missing_file_are_failures(here: Here, tmp_path: Path) -> None:
    here.arrivals.begin(1, str(tmp_path / "w.npz"))
    here.arrivals.part(FilePart(1, "", 0, b"abc"))
    here.arrivals.part(FilePart(1, "", 9, b"xyz"))
    ended = here.end(JobDone(1, "Wrote it"))
    assert isinstance(ended, JobFailed)
    assert "missing" in ended.failure.message
    here.arrivals.begin(2, str(tmp_path / "w.npz"))
    assert isinstance(here.end(JobDone(2, "Wrote it")), JobFailed)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_said(here: Here, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    here.arrivals.begin(1, str(tmp_path / "file" / "w.npz"))
    here.arrivals.part(FilePart(1, "", 0, b"abc"))
    ended = here.end(JobDone(1, "Wrote it"))
    assert isinstance(ended, JobFailed)
    assert str(tmp_path / "file") in ended.failure.message


def test_what_is_not_finished_goes_with_the_window(tmp_path: Path) -> None:
    here = Here()
    here.arrivals.begin(1, str(tmp_path / "film.mp4"))
    here.arrivals.part(FilePart(1, "", 0, b"half"))
    here.arrivals.close(30)
    assert not list(tmp_path.iterdir())
