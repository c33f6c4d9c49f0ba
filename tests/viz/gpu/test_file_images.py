"""Pictures read from files on a thread."""

from __future__ import annotations

import threading

from viz.gpu import file_images


def test_an_unforeseen_error_is_said_and_the_next_file_is_read(monkeypatch, capsys) -> None:
    read = threading.Event()

    def decode(disk, path, side):
        if path == "bad.png":
            raise MemoryError("too large")
        return "good was read"

    monkeypatch.setattr(file_images, "_decode", decode)
    images = file_images.FileImages(read.set)

    def get(path: str) -> object:
        assert images.get(path, 1) is None
        assert read.wait(20)
        read.clear()
        images.refresh()
        return images.get(path, 1)

    assert get("bad.png") == "internal error: MemoryError: too large"
    assert "Traceback" in capsys.readouterr().err
    assert get("good.png") == "good was read"
    images.close()


def test_a_file_that_could_not_be_reached_is_read_once_there_is_a_line(monkeypatch) -> None:
    read, tried, lost = threading.Event(), threading.Event(), [True]

    def decode(disk, path, side):
        if lost[0]:
            tried.set()
            raise ConnectionError("no line")
        return "it was read"

    monkeypatch.setattr(file_images, "_decode", decode)
    images = file_images.FileImages(read.set)
    assert images.get("far.png", 1) is None
    assert tried.wait(20)
    lost[0] = False
    while not read.is_set():
        assert images.get("far.png", 1) is None
        read.wait(0.01)
    images.refresh()
    assert images.get("far.png", 1) == "it was read"
    images.close()
