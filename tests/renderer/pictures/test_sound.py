"""Sound: read from every kind of file, heard, and followed by numbers of a journey."""

from __future__ import annotations

import builtins
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from renderer.messages.journey import BANDS, Drive, Envelope, Journey, Key, Knob, Track
from renderer.messages.request import RenderRequest, Seed, Truncation
from renderer.pictures.journey.drives import heard
from renderer.pictures.journey.files import read_journey, write_journey
from renderer.pictures.journey.frame import at
from renderer.pictures.sound.analysis import RATE, analyse, track
from renderer.pictures.sound.reading import Sound, read_sound

soundfile = pytest.importorskip("soundfile")
HERTZ = 22050


def sine(hertz: float, seconds: float) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * HERTZ)) / HERTZ).astype(np.float32)


def clicks(seconds: float, apart: float, first: float = 0.0) -> np.ndarray:
    made = np.zeros(int(seconds * HERTZ), np.float32)
    noise = np.random.RandomState(0).randn(400).astype(np.float32) * 0.3
    for start in np.arange(first, seconds - 0.05, apart):
        at_sample = int(start * HERTZ)
        made[at_sample : at_sample + 400] += noise
    return made


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_every_kind_of_file_is_read(tmp_path: Path, suffix: str) -> None:
    both = np.stack([sine(440, 1.0) * 0.5, np.zeros(HERTZ, np.float32)], 1)
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, both, HERTZ)
    found = read_sound(path)
    assert found.rate == HERTZ
    assert found.seconds == pytest.approx(1.0, abs=0.1)
    middle = found.samples[HERTZ // 4 : HERTZ // 2]
    assert np.abs(middle).max() == pytest.approx(0.25, abs=0.03), "the mean of both channels"


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_plain_wave_is_read_without_the_library(tmp_path, monkeypatch, width: int) -> None:
    path, scale = tmp_path / "a.wav", 2 ** (8 * width - 1) - 1
    kind = {1: np.uint8, 2: "<i2", 4: "<i4"}[width]
    samples = sine(440, 0.5).astype(np.float64) * 0.5 * scale + (128 if width == 1 else 0)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(HERTZ)
        file.writeframes(samples.astype(kind).tobytes())
    by_library = read_sound(path)
    real = builtins.__import__

    def without(name, *rest):
        if name == "soundfile":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    plain = read_sound(path)
    assert plain.rate == by_library.rate
    assert np.allclose(plain.samples, by_library.samples, atol=0.01)


@pytest.mark.parametrize("data", [b"", b"no sound", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_sound_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(UserError, match=r"a\.wav"):
        read_sound(tmp_path / "a.wav")
    with pytest.raises(UserError, match="does not exist"):
        read_sound(tmp_path / "gone.wav")


def test_bands_are_heard_apart() -> None:
    samples = np.concatenate([sine(80, 1.0), sine(700, 1.0), sine(5000, 1.0)])
    found = analyse(Sound(samples, HERTZ))
    for place, band in enumerate(("low", "mid", "high")):
        means = [found[band][s * RATE + 10 : (s + 1) * RATE - 10].mean() for s in range(3)]
        assert int(np.argmax(means)) == place
        assert means[place] > 0.8
        assert sum(means) - means[place] < 0.1


def test_loudness_follows_the_sound() -> None:
    samples = sine(300, 2.0) * np.repeat([0.25, 1.0], HERTZ).astype(np.float32)
    found = analyse(Sound(samples, HERTZ))["loudness"]
    assert found[RATE // 2] == pytest.approx(0.25, abs=0.05)
    assert found[3 * RATE // 2] == pytest.approx(1.0, abs=0.05)


def test_onsets_are_where_notes_begin() -> None:
    found = analyse(Sound(clicks(4.0, 0.8, 0.4), HERTZ))["onsets"]
    strong = np.flatnonzero(found > 0.5) / RATE
    for start in (0.4, 1.2, 2.0, 2.8, 3.6):
        assert np.abs(strong - start).min() < 0.05
    assert all(np.abs(np.array([0.4, 1.2, 2.0, 2.8, 3.6]) - at).min() < 0.1 for at in strong)


def test_the_beat_has_the_period_of_the_music() -> None:
    found = analyse(Sound(clicks(12.0, 0.5, 0.25), HERTZ))["beat"]
    beats = np.flatnonzero(found == 1.0) / RATE
    assert np.allclose(np.diff(beats), 0.5, atol=0.02)
    assert abs((beats[4] - 0.25 + 0.25) % 0.5 - 0.25) < 0.07


def test_silence_moves_nothing() -> None:
    found = analyse(Sound(np.zeros(HERTZ, np.float32), HERTZ))
    assert set(found) == set(BANDS)
    assert all(not values.any() for values in found.values())


STEP = Track("a.wav", 2.0, 60, (Envelope("loudness", bytes([0] * 60 + [255] * 60)),))


def test_a_number_follows_what_is_heard() -> None:
    def level(time: float, **more) -> float:
        return heard(STEP, Drive(Knob("psi"), **{"smoothing": 0.0, **more}), time)

    assert level(0.5) == 0.0
    assert level(1.5) == 1.0
    assert level(5.0) == 0.0, "after its end there is silence"
    assert 0.4 < level(1.0, smoothing=0.5) < 0.6
    assert level(0.9, smoothing=0.5) > 0.0
    half = Track("", 1.0, 60, (Envelope("loudness", bytes([128] * 60)),))
    assert heard(half, Drive(Knob("psi"), threshold=0.6), 0.5) == 0.0
    assert heard(half, Drive(Knob("psi"), threshold=0.25), 0.5) == pytest.approx(1 / 3, abs=0.01)
    assert heard(half, Drive(Knob("psi"), "beat"), 0.5) == 0.0


def test_it_goes_without_steps_between_the_values_of_an_envelope() -> None:
    drive = Drive(Knob("psi"), smoothing=0.2)
    values = [heard(STEP, drive, 0.8 + i / 2000) for i in range(800)]
    assert max(abs(b - a) for a, b in pairwise(values)) < 0.02


def test_a_sound_drives_a_journey_and_travels_with_it(tmp_path: Path) -> None:
    keys = tuple(Key(RenderRequest("n", Seed(i), truncation=Truncation(0.5)), i) for i in range(3))
    drive = Drive(Knob("psi"), "loudness", 0.4, 0.0)
    journey = Journey(keys, 2.0, track=STEP, drives=(drive,))
    psi = [at(journey, time).truncation.psi for time in (0.5, 1.5)]
    assert psi == pytest.approx([0.5, 0.9])
    write_journey(tmp_path / "a.journey.json", journey)
    assert read_journey(tmp_path / "a.journey.json") == journey


def test_the_same_file_is_always_heard_the_same(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", clicks(3.0, 0.5) + 0.2 * sine(90, 3.0), HERTZ)
    assert track(str(tmp_path / "a.wav")) == track(str(tmp_path / "a.wav"))
    assert len(track(str(tmp_path / "a.wav")).envelopes) == len(BANDS)
