"""What ffmpeg is told for each kind of film: the container, the codec, and how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from renderer.messages.jobs import Quality

MAX_FPS: Final = 240.0
"""The most frames per second that a film may have."""

# Colours as televisions and browsers expect them of such a file (ITU-R BT.709, limited range).
# Without the tags players guess, and guess differently for small and for large pictures.
_SCALE: Final = "scale=out_color_matrix=bt709:out_range=limited:flags=accurate_rnd+full_chroma_int"
_TAGS: Final = "setparams=color_primaries=bt709:color_trc=iec61966-2-1"
_YUV420: Final = f"{_SCALE},format=yuv420p,{_TAGS}"
_YUV422: Final = f"{_SCALE},format=yuv422p10le,{_TAGS}"
_SAME_BYTES: Final = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
"""Containers that number their tracks at random do not do so then."""


@dataclass(frozen=True)
class Codec:
    """How one kind of file is written.

    container: what ffmpeg calls the kind of file, for writing.
    video: the encoder and its options.
    quality: further options for each quality.
    filters: what is done to the pixels before.
    sound: the encoder of sound and its options, none where such a file has none.
    more: options of the file.
    reader: what ffmpeg calls the kind of file, for reading.
    """

    container: str
    video: tuple[str, ...]
    quality: Mapping[Quality, tuple[str, ...]]
    filters: str
    sound: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    reader: str = ""


CODECS: Final[Mapping[str, Codec]] = {
    ".mp4": Codec(
        "mp4",
        ("-c:v", "libx264", "-preset", "fast"),
        # Constant rate factors; the first is hardly to be told from the picture.
        {"best": ("-crf", "12"), "good": ("-crf", "21"), "small": ("-crf", "27")},
        _YUV420,
        ("-c:a", "aac", "-b:a", "192k"),
        ("-movflags", "+faststart"),
        "mp4",
    ),
    ".webm": Codec(
        "webm",
        ("-c:v", "libvpx-vp9", "-b:v", "0", "-deadline", "good", "-cpu-used", "4"),
        {"best": ("-crf", "18"), "good": ("-crf", "27"), "small": ("-crf", "36")},
        _YUV420,
        ("-c:a", "libopus", "-b:a", "160k"),
        _SAME_BYTES,
        "matroska",
    ),
    ".mov": Codec(
        "mov",
        ("-c:v", "prores_ks", "-vendor", "apl0"),
        # The profiles 422 HQ, 422 and 422 LT.
        {"best": ("-profile:v", "3"), "good": ("-profile:v", "2"), "small": ("-profile:v", "1")},
        _YUV422,
        ("-c:a", "pcm_s16le"),
        reader="mov",
    ),
    ".webp": Codec(
        "webp",
        ("-c:v", "libwebp_anim", "-lossless", "0", "-loop", "0"),
        {"best": ("-quality", "92"), "good": ("-quality", "80"), "small": ("-quality", "60")},
        "format=bgra",
    ),
    # Between the frames and a GIF, which needs all of them before it has its colours.
    ".mkv": Codec("matroska", ("-c:v", "ffv1"), {}, "format=bgr0", reader="matroska"),
}
"""How films are written, by their suffix in small letters."""

ANIMATIONS: Final = (".gif", ".webp")
"""Films that carry no session and no sound."""
FILMS: Final = (".mp4", ".webm", ".mov", *ANIMATIONS)
"""The suffixes of the films that are written for users."""
CARRIERS: Final = (".mp4", ".webm", ".mov")
"""The suffixes of those that carry their session."""
SOUNDS: Final = ("wav", "flac", "ogg", "mp3")
"""The kinds of sound file that are put under a film, as ffmpeg calls them."""
