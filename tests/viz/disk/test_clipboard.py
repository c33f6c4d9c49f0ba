"""A picture on the clipboard, by whatever the system has."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from renderer.pictures.metadata import read_request
from viz.disk.clipboard import command, copy_png
from viz.session.session import Session

PATH = Path("/tmp/it's.png")
SESSION = Session().with_render(snapshot="net.safetensors")


def test_each_system_has_its_own_way() -> None:
    assert command(PATH, platform="win32")[0] == "powershell"
    assert "it''s.png" in command(PATH, platform="win32")[-1]
    assert command(PATH, platform="darwin")[0] == "osascript"

    def both(name: str) -> str:
        return f"/bin/{name}"

    wayland = {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    linux = {"platform": "linux", "which": both}
    assert command(PATH, environment=wayland, **linux)[0] == "/bin/wl-copy"
    assert command(PATH, environment={"DISPLAY": ":0"}, **linux)[0] == "/bin/xclip"
    for environment, which in (({"DISPLAY": ":0"}, lambda _: None), ({}, both)):
        with pytest.raises(UserError, match="no program") as raised:
            command(PATH, platform="linux", environment=environment, which=which)
        assert "xclip" in raised.value.remedy


@pytest.fixture
def xclip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that keeps what it is given. Returns the file in which it does."""
    kept, folder = tmp_path / "kept.png", tmp_path / "bin"
    folder.mkdir()
    program = folder / "xclip"
    program.write_text(f"#!/bin/sh\ncat > {kept}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return kept


@pytest.mark.skipif(sys.platform != "linux", reason="the program of the test is a shell script")
def test_the_picture_of_the_window_is_copied_with_its_session(drive, xclip: Path) -> None:
    def test(gui) -> None:
        gui.app.actions.run_command("edit.copy_picture")
        gui.settle()
        assert read_request(xclip) == gui.app.cell.now.render
        with Image.open(io.BytesIO(xclip.read_bytes())) as image:
            assert (np.asarray(image) == gui.context.frame.pixels[..., :3]).all()
        assert "clipboard" in gui.app.messages.last.text

    drive(test, session=SESSION)


@pytest.mark.skipif(sys.platform != "linux", reason="the program of the test is a shell script")
def test_a_program_that_fails_is_told(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "xclip").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "xclip").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(UserError, match="exit code 3"):
        copy_png(b"png")
