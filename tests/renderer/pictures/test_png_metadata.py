"""PNGs carry what they were made from, and nothing else passes for it."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common.errors import UserError
from common.files import write_atomically
from renderer.messages.request import ChannelEdit, LayerView, Plane, RenderRequest, Spectrum
from renderer.pictures.metadata import read_json, read_request, write_png

REQUEST = RenderRequest(
    snapshot="/모델/모델.pkl",
    source=Plane(0.1, -2.7),
    edits=tuple(ChannelEdit("b8.conv0", c, 0.1 * c) for c in range(600)),
    view=LayerView("b8.conv1", spectrum=Spectrum()),
)


@pytest.fixture
def pixels():
    return np.random.RandomState(0).randint(0, 256, (9, 7, 4), np.uint8)


def test_pixels_and_request_come_back_as_they_were(tmp_path, pixels):
    path = tmp_path / "그림.png"
    write_png(path, pixels, REQUEST)
    with Image.open(path) as image:
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), pixels[..., :3])
    assert read_request(path) == REQUEST
    assert [p.name for p in tmp_path.iterdir()] == ["그림.png"]


def test_a_session_with_more_in_it_is_kept_word_for_word(tmp_path, pixels):
    session = msgspec.json.encode({"render": REQUEST, "view": {"zoom": 2.5}, "version": 1})
    write_png(tmp_path / "a.png", pixels, session)
    assert read_json(tmp_path / "a.png") == session
    assert read_request(tmp_path / "a.png") == REQUEST


def test_session_files_and_bare_requests_are_read_too(tmp_path):
    session, bare = tmp_path / "session.json", tmp_path / "request.json"
    session.write_bytes(msgspec.json.encode({"render": REQUEST, "version": 1}))
    bare.write_bytes(msgspec.json.encode(REQUEST))
    assert read_request(session) == read_request(bare) == REQUEST


def test_files_without_a_request_say_why(tmp_path, pixels):
    def save(name, text=None):
        info = PngInfo()
        if text is not None:
            info.add_itxt("ganscope", text, zip=True)
        Image.fromarray(pixels).save(tmp_path / name, pnginfo=info)
        return tmp_path / name

    plain = save("plain.png")
    write_png(tmp_path / "whole.png", pixels, REQUEST)
    whole = (tmp_path / "whole.png").read_bytes()
    damaged, words, empty = (tmp_path / name for name in ("damaged.png", "a.json", "b.json"))
    damaged.write_bytes(whole[:60])
    words.write_text("hello")
    empty.write_text('{"a": 1}')
    cases = {
        tmp_path / "none.png": "does not exist",
        tmp_path: "Cannot read .*: is a directory",
        plain: "carries no session",
        damaged: "damaged PNG|carries no session",
        words: r"a\.json holds no request",
        empty: r"missing required field `render`",
        save("odd.png", '{"render": {"truncation": {"psi": "x"}}}'): r"render\.truncation\.psi",
        save("new.png", '{"render": {}, "version": 99}'): "newer ganscope",
    }
    for path, message in cases.items():
        with pytest.raises(UserError, match=message):
            read_request(path)
    for cut in range(0, len(whole), 7):
        damaged.write_bytes(whole[:cut])
        try:
            assert read_request(damaged) == REQUEST
        except UserError:
            continue


def test_a_file_that_cannot_be_written_leaves_nothing_and_keeps_the_old_one(tmp_path, monkeypatch):
    target = tmp_path / "a.bin"
    write_atomically(target, b"old")

    def full(source, destination):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UserError, match=r"Cannot write .*a\.bin: the disk is full\."):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
