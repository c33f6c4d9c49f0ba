"""Messages between the window and the renderer: frozen, typed, free of torch.

They carry requests (`renderer/messages/request.py`) one way and results the other. Pixels never
travel in a message: they lie in shared memory (`renderer/transport/shared_memory.py`).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from common.precision import Precision
from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest

Result = TypeVar("Result", bound=Struct)

# ---------------------------------------------------------------------------------------------
# What is known about a network and a frame
# ---------------------------------------------------------------------------------------------


class LayerInfo(Struct, frozen=True):
    """A place in the synthesis network that can be looked at and edited."""

    name: str
    resolution: int
    channels: int
    dtype: str = "float32"
    noise: bool = False


class RowInfo(Struct, frozen=True):
    """One row of w: the resolution it belongs to and the layers it drives."""

    index: int
    resolution: int
    layers: tuple[str, ...]


class ModelInfo(Struct, frozen=True):
    """Facts about an opened snapshot. `metadata` holds text for display, in order.

    networks: every network in the file (G_ema, G, D, augment_pipe).
    truncates: the network has a w_avg; without one truncation has no effect.
    """

    path: str
    name: str
    format: str
    family: str
    resolution: int
    img_channels: int
    z_dim: int
    w_dim: int
    c_dim: int
    num_ws: int
    parameters: int
    layers: tuple[LayerInfo, ...]
    rows: tuple[RowInfo, ...]
    kimg: float | None = None
    augment_p: float | None = None
    file_bytes: int = 0
    metadata: tuple[tuple[str, str], ...] = ()
    networks: tuple[str, ...] = ()
    truncates: bool = True

    @property
    def has_noise(self) -> bool:
        """Whether any layer has a noise input."""
        return any(layer.noise for layer in self.layers)


class Histogram(Struct, frozen=True):
    low: float
    high: float
    counts: tuple[int, ...]


class ChannelStats(Struct, frozen=True):
    mean: float
    std: float
    low: float
    high: float
    histogram: Histogram


class LayerStats(Struct, frozen=True):
    """Statistics of one layer: of all channels, and of the selected one."""

    layer: str
    shape: tuple[int, ...]
    dtype: str
    all: ChannelStats
    channel: int
    selected: ChannelStats


class AtlasLayout(Struct, frozen=True):
    """Where the channels lie in an atlas picture; cells are `cell` pixels apart, row by row."""

    channels: int
    columns: int
    rows: int
    cell: int


class StatsSpec(Struct, frozen=True):
    """Asks for statistics; sent only while somebody looks at them."""

    layer: str
    channel: int = 0
    bins: int = 64


class Verdict(Struct, frozen=True):
    """What the discriminator says of a picture: its raw output (logit), higher is more real.

    clean: of the picture as it is; draws: of each augmented one, in the order shown. p: what was
    applied; run_p: what the snapshot's augmentation pipeline holds, None where it holds none.
    transforms: what is switched on, by the published names. assumed: they are not the snapshot's
    own, because it holds no pipeline.
    """

    clean: float
    draws: tuple[float, ...]
    p: float
    run_p: float | None = None
    transforms: tuple[str, ...] = ()
    assumed: bool = False


class FrameInfo(Struct, frozen=True):
    """What is known about a frame besides its pixels. timings: milliseconds per stage."""

    timings: dict[str, float]
    device: str
    precision: str
    threads: int
    reused_stages: int = 0
    total_stages: int = 0
    memory_bytes: int = 0
    device_bytes: int = 0
    cache_bytes: int = 0
    stats: LayerStats | None = None
    atlas: AtlasLayout | None = None
    verdict: Verdict | None = None


class Failure(Struct, frozen=True):
    """An error in the user's words: what failed and why, and what to do about it."""

    message: str
    remedy: str = ""


class EngineOptions(Struct, frozen=True):
    """How to compute. device: auto, cpu, cuda, cuda:1 …; threads: 0 = leave one core free.

    precision `auto` is what the network was published with (float16 in the top resolutions) on
    CUDA and float32 on a CPU; the others are explained in `common.precision`.
    """

    device: str = "auto"
    precision: Literal["auto", Precision] = "auto"
    threads: int = 0
    cache_bytes: int = 2 << 30


# ---------------------------------------------------------------------------------------------
# Window -> renderer
# ---------------------------------------------------------------------------------------------


BACKGROUND: Final = "thumbnails"
"""The stream of pictures that nobody waits for.

It is drawn when no other stream wants anything, and networks opened for it go first when memory
runs short.
"""


class Render(Struct, frozen=True, tag="render"):
    """Draw this. Per `stream` only the newest survives; `id` grows."""

    id: int
    request: RenderRequest
    stream: str = "main"
    stats: StatsSpec | None = None


class Start(Struct, frozen=True, tag="start"):
    """Begin a job. Answers: Progress…, then Loaded, JobDone or JobFailed, all with its number.

    job: its number, given by the client.
    kind: the tag of its type of Work (`renderer/messages/jobs.py`).
    work: the Work itself, encoded; only the file that does the job knows its type.
    """

    job: int
    kind: str
    work: bytes

    @classmethod
    def of(cls, job: int, work: Work) -> Start:
        """The message that begins `work` as job number `job`."""
        return cls(job, kind_of(type(work)), _encoder.encode(work))


def kind_of(work: type[Work]) -> str:
    """The tag of a type of Work, as it stands in `Start.kind`."""
    return str(work.__struct_config__.tag)


class Cancel(Struct, frozen=True, tag="cancel"):
    job: int


class Configure(Struct, frozen=True, tag="configure"):
    options: EngineOptions


class Release(Struct, frozen=True, tag="release"):
    """The window no longer reads this slot of the ring."""

    slot: int
    ring: str = ""


class DropRing(Struct, frozen=True, tag="drop_ring"):
    """The window could not open this ring: its stream needs another one."""

    ring: str


class Stop(Struct, frozen=True, tag="stop"):
    pass


ToRenderer: TypeAlias = Render | Start | Cancel | Configure | Release | DropRing | Stop

# ---------------------------------------------------------------------------------------------
# Renderer -> window
# ---------------------------------------------------------------------------------------------


class Hello(Struct, frozen=True, tag="hello"):
    """Sent at start and after every Configure: what the renderer computes on."""

    pid: int
    devices: tuple[str, ...]
    device: str
    precision: str
    threads: int


class Alive(Struct, frozen=True, tag="alive"):
    """Sent about once a second, busy or not. doing: what the render loop is at, and since when.

    stuck_s: seconds since it last got on: took a step, or used the processor. A slow picture
    keeps the processor busy, a deadlock does not, and that is how they are told apart.
    """

    doing: str = ""
    busy_s: float = 0.0
    stuck_s: float = 0.0


class FrameReady(Struct, frozen=True, tag="frame"):
    """Pixels of `request` lie in `slot` of ring `ring`: height x width RGBA8, rows top down.

    The ring is a shared-memory segment of `ring_bytes`; the pixels start at `offset`.
    """

    id: int
    stream: str
    request: RenderRequest
    ring: str
    slot: int
    width: int
    height: int
    info: FrameInfo
    offset: int = 0
    ring_bytes: int = 0


class RenderFailed(Struct, frozen=True, tag="render_failed"):
    id: int
    stream: str
    request: RenderRequest
    failure: Failure


class Progress(Struct, frozen=True, tag="progress"):
    """fraction in 0…1, or negative where the amount of work is unknown."""

    job: int
    fraction: float
    text: str


class Loaded(Struct, frozen=True, tag="loaded"):
    """job 0: the snapshot was opened because a request named it."""

    job: int
    model: ModelInfo


class JobDone(Struct, frozen=True, tag="done"):
    """A job has ended well.

    job: its number.
    text: a line for the user.
    result: what the job returns besides, encoded; empty where it returns nothing.
    """

    job: int
    text: str
    result: bytes = b""

    def read(self, kind: type[Result]) -> Result:
        """The result, which is of the type that the job's type of Work names.

        Raises msgspec.DecodeError where it is of another.
        """
        return msgspec.msgpack.decode(self.result, type=kind)


def done(text: str, result: Struct | None = None) -> JobDone:
    """The end of a job, for whoever does it and does not know its number."""
    return JobDone(0, text, b"" if result is None else _encoder.encode(result))


class JobFailed(Struct, frozen=True, tag="failed"):
    """Cancelled jobs end here too, with `cancelled` set. Job 0: a Configure that was refused."""

    job: int
    path: str
    failure: Failure
    cancelled: bool = False


ToWindow: TypeAlias = (
    Hello | Alive | FrameReady | RenderFailed | Progress | Loaded | JobDone | JobFailed
)

_encoder = msgspec.msgpack.Encoder()
_to_renderer: msgspec.msgpack.Decoder[ToRenderer] = msgspec.msgpack.Decoder(ToRenderer)
_to_window: msgspec.msgpack.Decoder[ToWindow] = msgspec.msgpack.Decoder(ToWindow)


def encode(message: ToRenderer | ToWindow) -> bytes:
    """One message as bytes for a pipe or a socket."""
    return _encoder.encode(message)


def decode_to_renderer(data: bytes) -> ToRenderer:
    """Raises msgspec.DecodeError (and its subclass ValidationError) on anything else."""
    try:
        return _to_renderer.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


def decode_to_window(data: bytes) -> ToWindow:
    """Raises msgspec.DecodeError (and its subclass ValidationError) on anything else."""
    try:
        return _to_window.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
