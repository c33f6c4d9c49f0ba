"""Every kind of film: its frames, its session, its sound, and colours that stay."""

from __future__ import annotations

import re
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from common.errors import UserError
from common.progress import never, silent
from renderer.messages.jobs import Export, Sheet
from renderer.messages.journey import Journey, Key
from renderer.messages.request import RenderRequest, Seed
from renderer.pictures import sequence, video
from renderer.pictures.codecs import ANIMATIONS, CARRIERS, FILMS
from renderer.pictures.metadata import read_request
from renderer.transport.shared_memory import Pixels

COLORS = np.array([(200, 30, 40), (20, 180, 60), (30, 60, 220), (128, 128, 128)], np.uint8)
SHEETS = tuple(Sheet((RenderRequest("net", Seed(seed)),)) for seed in range(4))


def draw(request: RenderRequest) -> Pixels:
    assert isinstance(request.source, Seed)
    made = np.full((48, 64, 4), 255, np.uint8)
    made[..., :3] = COLORS[request.source.seed % 4]
    return made


def write(path: Path, sheets=SHEETS, drawn=draw, **more) -> None:
    sequence.write(Export(str(path), tuple(sheets), **more), drawn, silent, never)


def decoded(path: Path, size=(48, 64)) -> np.ndarray:
    """Every frame: [N, H, W, 3]."""
    command = [video.ffmpeg(), "-v", "error", "-i", str(path), "-fps_mode", "passthrough"]
    done = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, *size, 3)


def described(path: Path) -> str:
    return subprocess.run([video.ffmpeg(), "-i", str(path)], capture_output=True).stderr.decode()


def tone(path: Path, seconds: float) -> Path:
    samples = (np.sin(np.arange(int(8000 * seconds)) / 3) * 20000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return path


@pytest.mark.parametrize("suffix", [s for s in FILMS if s != ".webp"])
def test_every_kind_has_every_frame_in_its_colour(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write(path, fps=10)
    frames = decoded(path)
    assert len(frames) == 4
    assert np.abs(frames[:, 20, 20].astype(int) - COLORS).max() <= 6
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_animated_webp_has_every_frame_in_its_colour(tmp_path: Path) -> None:
    write(tmp_path / "a.webp", fps=10)
    with Image.open(tmp_path / "a.webp") as image:
        frames = [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
        assert image.info["loop"] == 0
    assert len(frames) == 4
    assert np.abs(np.stack(frames)[:, 20, 20].astype(int) - COLORS).max() <= 6


@pytest.mark.parametrize("suffix", CARRIERS)
def test_films_carry_what_they_were_made_from(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"a{suffix}")
    assert read_request(tmp_path / f"a{suffix}") == SHEETS[0].requests[0]


@pytest.mark.parametrize("suffix", FILMS)
def test_the_same_export_makes_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def noisy(request: RenderRequest) -> Pixels:
    made = np.full((48, 64, 4), 255, np.uint8)
    seed = request.source.seed if isinstance(request.source, Seed) else 0
    made[..., :3] = np.random.RandomState(seed).randint(0, 256, (48, 64, 3))
    return made


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov", ".webp"])
def test_a_lower_quality_takes_fewer_bytes(tmp_path: Path, suffix: str) -> None:
    sizes = []
    for quality in ("best", "good", "small"):
        path = tmp_path / f"{quality}{suffix}"
        write(path, SHEETS, noisy, quality=quality)
        sizes.append(path.stat().st_size)
    assert sizes[0] > sizes[1] > sizes[2]


def test_what_does_not_move_keeps_its_colour_in_a_gif(tmp_path: Path) -> None:
    """A gradient that stays, beside a patch that changes its colour in every frame."""
    ramp = np.full((48, 64, 4), 255, np.uint8)
    ramp[..., 0] = np.linspace(0, 255, 64)
    ramp[..., 1] = np.linspace(60, 200, 48)[:, None]

    def moving(request: RenderRequest) -> Pixels:
        made = ramp.copy()
        seed = request.source.seed if isinstance(request.source, Seed) else 0
        made[:12, :12, :3] = np.random.RandomState(seed).randint(0, 256, 3)
        return made

    write(tmp_path / "a.gif", [Sheet((RenderRequest("n", Seed(i)),)) for i in range(8)], moving)
    with Image.open(tmp_path / "a.gif") as image:
        frames = np.stack([np.array(f.convert("RGB")) for f in ImageSequence.Iterator(image)])
        assert image.info["loop"] == 0
    assert len(frames) == 8
    assert (frames[:, 14:, :] == frames[0, 14:, :]).all()
    assert len(np.unique(frames[:, 2, 2], axis=0)) > 4
    assert np.abs(frames[0, 14:].astype(int) - ramp[14:, :, :3]).mean() < 12


def test_prores_is_what_editors_take(tmp_path: Path) -> None:
    for quality, name in (("best", "HQ"), ("good", "Standard"), ("small", "LT")):
        path = tmp_path / f"{quality}.mov"
        write(path, quality=quality)
        assert re.search(rf"prores \({name}\).*yuv422p10le", described(path)), quality


@pytest.mark.parametrize("suffix", CARRIERS)
@pytest.mark.parametrize("seconds", [0.2, 3.0])
def test_sound_lasts_as_long_as_the_film(tmp_path: Path, suffix: str, seconds: float) -> None:
    sound = tone(tmp_path / "a.wav", seconds)
    path = tmp_path / f"a{suffix}"
    sheets = [Sheet(SHEETS[0].requests, hold=10)]
    write(path, sheets, fps=10, sound=str(sound))
    facts = described(path)
    assert "Audio:" in facts
    (length,) = re.findall(r"Duration: 00:00:0(\d\.\d+)", facts)
    assert 0.95 < float(length) < 1.15
    assert len(decoded(path)) == 10
    assert read_request(path) == SHEETS[0].requests[0]


@pytest.mark.parametrize(
    ("name", "sound", "message"),
    [
        ("a.gif", "a.wav", "a.gif has no sound"),
        ("frames", "a.wav", "frames has no sound"),
        ("a.mp4", "gone.wav", "is no file to be heard"),
        ("a.mp4", "list.m3u8", "could not encode"),
    ],
)
def test_what_cannot_be_heard_is_told(tmp_path: Path, name: str, sound: str, message: str) -> None:
    tone(tmp_path / "a.wav", 0.1)
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path / 'a.wav'}\n")
    with pytest.raises(UserError, match=message):
        write(tmp_path / name, sound=str(tmp_path / sound))
    assert not (tmp_path / name).exists()


def test_a_canvas_is_black_around_the_picture(tmp_path: Path) -> None:
    sheet = Sheet(SHEETS[0].requests, side=96)
    write(tmp_path / "a.png", [sheet], canvas=(90, 200))
    with Image.open(tmp_path / "a.png") as image:
        pixels = np.array(image.convert("RGB"))
    assert pixels.shape == (90, 200, 3)
    assert (pixels[:, 40:160] == COLORS[0]).all(), "120 × 90, in the middle"
    assert (pixels[:, :40] == 0).all()
    assert (pixels[:, 160:] == 0).all()


def test_filters_are_those_of_the_screen(tmp_path: Path) -> None:
    def checked(request: RenderRequest) -> Pixels:
        made = np.full((2, 2, 4), 255, np.uint8)
        made[0, 0, :3] = made[1, 1, :3] = 0
        return made

    looks = {}
    for name, options in (("crisp", {}), ("smooth", {"smooth": True}), ("l", {"lanczos": True})):
        sheet = Sheet(SHEETS[0].requests, side=8, **options)
        write(tmp_path / f"{name}.png", [sheet], checked)
        with Image.open(tmp_path / f"{name}.png") as image:
            looks[name] = np.array(image.convert("L"))
    assert set(np.unique(looks["crisp"])) == {0, 255}
    assert len(np.unique(looks["smooth"])) > 4
    assert not (looks["l"] == looks["smooth"]).all()


def test_a_journey_is_drawn_frame_by_frame(tmp_path: Path) -> None:
    keys = (Key(RenderRequest("n", Seed(1)), 0.0, "hold"), Key(RenderRequest("n", Seed(2)), 1.0))
    sheet = Sheet((keys[0].render,), side=96)
    write(tmp_path / "f", [sheet], journey=Journey(keys, 1.0), fps=4)
    files = sorted((tmp_path / "f").iterdir())
    seeds = [read_request(file).source for file in files]
    assert seeds == [Seed(1)] * 4 + [Seed(2)]
    with pytest.raises(UserError, match="nothing to export"):
        write(tmp_path / "g", [sheet], journey=Journey(), fps=4)


def test_kinds_are_told_apart() -> None:
    assert set(CARRIERS) | set(ANIMATIONS) == set(FILMS)
