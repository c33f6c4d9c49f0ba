"""How the renderer computes: what a user chooses in the preferences or by flags."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from common.precision import Precision


class EngineOptions(Struct, frozen=True):
    """None of this changes what a picture shows once it stands still.

    device: auto, cpu, cuda, cuda:1 …
    precision: `auto` is what the network was published with (float16 in the top resolutions) on
    CUDA; on a CPU it is float32, and a picture that takes long comes as a draft first while it
    moves (`FrameInfo.draft`). The others are explained in `common.precision`.
    threads: of the CPU; 0 leaves one core free.
    cache_bytes: room for networks and for what is kept of pictures.
    """

    device: str = "auto"
    precision: Literal["auto", Precision] = "auto"
    threads: int = 0
    cache_bytes: int = 2 << 30
