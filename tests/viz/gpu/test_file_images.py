"""Pictures read from files on a thread."""

from __future__ import annotations

import threading
import time

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


def test_all_that_is_seen_at_once_stays_and_is_read_once(monkeypatch) -> None:
    """A list of projections may show more pictures than are kept of those seen no more."""
    decoded: list[str] = []

    def decode(disk, path, side):
        decoded.append(path)
        return f"{path} was read"

    monkeypatch.setattr(file_images, "_decode", decode)
    images = file_images.FileImages(lambda: None)
    seen = [f"{number}.png" for number in range(3 * file_images.KEPT)]
    end = time.monotonic() + 20
    while None in [images.get(path, 1) for path in seen] and time.monotonic() < end:
        images.refresh()
    for _ in range(50):
        images.refresh()
        assert [images.get(path, 1) for path in seen] == [f"{path} was read" for path in seen]
    assert sorted(decoded) == sorted(seen)

    for _ in range(2):  # what is not asked for in a frame is seen no more
        images.refresh()
    left = [path for path in seen if images.get(path, 1) is not None]
    assert left == seen[-file_images.KEPT :]
    images.close()
