"""Videos and sequences: the right frames, and never half a file."""

from __future__ import annotations

import errno
import stat
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import imageio_ffmpeg
import msgspec
import numpy as np
import pytest
from PIL import Image

from common.errors import Cancelled, UserError
from common.progress import never, silent
from renderer.messages.jobs import Export, Sheet
from renderer.messages.request import RenderRequest, Seed
from renderer.pictures import sequence, video, workspace
from renderer.pictures.metadata import read_json, read_request
from renderer.transport.shared_memory import Pixels

COLORS = [(200, 30, 40), (20, 180, 60), (30, 60, 220), (128, 128, 128), (255, 255, 255), (0, 0, 0)]


def sheet(seed: int, *, hold: int = 1, scale: float = 1.0) -> Sheet:
    return Sheet((RenderRequest(snapshot="net", source=Seed(seed)),), hold=hold, scale=scale)


def draw(request: RenderRequest, size: tuple[int, int] = (64, 48)) -> Pixels:
    assert isinstance(request.source, Seed)
    made = np.full((*size, 4), 255, np.uint8)
    made[..., :3] = COLORS[request.source.seed % len(COLORS)]
    return made


def write(path: Path, sheets: list[Sheet], draw=draw, cancelled=lambda: False, **more) -> list[str]:
    told: list[str] = []
    export = Export(str(path), tuple(sheets), **more)
    sequence.write(export, draw, lambda fraction, text: told.append(text), cancelled)
    return told


def decoded(path: Path) -> np.ndarray:
    """Every frame: [N, H, W, 3]. (imageio's own reader leaves pipes open, which warns.)"""
    command = [video.ffmpeg(), "-v", "error", "-i", str(path)]
    raw = subprocess.run(
        [*command, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True,
        check=True,
    ).stdout
    height, width = video.read_first(path).shape[:2]
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def described(path: Path) -> str:
    """What ffmpeg says of a file."""
    return subprocess.run([video.ffmpeg(), "-i", str(path)], capture_output=True).stderr.decode()


def test_a_video_has_every_frame_in_its_colour_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "made" / "a film.mp4"
    told = write(path, [sheet(i, hold=i % 2 + 1) for i in range(6)], fps=12.5)
    assert told[0] == "Frame 1 of 9"
    assert told[-1] == "Frame 9 of 9"
    frames = decoded(path)
    assert frames.shape == (9, 64, 48, 3)
    shown = [COLORS[i] for i in range(6) for _ in range(i % 2 + 1)]
    for frame, color in zip(frames, shown, strict=True):
        assert np.abs(frame.astype(int) - color).max() <= 3, "limited range, chroma halved"
    facts = described(path)
    assert "Duration: 00:00:00.72," in facts
    for fact in ("h264 (High)", "yuv420p(tv, bt709/bt709/iec61966-2-1", " 12.50 fps"):
        assert fact in facts
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "plays before it is loaded"
    assert [p.name for p in path.parent.iterdir()] == ["a film.mp4"]


def test_odd_sizes_get_a_row_and_a_column_of_their_edge(tmp_path: Path) -> None:
    ramp = np.zeros((33, 31, 4), np.uint8)
    ramp[:, 16:] = 255
    write(tmp_path / "a.mp4", [sheet(0)], lambda _: ramp)
    (frame,) = decoded(tmp_path / "a.mp4")
    assert frame.shape == (34, 32, 3)
    assert frame[:, 30:].min() > 235
    assert frame[:, :12].max() < 20


def test_frames_of_another_size_are_brought_to_the_largest(tmp_path: Path) -> None:
    def grows(request: RenderRequest) -> Pixels:
        sides = {Seed(0): 32, Seed(1): 64, Seed(2): 32}
        return draw(request, (sides[request.source], sides[request.source]))

    write(tmp_path / "a.mp4", [sheet(0), sheet(1), sheet(2)], grows)
    frames = decoded(tmp_path / "a.mp4")
    assert frames.shape == (3, 64, 64, 3)
    for frame, color in zip(frames, COLORS, strict=False):
        assert np.abs(frame.astype(int) - color).max() <= 3, "in the whole frame"
    export = Export(str(tmp_path / "b.mp4"), (sheet(0), sheet(1)))
    note = sequence.write(export, grows, silent, never)
    assert note == "smaller pictures were brought to 64 × 64"
    export = Export(str(tmp_path / "c.mp4"), (sheet(0), sheet(2)))
    assert sequence.write(export, grows, silent, never) == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "b.mp4", "c.mp4"]


def test_a_video_carries_its_session_whatever_is_in_it(tmp_path: Path) -> None:
    session = msgspec.json.encode({"render": {}, "name": "=;#\\ “ü”\n" + "long " * 30_000}).decode()
    write(tmp_path / "a.mp4", [sheet(0)], session=session)
    assert video.read_comment(tmp_path / "a.mp4") == session
    assert msgspec.json.decode(read_json(tmp_path / "a.mp4")) == msgspec.json.decode(session)


def test_a_video_without_a_session_holds_its_first_request(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [sheet(4), sheet(5)])
    assert read_request(tmp_path / "a.mp4") == sheet(4).requests[0]


def test_what_is_no_video_of_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(UserError, match=r"Cannot read .*a\.mp4"):
        read_json(tmp_path / "a.mp4")
    command = [video.ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "color=red:d=0.1"]
    subprocess.run([*command, str(tmp_path / "b.mp4")], check=True)
    with pytest.raises(UserError, match="carries no session"):
        read_json(tmp_path / "b.mp4")


def test_a_sequence_is_a_folder_of_pngs_that_restore_themselves(tmp_path: Path) -> None:
    session = '{"render":{},"view":{"zoom":3.0},"version":1}'
    write(tmp_path / "walk", [sheet(1, hold=2), sheet(2)], session=session)
    files = sorted((tmp_path / "walk").iterdir())
    assert [f.name for f in files] == [f"walk-00000{i}.png" for i in range(3)]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        assert (np.asarray(Image.open(file)) == COLORS[seed]).all()
        assert read_request(file) == sheet(seed).requests[0]
        assert msgspec.json.decode(read_json(file))["view"] == {"zoom": 3.0}
    assert [p.name for p in tmp_path.iterdir()] == ["walk"]


def test_one_sheet_can_be_one_picture(tmp_path: Path) -> None:
    pair = Sheet((sheet(1).requests[0], sheet(2).requests[0]), "wipe", scale=2.0)
    write(tmp_path / "pair.png", [pair])
    made = np.asarray(Image.open(tmp_path / "pair.png"))
    assert made.shape == (128, 96, 3)
    assert (made[:, :48] == COLORS[1]).all()
    assert read_request(tmp_path / "pair.png") == pair.requests[0]
    assert [p.name for p in tmp_path.iterdir()] == ["pair.png"]


@pytest.mark.parametrize("name", ["a.mp4", "a"])
@pytest.mark.parametrize("error", [Cancelled(), UserError("net is gone."), MemoryError()])
def test_nothing_is_left_of_what_ends_in_the_middle(tmp_path: Path, name, error) -> None:
    def fails(request: RenderRequest) -> Pixels:
        if request.source == Seed(3):
            assert len(list(tmp_path.iterdir())) == 1, "the work in progress, hidden"
            raise error
        return draw(request)

    before = set(threading.enumerate())
    with pytest.raises(type(error)):
        write(tmp_path / name, [sheet(i) for i in range(5)], fails)
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) <= before, "no encoder is left either"


def test_cancelling_stops_between_two_frames_of_one_picture(tmp_path: Path) -> None:
    asked = iter([False] * 4 + [True] * 9)
    with pytest.raises(Cancelled):
        write(tmp_path / "a.mp4", [sheet(0, hold=1000)], cancelled=lambda: next(asked))
    assert list(tmp_path.iterdir()) == []


def test_what_exists_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("old")

    def fails(request: RenderRequest) -> Pixels:
        raise UserError("net is gone.")

    with pytest.raises(UserError):
        write(tmp_path / "a.mp4", [sheet(0)], fails)
    assert (tmp_path / "a.mp4").read_text() == "old"
    write(tmp_path / "a.mp4", [sheet(0)])
    assert len(decoded(tmp_path / "a.mp4")) == 1
    with pytest.raises(UserError, match="exists already"):
        write(tmp_path, [sheet(0)])


@pytest.mark.parametrize(
    ("name", "sheets", "fps", "message"),
    [
        ("a.mp4", [], 30.0, "nothing to export"),
        ("a.mp4", [sheet(0, hold=0)], 30.0, "nothing to export"),
        ("a.mp4", [Sheet(())], 30.0, "nothing to export"),
        ("a.mp4", [sheet(0)], 0.0, "0 frames per second"),
        ("a.mp4", [sheet(0)], float("nan"), "nan frames per second"),
        ("a.mp4", [sheet(0, scale=0.0)], 30.0, "scale"),
        ("a.png", [sheet(0), sheet(1)], 30.0, "2 pictures do not fit into a.png"),
    ],
)
def test_what_cannot_be_exported_says_why(tmp_path, name, sheets, fps, message) -> None:
    with pytest.raises(UserError, match=message):
        write(tmp_path / name, sheets, fps=fps)
    assert list(tmp_path.iterdir()) == []


def script(path: Path, text: str) -> str:
    """A program in place of ffmpeg."""
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="scripts are no programs there")
@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            "import sys; sys.stdin.buffer.read(9000)\n"
            "print('[mp4 @ 0x1] No space left on device', file=sys.stderr); sys.exit(228)",
            "disk is full",
        ),
        (
            "import sys; print(\"[libx264 @ 0x5] Unknown encoder 'libx264'\\nError opening\","
            " file=sys.stderr); sys.exit(1)",
            "could not encode the video: Unknown encoder 'libx264'\\.",
        ),
        ("import sys; sys.stdin.buffer.read(); sys.exit(3)", "it ended with exit code 3"),
    ],
)
def test_what_ffmpeg_complains_of_is_told(tmp_path, monkeypatch, program, message) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", script(tmp_path / "ffmpeg", program))
    with pytest.raises(UserError, match=message):
        write(tmp_path / "out" / "a.mp4", [sheet(i) for i in range(50)])
    assert list((tmp_path / "out").iterdir()) == []


def test_no_ffmpeg_is_told_with_a_remedy(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="cannot be encoded: no such file"):
        write(tmp_path / "a.mp4", [sheet(0)])

    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(UserError, match=r"no ffmpeg .* with"):
        write(tmp_path / "a.mp4", [sheet(0)])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_told_and_nothing_is_left(tmp_path: Path, monkeypatch) -> None:
    written = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name == "a-000002.png":
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match="the disk is full"):
        write(tmp_path / "a", [sheet(i) for i in range(9)])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Cannot make the folder"):
        write(tmp_path / "file" / "a.mp4", [sheet(0)])


def test_work_of_the_living_is_left_alone_and_of_the_dead_removed(tmp_path: Path) -> None:
    dead = tmp_path / f"{workspace.PREFIX}0123"
    dead.mkdir()
    (dead / "lock").touch()
    (dead / "video.mp4").write_bytes(b"half")
    unlocked = tmp_path / f"{workspace.PREFIX}4567"
    unlocked.mkdir()  # its maker was killed before it came to the lock
    unknown = tmp_path / f"{workspace.PREFIX}89ab"
    unknown.mkdir()
    (unknown / "video.mp4").write_bytes(b"half")
    with workspace.workspace(tmp_path) as mine:
        assert not dead.exists()
        workspace.sweep(tmp_path)
        assert mine.exists()
        assert not unlocked.exists()
        assert unknown.exists(), "has only just come to be"


SWEEPER = """
import sys, pathlib
from renderer.pictures.workspace import sweep
print("ready", flush=True)
folder, stop = map(pathlib.Path, sys.argv[1:])
while not stop.exists():
    sweep(folder)
"""


def test_who_sweeps_takes_no_folder_that_is_just_being_made(tmp_path: Path) -> None:
    out, stop = tmp_path / "out", tmp_path / "stop"
    out.mkdir()
    command = [sys.executable, "-c", SWEEPER, str(out), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as sweeper:
        try:
            assert sweeper.stdout is not None
            assert sweeper.stdout.readline() == b"ready\n"
            for _ in range(200):
                with workspace.workspace(out) as mine:
                    (mine / "video.mp4").write_bytes(b"half")
                    assert (mine / "video.mp4").exists()
        finally:
            stop.touch()
    assert sweeper.returncode == 0
    assert list(out.iterdir()) == []


def test_memory_does_not_grow_with_the_number_of_sheets(tmp_path: Path) -> None:
    def large(request: RenderRequest) -> Pixels:
        return draw(request, (256, 256))

    tracemalloc.start()
    try:
        write(tmp_path / "a", [sheet(i) for i in range(120)], large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 256 * 256 * 4
