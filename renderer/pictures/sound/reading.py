"""Sound files to samples: WAV, FLAC, OGG and MP3, by libsndfile."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from common.errors import UserError, reason
from common.files import open_file

SUFFIXES: Final = (".wav", ".flac", ".ogg", ".mp3")
"""The suffixes of sound files."""
LONGEST: Final = 3600.0
"""The most seconds of sound that are read."""

Samples: TypeAlias = npt.NDArray[np.float32]
"""One channel of sound, about −1…1: [count]."""


class Sound(NamedTuple):
    """A piece of sound.

    samples: the mean of its channels.
    rate: samples per second.
    """

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def read_sound(path: str | Path) -> Sound:
    """Read a sound file. Raises UserError for what is none, and for more than an hour."""
    file = Path(path).expanduser()
    try:
        sound = _by_libsndfile(file)
    except ImportError:
        sound = _plain_wave(file)
    except FileNotFoundError as error:
        raise UserError(f"{file} does not exist.") from error
    except OSError as error:
        raise UserError(f"Cannot read {file}: {reason(error)}.") from error
    if not len(sound.samples) or not np.isfinite(sound.samples).all():
        raise UserError(f"{file} holds no sound.")
    return sound


def _by_libsndfile(path: Path) -> Sound:
    """Read by `soundfile`. Raises ImportError where it or its library is missing."""
    try:
        import soundfile
    except OSError as error:  # the package is there, libsndfile is not
        raise ImportError("libsndfile") from error
    with open_file(path) as opened:
        try:
            with soundfile.SoundFile(opened) as file:
                if file.frames > LONGEST * file.samplerate:
                    raise _too_long(path)
                samples = file.read(dtype="float32", always_2d=True)
                return Sound(samples.mean(1), int(file.samplerate))
        except soundfile.LibsndfileError as error:
            raise UserError(
                f"Cannot read {path}: {error.error_string.rstrip('.')}.",
                "WAV, FLAC, OGG and MP3 files are read.",
            ) from error


def _plain_wave(path: Path) -> Sound:
    """Read a WAV file of 8, 16 or 32 bits without any library."""
    try:
        with open_file(path) as opened, wave.open(opened, "rb") as file:
            if file.getnframes() > LONGEST * file.getframerate():
                raise _too_long(path)
            width, channels = file.getsampwidth(), file.getnchannels()
            data, rate = file.readframes(file.getnframes()), file.getframerate()
    except (wave.Error, EOFError) as error:
        raise UserError(
            f"Cannot read {path}: {error}.", "Install soundfile, or convert it to a PCM WAV."
        ) from error
    kinds: dict[int, tuple[str, float]] = {1: ("u1", 128.0), 2: ("<i2", 0.0), 4: ("<i4", 0.0)}
    if width not in kinds:
        raise UserError(f"Cannot read {path}: {8 * width} bits.", "Install soundfile.")
    kind, middle = kinds[width]
    whole = len(data) // (width * channels) * channels
    values = np.frombuffer(data, np.dtype(kind), whole).astype(np.float32) - middle
    scale = 2.0 ** (8 * width - 1)
    return Sound((values / scale).reshape(-1, channels).mean(1), rate)


def _too_long(path: Path) -> UserError:
    return UserError(f"{path} lasts longer than an hour.", "Cut it, for it is kept with journeys.")
