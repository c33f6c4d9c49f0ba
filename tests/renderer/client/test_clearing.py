"""What a killed renderer left behind, where its locks outlive it for a moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from renderer.client.clearing import clear_up
from renderer.messages.jobs import Export, Sheet
from renderer.messages.request import Plane, RenderRequest
from renderer.pictures.workspace import PREFIX

HOLDER = """
import sys
from filelock import FileLock
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_whose_lock_is_held_for_a_moment_longer_goes_too(tmp_path: Path) -> None:
    folder = tmp_path / f"{PREFIX}0123"
    folder.mkdir()
    sheet = Sheet((RenderRequest("a", Plane(0.0, 0.0)),))
    work = Export(path=str(tmp_path / "film.mp4"), sheets=(sheet,))
    command = [sys.executable, "-c", HOLDER, str(folder / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        clearing = clear_up([work])
        clearing.join(0.05)
        assert folder.exists(), "somebody works in it"
        holder.kill()
    clearing.join(30)
    assert not folder.exists()
