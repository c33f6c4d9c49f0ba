"""`RenderRequest`: everything that changes a picture and nothing else.

Equal requests give equal pixels. It is frozen and hashable, and its JSON is what sessions, presets
and the metadata of every PNG are made of.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from renderer.messages.bending import Bend

SEEDS: Final = 2**32
"""How many seeds there are: numpy takes 0 … 2³² − 1."""


class Seed(Struct, frozen=True, tag="seed"):
    """z = numpy.random.RandomState(seed).randn(z_dim), as in NVIDIA's tools. 0 ≤ seed < 2³²."""

    seed: int = 0


class Plane(Struct, frozen=True, tag="plane"):
    """A point of the plane of seeds: seed(x, y) = (x + step·y) mod 2³² at integer x and y.

    Between integers the four surrounding seeds are blended bilinearly in W.
    """

    x: float = 0.0
    y: float = 0.0
    step: int = 100


class Corner(NamedTuple):
    """One of the four seeds around a point of the plane.

    seed: 0 … 2³² − 1.
    weight: its share of the blend, 0…1.
    """

    seed: int
    weight: float


def seed_at(x: float, y: float, step: int) -> int:
    """The seed of the plane at integer x and y."""
    return (math.floor(x) + step * math.floor(y)) % SEEDS


def corners(plane: Plane) -> tuple[Corner, Corner, Corner, Corner]:
    """The seeds around a point: top left, top right, bottom left, bottom right.

    Their weights are bilinear and add up to 1. Raises ValueError or OverflowError where x or y is
    not finite.
    """
    x0, y0 = math.floor(plane.x), math.floor(plane.y)
    tx, ty = plane.x - x0, plane.y - y0
    return (
        Corner(seed_at(x0, y0, plane.step), (1 - tx) * (1 - ty)),
        Corner(seed_at(x0 + 1, y0, plane.step), tx * (1 - ty)),
        Corner(seed_at(x0, y0 + 1, plane.step), (1 - tx) * ty),
        Corner(seed_at(x0 + 1, y0 + 1, plane.step), tx * ty),
    )


class SavedW(Struct, frozen=True, tag="w"):
    """A stored latent: `.npz` (key `w`) or `.npy`: [w_dim], [N, w_dim] or [N, num_ws, w_dim].

    Noise maps in the file (keys `noise.<layer>`, as `project` writes them) take the place of the
    network's own where it is the request's source and the noise is `const`.

    A w that is carried by the request needs no file: so a picture of it can be had again on another
    machine. Noise maps are too large for that, so they are taken from the file as long as it is
    there and holds this w.

    path: of the file; with `data`, where it was saved.
    index: which latent of the file, from 0; with `data` it has no effect.
    data: w itself, [num_ws, w_dim] as float32, the lowest byte first; empty: that of the file.
    """

    path: str
    index: int = 0
    data: bytes = b""


class Share(Struct, frozen=True):
    """One latent of an average: the w that its own picture is drawn from, all that is done to it
    included.

    source: where the latent comes from.
    weight: how much it counts beside the others.
    label: its class.
    truncation: how it is truncated.
    mix: what is mixed into it.
    directions: what it is moved along.
    """

    source: Source
    weight: float = 1.0
    label: ClassLabel | None = None
    truncation: Truncation = msgspec.field(default_factory=lambda: Truncation())
    mix: tuple[MixSource, ...] = ()
    directions: tuple[Direction, ...] = ()


class Average(Struct, frozen=True, tag="average"):
    """The weighted mean of several latents: Σ a_k·w_k / Σ a_k."""

    parts: tuple[Share, ...]


class Arc(Struct, frozen=True, tag="arc"):
    """A point of the great circle through the z of two seeds, mapped to w like a seed's own z.

    From `first` it goes towards `second` by `t` of the angle between them, as spherical linear
    interpolation does (Shoemake 1985; for latents White 2016), and then `turn` whole circles on.
    Its length goes with t from that of the first z to that of the second.

    first, second: 0 … 2³² − 1. t: 0…1 lies between the two. turn: 1 is the whole circle.
    """

    first: int = 0
    second: int = 1
    t: float = 0.0
    turn: float = 0.0


Source: TypeAlias = Seed | Plane | SavedW | Average | Arc


class ClassLabel(Struct, frozen=True):
    """A class of a conditional model, or a blend of two: w = (1 − t)·w(first) + t·w(second)."""

    first: int = 0
    second: int | None = None
    t: float = 0.0


class Truncation(Struct, frozen=True):
    """w' = w_avg + psi·(w − w_avg) (StyleGAN, Appendix B) for the first `cutoff` layers.

    psi: −1…2 in the window. cutoff: number of w rows it applies to; None = all.
    curve: psi per w row, which replaces psi and cutoff where it is given.
    """

    psi: float = 1.0
    cutoff: int | None = None
    curve: tuple[float, ...] | None = None


class MixSource(Struct, frozen=True):
    """Another latent mixed in: `weights[i]` in −1…1 is its share of w row i (missing rows: 0).

    Row i of the result is (1 − Σ a)·w + Σ a_k·w_k; where the weights of a row add up to more
    than 1 they are divided by their sum. One source with weight 1 replaces the row exactly. A
    negative weight leads away from a source; curves through several latents need it.
    """

    source: Source
    weights: tuple[float, ...] = ()
    enabled: bool = True


class Direction(Struct, frozen=True):
    """A way through W that the latent is moved along: row i of w becomes w_i + amount·v_i.

    This comes after mixing and truncation, on the w that synthesis is given, as in GANSpace
    (Härkönen et al. 2020, Section 3.1): so an amount means the same at every psi, also at psi 0.

    vector: v as float32, the lowest byte first: [w_dim] for every row, or [num_ws, w_dim]. It is
        as long as w spreads along it (a standard deviation). One of another size than the
        network's w has no effect, as settings survive a change of network.
    amount: in standard deviations, −1000…1000.
    first, last: the rows of w that are moved; last None: to the end.
    orthogonal: v loses its part along the other directions of the request, in each row that they
        move too and whatever their amounts (InterFaceGAN, Shen et al. 2020, Section 2.2, for any
        number of them): what they change stays as it is.
    name: what the user calls it, which travels with it and changes no pixel.
    """

    vector: bytes
    amount: float = 0.0
    first: int = 0
    last: int | None = None
    orthogonal: bool = False
    name: str = ""


class StyleShift(Struct, frozen=True):
    """One style of one layer changed: s_c becomes s_c + amount·sigma (StyleSpace, Wu et al. 2021).

    Styles are what an affine layer makes of w, s = A(w). This comes after w is moved, so an amount
    means the same at every psi. A layer or a channel that the network lacks has no effect, as
    settings survive a change of network.

    layer: the layer that the style acts on.
    channel: which of its styles, from 0.
    amount: in standard deviations, −1000…1000.
    sigma: how far this style spreads over w, a standard deviation, above 0 and up to 10⁶.
    name: what the user calls it, which changes no pixel; empty: by its layer and channel.
    """

    layer: str
    channel: int
    amount: float = 0.0
    sigma: float = 1.0
    name: str = ""


NoiseMode: TypeAlias = Literal["none", "const", "random"]


class Noise(Struct, frozen=True):
    """Noise inputs. `random` is drawn from `seed`, so it can be had again.

    strength multiplies what the network has learnt; `layers` multiplies single layers by name.
    """

    mode: NoiseMode = "const"
    seed: int = 0
    strength: float = 1.0
    layers: tuple[tuple[str, float], ...] = ()


class Transform(Struct, frozen=True):
    """How the picture is moved by networks that can do so themselves, as StyleGAN3 does.

    It is scaled and turned about its middle, then shifted; what moves in at the edges is drawn.
    x, y: the shift, in pictures, right and down. rotate: degrees, against the clock.
    scale: above 0; 2 is twice as large.
    """

    x: float = 0.0
    y: float = 0.0
    rotate: float = 0.0
    scale: float = 1.0


class ChannelEdit(Struct, frozen=True):
    """One channel of one layer multiplied by `scale` during synthesis (0 silences it)."""

    layer: str
    channel: int
    scale: float = 0.0


class Spectrum(Struct, frozen=True):
    """Show log-magnitude of the 2-D FFT: `low_db`…`high_db` mapped to black…white."""

    low_db: float = -40.0
    high_db: float = 40.0
    window: Literal["none", "hann", "kaiser"] = "hann"


class LayerView(Struct, frozen=True):
    """What to look at instead of the picture.

    mode `rgb` shows three channels from `channel` on, `channel` one through `colormap`, `atlas`
    every channel as a grid of cells of at most `cell` pixels, row by row. normalize divides by
    the largest absolute value shown, in an atlas that of each channel (so that quiet ones are
    seen) unless `per_channel` is off; gain_db multiplies by 10^(gain_db / 20) after that.
    """

    layer: str
    mode: Literal["rgb", "channel", "atlas"] = "rgb"
    channel: int = 0
    normalize: bool = True
    per_channel: bool = True
    gain_db: float = 0.0
    colormap: str = "gray"
    spectrum: Spectrum | None = None
    cell: int = 64


class AugmentView(Struct, frozen=True):
    """Show what the discriminator was given: the picture after augmentation, `draws` times.

    p: overall probability in 0…1; None is the run's own, as the snapshot holds it. seed: of the
    random draws; the same seed keeps each draw's choices while p changes.
    """

    p: float | None = None
    seed: int = 0
    draws: int = 8


class Target(Struct, frozen=True):
    """A picture from a file, as projection looks for it: cut out, and as large as the network's.

    path: of the file.
    crop: x, y and size of the square that is shown, in pixels of the picture as it is seen; None
        for the largest one in the middle.
    """

    path: str
    crop: tuple[int, int, int] | None = None


class RenderRequest(Struct, frozen=True):
    """One picture. Equal requests give equal pixels on the same device and precision.

    target: shown in place of what the network draws, so that a projection can be compared with it.
    transform: how a network moves the picture that can; others draw it as it is.
    bends: what is done to the outputs of layers after `edits`, in their order.
    directions: what w is moved along, after it is mixed and truncated.
    styles: which styles of layers are changed, after w is moved; those of the same channel add up.
    """

    snapshot: str = ""
    source: Source = msgspec.field(default_factory=Plane)
    label: ClassLabel | None = None
    truncation: Truncation = msgspec.field(default_factory=Truncation)
    mix: tuple[MixSource, ...] = ()
    noise: Noise = msgspec.field(default_factory=Noise)
    edits: tuple[ChannelEdit, ...] = ()
    view: LayerView | None = None
    augment: AugmentView | None = None
    target: Target | None = None
    transform: Transform = msgspec.field(default_factory=Transform)
    bends: tuple[Bend, ...] = ()
    directions: tuple[Direction, ...] = ()
    styles: tuple[StyleShift, ...] = ()
