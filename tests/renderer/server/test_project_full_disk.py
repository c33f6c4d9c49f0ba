"""A projection whose folder cannot be written to goes on, and nothing that was found is lost."""

from __future__ import annotations

import errno
import os
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from msgspec import Struct, structs

import common.files
from common.errors import UserError
from common.progress import never, silent
from renderer.messages.options import EngineOptions
from renderer.messages.project_job import Project, Projected, ProjectionSteps
from renderer.pictures.projected import LATENT
from renderer.pipeline.pipeline import Pipeline
from renderer.server.job import Task
from renderer.server.jobs import project
from tests.renderer.server.test_project_job import work


class Disk:
    """Folders that are full; writing to them fails as it does on a full disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full: set[Path] = set()
        write = common.files.replace_file

        def replace_file(target: Path, data: bytes) -> None:
            if target.parent in self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write(target, data)

        monkeypatch.setattr(common.files, "replace_file", replace_file)


def run(asked: Project) -> tuple[Projected | UserError, list[ProjectionSteps]]:
    """What becomes of the work, and what was reported on the way."""
    told: list[Struct] = []
    pipeline = Pipeline(EngineOptions(device="cpu", threads=1))
    task = Task(pipeline, silent, never, nullcontext, lambda *_: None, told.append)
    try:
        end: Projected | UserError = project.run(asked, task).read(Projected)
    except UserError as error:
        end = error
    return end, [report for report in told if isinstance(report, ProjectionSteps)]


def test_a_result_that_finds_no_room_is_written_elsewhere(tmp_path, monkeypatch) -> None:
    disk, asked = Disk(monkeypatch), work(tmp_path, 6)
    disk.full.add(Path(asked.folder))
    failed, told = run(asked)
    assert isinstance(failed, UserError)
    assert "the disk is full" in failed.message
    assert sum(len(report.distances) for report in told) == 6, "it was looked for all the same"
    assert "the disk is full" in told[-1].unkept
    assert list(Path(asked.folder).iterdir()) == []

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    found, told = run(structs.replace(asked, folder=str(elsewhere), before=asked.folder))
    assert isinstance(found, Projected)
    assert found.w == str(elsewhere / LATENT)
    assert told[-1].unkept == ""
    steps = [distance for report in told for distance in report.distances]
    assert len(steps) == 6, "nothing was searched anew"
    disk.full.clear()
    whole, _ = run(work(tmp_path, 6))
    assert isinstance(whole, Projected)
    with np.load(found.w) as once, np.load(whole.w) as again:
        np.testing.assert_array_equal(once["w"], again["w"])


def test_a_disk_with_room_again_is_written_to_by_going_on(tmp_path, monkeypatch) -> None:
    disk, asked = Disk(monkeypatch), work(tmp_path, 3)
    disk.full.add(Path(asked.folder))
    run(asked)
    disk.full.clear()
    monkeypatch.setattr(project, "_Progress", _NoSteps)
    found, _ = run(asked)
    assert isinstance(found, Projected)
    assert Path(found.w).is_file()


class _NoSteps(project._Progress):
    def take(self, step) -> None:
        raise AssertionError("it was all found already")
