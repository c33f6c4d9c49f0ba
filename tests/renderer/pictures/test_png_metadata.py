"""PNGs carry what they were made from, and nothing else passes for it."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
import zlib

import msgspec
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common.errors import UserError
from common.files import write_atomically
from renderer.messages.request import ChannelEdit, LayerView, Plane, RenderRequest, Spectrum
from renderer.pictures.metadata import KEYWORD, Made, encode_png, read_json, read_request, write_png
from renderer.pictures.sizes import resized
from renderer.pictures.video import Video

REQUEST = RenderRequest(
    snapshot="/모델/모델.pkl",
    source=Plane(0.1, -2.7),
    edits=tuple(ChannelEdit("b8.conv0", c, 0.1 * c) for c in range(600)),
    view=LayerView("b8.conv1", spectrum=Spectrum()),
)


@pytest.fixture
def pixels():
    """An opaque picture."""
    made = np.random.RandomState(0).randint(0, 256, (9, 7, 4), np.uint8)
    made[..., 3] = 255
    return made


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


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a"])
@pytest.mark.parametrize("kind", ["JPEG", "WebP", "GIF"])
def test_a_picture_saved_as_another_kind_says_where_sessions_travel(tmp_path, pixels, name, kind):
    with (tmp_path / name).open("wb") as file:
        Image.fromarray(pixels[..., :3]).save(file, kind)
    with pytest.raises(UserError, match=f"is a {kind}: it carries no session") as raised:
        read_json(tmp_path / name)
    assert "PNG, MP4" in raised.value.remedy


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
        damaged: "damaged PNG",
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


DEEP = b"[" * 100_000 + b"]" * 100_000


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + kind + data + check


def png(*chunks: bytes, side: int = 20_000) -> bytes:
    """A PNG of side² pixels, none of which are there."""
    size = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + b"".join(chunks) + chunk(b"IEND", b"")


def text(data: bytes, packed: bool = True) -> bytes:
    stored = zlib.compress(data) if packed else data
    return chunk(b"iTXt", b"ganscope\0" + bytes([packed, 0, 0, 0]) + stored)


def bomb(size: int = 1 << 30) -> bytes:
    packer = zlib.compressobj(1)
    block = bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


HOSTILE = {
    "400 megapixels": ("a.png", png(), "carries no session"),
    "a damaged text": ("a.png", png(text(b"{}")).replace(b"ganscope", b"gansc0pe"), "damaged PNG"),
    "a text of no encoding": ("a.png", png(text(b"\xff\xfe", packed=False)), "utf-8"),
    "a text that is not packed": (
        "a.png",
        png(chunk(b"iTXt", b"ganscope\0\1\0\0\0{}")),
        "its text is damaged",
    ),
    "a text cut short": (
        "a.png",
        png(chunk(b"iTXt", b"ganscope\0\1\0\0\0" + zlib.compress(bytes(99))[:-5])),
        "its text is cut off",
    ),
    "a text of a gigabyte": (
        "a.png",
        png(chunk(b"iTXt", b"ganscope\0\1\0\0\0" + bomb())),
        "unpacks to more than 64 MiB",
    ),
    "no end": ("a.png", png()[:-12], "damaged PNG"),
    "no picture": ("a.png", b"hello", "no PNG"),
    "a nested text": ("a.png", png(text(DEEP)), "nested too deeply"),
    "nested JSON": ("a.json", DEEP, "nested too deeply"),
    "a nested field": ("a.json", b'{"render": {}, "x": ' + DEEP + b"}", "nested too deeply"),
    "a nested field of a request": ("a.json", b'{"mix": ' + DEEP + b"}", "holds no request"),
    "no UTF-8": ("a.json", b'{"\xff": 1}', "holds no request"),
    "no video": ("a.mp4", b"hello", "Cannot read"),
    "a playlist": ("a.mp4", b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n", "Cannot read"),
}


@pytest.mark.parametrize(("name", "data", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_at_once(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    begun = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=message) as caught:
            read_request(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(path) in str(caught.value)
    assert time.monotonic() - begun < 5
    assert peak < 200 << 20


def test_a_video_with_a_nested_session_is_refused(tmp_path, pixels):
    folder = tmp_path / "work"
    folder.mkdir()
    with Video(folder / "a.mp4", (16, 16), 25.0, DEEP.decode()) as video:
        video.add(np.zeros((16, 16, 4), np.uint8))
        video.finish()
    with pytest.raises(UserError, match=r"a\.mp4 holds no request: it is nested too deeply"):
        read_request(folder / "a.mp4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["a.png", "a.json", "a.mp4"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(UserError, match="it is a pipe"):
        read_request(tmp_path / name)


def test_a_file_that_no_session_fills_is_not_read(tmp_path):
    with open(tmp_path / "a.json", "wb") as file:
        file.truncate(1 << 40)  # a hole, which takes no room on the disk
    with pytest.raises(UserError, match="more than 64 MiB"):
        read_request(tmp_path / "a.json")


def test_the_session_of_a_very_large_picture_is_read(tmp_path):
    session = msgspec.json.encode({"render": REQUEST, "version": 1, "notes": "x" * (2 << 20)})
    (tmp_path / "a.png").write_bytes(png(text(session)))
    assert read_request(tmp_path / "a.png") == REQUEST


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "after the picture"])
def test_a_session_is_read_however_another_program_stored_it(tmp_path, pixels, kind):
    request = RenderRequest("/a.pkl", Plane(1.5, 2))
    json = msgspec.json.encode(Made(request)).decode()
    if kind == "after the picture":
        Image.fromarray(pixels).save(tmp_path / "a.png")
        data = (tmp_path / "a.png").read_bytes()
        (tmp_path / "a.png").write_bytes(data[:-12] + text(json.encode()) + data[-12:])
    else:
        info = PngInfo()
        info.add_text("ganscope", json, zip=kind == "zTXt")
        Image.fromarray(pixels).save(tmp_path / "a.png", pnginfo=info)
    assert read_request(tmp_path / "a.png") == request


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


def test_a_transparent_picture_keeps_its_alpha_and_an_opaque_one_has_none():
    pixels = np.full((4, 6, 4), 255, np.uint8)
    pixels[..., 0] = 10
    opaque = Image.open(io.BytesIO(encode_png(pixels, RenderRequest("a.pkl"))))
    assert opaque.mode == "RGB"
    pixels[1, 2, 3] = 7
    clear = Image.open(io.BytesIO(encode_png(pixels, RenderRequest("a.pkl"))))
    assert clear.mode == "RGBA"
    assert np.array_equal(np.array(clear), pixels)
    assert KEYWORD in clear.text
    half = resized(pixels, 2, 3, "smooth")
    assert half.shape == (2, 3, 4)
    assert half[0, 1, 3] < 255
    assert half[0, 1, 0] == pytest.approx(10, abs=1)
