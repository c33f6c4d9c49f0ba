"""Files that would hold up or break the window, dropped on it."""

from __future__ import annotations

import os
import socket
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from viz.panels import bookmarks, picture


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def said(gui) -> str:
    return "\n".join(message.text for message in gui.app.messages.items)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_and_sockets_are_refused_by_name_and_the_window_goes_on(drive, tmp_path) -> None:
    pipes = [tmp_path / name for name in ("one.png", "two.pkl", "three.npz", "four")]
    for pipe in pipes:
        os.mkfifo(pipe)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "five.json"))

    def test(gui) -> None:
        for path in (*pipes, tmp_path / "five.json"):
            began = time.monotonic()
            gui.drop(path)
            assert time.monotonic() - began < 1, "a drop waits for no disk"
            gui.settle()
        assert said(gui).count("is a named pipe, not a file") == 4
        assert "is a socket, not a file" in said(gui)
        gui.keys("Ctrl+S")
        gui.settle()
        assert len(gui.context.captured) == 1, "the workers are free"

    drive(test, panels=(picture.PANEL,))
    listening.close()


def test_pictures_that_are_bombs_or_broken_are_told_with_their_name(drive, tmp_path: Path) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    bomb, deep = tmp_path / "bomb.png", tmp_path / "deep.json"
    bomb.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IEND", b""))
    deep.write_text("[" * 100_000)

    def test(gui) -> None:
        for path in (bomb, deep):
            before = gui.app.cell.now
            gui.drop(path)
            gui.settle()
            assert path.name in gui.app.messages.last.text
            assert gui.app.messages.last.error
            assert gui.app.cell.now == before

    drive(test, panels=(picture.PANEL,))


def test_broken_pictures_among_the_bookmarks_leave_the_others_to_be_listed(
    drive, home: Path
) -> None:
    folder = home / "bookmarks"
    folder.mkdir(parents=True)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IEND", b""))
    (folder / "empty.png").touch()
    (folder / "folder.png").mkdir()
    nested = PngInfo()
    nested.add_text("ganscope", "[" * 100_000)
    Image.new("RGB", (8, 8)).save(folder / "deep.png", pnginfo=nested)

    def test(gui) -> None:
        assert "bomb" not in [bookmark.name for bookmark in gui.context.bookmarks]
        before = len(gui.context.bookmarks)
        gui.keys("Ctrl+B")
        gui.settle()
        assert len(gui.context.bookmarks) == before + 1
        assert any(bookmark.session is not None for bookmark in gui.context.bookmarks)

    drive(test, panels=(picture.PANEL, bookmarks.PANEL))
