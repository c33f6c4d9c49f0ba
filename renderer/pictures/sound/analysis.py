"""What is heard, as envelopes: numbers 0…1 over time that can move pictures.

Everything is computed from short spectra (a Hann window of 46 ms at 44.1 kHz) in float64, the same
wherever it is done. Onsets are rises of the spectrum (spectral flux, Bello et al. 2005); the beat
is the pulse whose period fits them best (autocorrelation, with a preference for 120 a minute as in
Ellis 2007).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from renderer.messages.journey import BANDS, Band, Envelope, Track
from renderer.pictures.sound.reading import Sound, read_sound

RATE: Final = 60
"""Values of an envelope per second."""
_WINDOW: Final = 2048 / 44100
"""Seconds of sound in a spectrum."""
_EDGES: Final[dict[Band, tuple[float, float]]] = {
    "low": (20.0, 200.0),
    "mid": (200.0, 2000.0),
    "high": (2000.0, 16000.0),
}
"""The frequencies between which a band lies, in Hz."""
_TEMPI: Final = (60.0, 180.0)
"""The beats per minute that are looked for."""
_USUAL: Final = 120.0
_AT_ONCE: Final = 2048
"""So many spectra are computed at once, which bounds the memory."""

Values: TypeAlias = npt.NDArray[np.float64]
"""One number for each moment: [moments]."""


def track(path: str) -> Track:
    """Read a sound file and look at it. Raises UserError."""
    sound = read_sound(path)
    found = analyse(sound)
    return Track(
        path,
        sound.seconds,
        RATE,
        tuple(Envelope(band, packed(found[band])) for band in BANDS),
    )


def analyse(sound: Sound) -> dict[Band, Values]:
    """Return every envelope of a sound, RATE values per second, each 0…1."""
    power, rises, bands = _spectra(sound)
    onsets = _scaled(_peaks(rises))
    return {
        "loudness": _scaled(np.sqrt(power)),
        "low": _scaled(np.sqrt(bands[0])),
        "mid": _scaled(np.sqrt(bands[1])),
        "high": _scaled(np.sqrt(bands[2])),
        "onsets": onsets,
        "beat": _beat(onsets),
    }


def packed(values: Values) -> bytes:
    """Return values 0…1 as one byte each."""
    return np.clip(np.round(values * 255), 0, 255).astype(np.uint8).tobytes()


def _spectra(sound: Sound) -> tuple[Values, Values, tuple[Values, Values, Values]]:
    """Return for every moment the power, how much the spectrum rises, and the power of bands."""
    size = max(64, round(_WINDOW * sound.rate))
    count = max(1, round(sound.seconds * RATE))
    window = np.hanning(size)
    frequencies = np.fft.rfftfreq(size, 1 / sound.rate)
    inside = [(frequencies >= low) & (frequencies < high) for low, high in _EDGES.values()]
    padded = np.pad(sound.samples.astype(np.float64), (size // 2, size))
    starts = np.round(np.arange(count) * sound.rate / RATE).astype(int)
    power, rises, bands = np.zeros(count), np.zeros(count), np.zeros((3, count))
    before = np.zeros(len(frequencies))
    for first in range(0, count, _AT_ONCE):
        part = slice(first, min(first + _AT_ONCE, count))
        pieces = padded[starts[part, None] + np.arange(size)]
        power[part] = (pieces**2).mean(1)
        spectrum = np.abs(np.fft.rfft(pieces * window, axis=1)) / size
        for band, chosen in enumerate(inside):
            bands[band, part] = (spectrum[:, chosen] ** 2).sum(1)
        heard = np.log1p(1000 * spectrum)
        change = np.diff(np.concatenate([before[None], heard]), axis=0)
        rises[part] = np.maximum(change, 0).sum(1)
        before = heard[-1]
    return power, rises, (bands[0], bands[1], bands[2])


def _scaled(values: Values) -> Values:
    """Return values over the largest of them; 0 for silence."""
    top = float(values.max(initial=0.0))
    return values / top if top > 1e-9 else np.zeros_like(values)


def _peaks(rises: Values) -> Values:
    """Return how much rises stand out from those in the half second around them."""
    width = RATE // 2 | 1
    padded = np.pad(rises, width // 2, mode="edge")
    mean = np.convolve(padded, np.ones(width) / width, "valid")
    return np.maximum(rises - mean, 0.0)


def _beat(onsets: Values) -> Values:
    """Return a pulse at every beat that falls off until the next one; 0 where there is none."""
    low, high = (round(RATE * 60 / tempo) for tempo in reversed(_TEMPI))
    if len(onsets) < 4 * high or not onsets.any():
        return np.zeros_like(onsets)
    lags = np.arange(low, high + 1)
    fits = np.array([float(onsets[lag:] @ onsets[:-lag]) for lag in lags])
    tempi = 60 * RATE / lags
    fits *= np.exp(-0.5 * (np.log2(tempi / _USUAL) / 0.9) ** 2)
    period = int(lags[int(np.argmax(fits))])
    phases = np.array([onsets[phase::period].sum() for phase in range(period)])
    phase = int(np.argmax(phases))
    since = (np.arange(len(onsets)) - phase) % period
    falling: Values = (1 - since / period) ** 2
    return falling
