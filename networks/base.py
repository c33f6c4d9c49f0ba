"""What a generator offers, whatever its family.

A generator is a mapping network and a list of *stages*. A stage takes the running `State` and
the rows of w it owns, and returns the next state; nothing else flows between stages. That makes
a picture resumable: the renderer keeps states and recomputes only from the first stage whose
inputs changed. Looking at and changing activations goes through one explicit call, `tap(name, x)`,
which every layer makes on its output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from common.precision import Precision

Tap = Callable[[str, Tensor], Tensor]


def no_tap(name: str, x: Tensor) -> Tensor:
    """The tap that neither looks nor changes."""
    return x


class State(NamedTuple):
    """What flows between stages: features [N, C, H, W] and the picture so far [N, img, H, W].

    transform: told to the first stage of a family that `transforms`: where a place of the picture
        lies in the one that is not moved, [3, 3]; None: where it is.
    """

    x: Tensor | None
    img: Tensor | None
    transform: Tensor | None = None


@dataclass(frozen=True)
class Sampling:
    """At what rates a layer samples, where the layers of a family differ in that.

    Rates are samples, and the cutoff is periods, per side of the picture.
    before: of its input. between: of its activation. after: of its output.
    cutoff: where the pass band of its output ends.
    """

    before: int
    between: int
    after: int
    cutoff: float


@dataclass(frozen=True)
class Layer:
    """A tappable place.

    name: what `tap` is called with; unique within a network.
    resolution: pixels of the longer side of its output.
    channels: of its output.
    noise: whether it has a noise input.
    dtype: of its output, as computed on CUDA by default.
    row: the row of w that drives it; None where none does.
    sampling: at what rates it samples; None where its resolution says it.
    oblong: height and width of its output where they differ; None where it is square.
    """

    name: str
    resolution: int
    channels: int
    noise: bool = False
    dtype: torch.dtype = torch.float32
    row: int | None = None
    sampling: Sampling | None = None
    oblong: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of its output."""
        return self.oblong or (self.resolution, self.resolution)


@dataclass(frozen=True)
class NoiseInput:
    """Where the noise inputs of a synthesis pass come from (StyleGAN, Section 2).

    mode: `none`, `const` (the network's own buffers) or `random` (drawn from `seed`: the same
        numbers on every device).
    seed: of `random`; None draws from torch's global generator, which is what training wants.
    strength: multiplies the learnt strength of all layers.
    layers: multiplies that of single layers, by their names.
    maps: what takes the place of the network's own buffers in `const`, by the names of layers:
        [H, W] each, on the network's device.
    """

    mode: Literal["none", "const", "random"] = "const"
    seed: int | None = 0
    strength: float = 1.0
    layers: Mapping[str, float] = field(default_factory=dict)
    maps: Mapping[str, Tensor] = field(default_factory=dict)

    def sample(self, name: str, const: Tensor, batch: int) -> Tensor | None:
        """Noise for the layer `name`: [1 or N, 1, H, W] float32 like `const` [H, W], or None."""
        scale = self.strength * self.layers.get(name, 1.0)
        if self.mode == "none" or scale == 0:
            return None
        if self.mode == "const":
            noise = self.maps.get(name, const)[None, None]
        elif self.seed is None:
            noise = torch.randn(batch, 1, *const.shape, device=const.device)
        else:
            key = np.array([self.seed & 0xFFFF_FFFF_FFFF_FFFF, _name_key(name)], np.uint64)
            rng = np.random.Generator(np.random.Philox(key=key))
            draw = rng.standard_normal((batch, 1, *const.shape), np.float32)
            noise = torch.from_numpy(draw).to(const.device)
        return noise if scale == 1 else noise * scale


def _name_key(name: str) -> int:
    # Built-in hash() is salted per process; the same seed must give the same noise everywhere.
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) & 0xFFFF_FFFF_FFFF_FFFF
    return key


class Style(NamedTuple):
    """What one layer makes of w.

    row: the row of w that it reads.
    weight: the matrix that turns w into its styles, as they act on its features:
        [styles, w_dim].
    """

    row: int
    weight: Tensor


class Stage(nn.Module):
    """One resumable piece of a synthesis network.

    rows: the half-open range of w rows it reads. layers: what it taps, in order.
    """

    rows: range
    layers: tuple[Layer, ...]

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        """state of the stage before, ws [N, num_ws, w_dim] (all rows) -> next state."""
        raise NotImplementedError

    def style_weights(self) -> Iterator[Style]:
        """What its layers make of w; nothing where they do not read it."""
        yield from ()


class Generator(nn.Module):
    """The face of every generator: `map`, `w_avg`, `stages`, `render`.

    Shapes: z [N, z_dim], c [N, c_dim], w [N, w_dim], ws [N, num_ws, w_dim],
    img [N, img_channels, *img_shape] float32, about −1…1.
    A family without a mapping network has w = z. One whose layers do not take in w one by one has
    a single row of it.

    family: its name, which files and messages use.
    config: the constructor's arguments, as JSON can hold them.
    z_dim: length of z.
    c_dim: number of classes; 0: unconditional.
    w_dim: length of one row of w.
    num_ws: rows of w, at least 1.
    resolution: pixels of the longer side of its pictures.
    img_channels: 3 of colour pictures, 1 of grey ones.
    grows: whether every stage leaves a picture behind, to which the next adds detail.
    w_is_z: there is no mapping network. What is between two z has their norm then: a sum of them
        is shorter, and no network has seen such.
    transforms: its pictures can be moved, turned and scaled where they are made
        (`State.transform`), so that what moves in at their edges is drawn as well.
    """

    family: str
    config: dict[str, Any]
    z_dim: int
    c_dim: int
    w_dim: int
    num_ws: int
    resolution: int
    img_channels: int
    grows: bool = False
    w_is_z: bool = False
    transforms: bool = False

    @property
    def img_shape(self) -> tuple[int, int]:
        """Height and width of its pictures."""
        return self.resolution, self.resolution

    @property
    def w_avg(self) -> Tensor | None:
        """The centre of W that truncation moves towards: [w_dim], or one of every class:
        [c_dim, w_dim]. None: there is no such centre."""
        return None

    @property
    def stages(self) -> Sequence[Stage]:
        """The synthesis network as resumable pieces, from input to picture."""
        raise NotImplementedError

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, z_dim], c [N, c_dim] -> w [N, w_dim], not truncated."""
        raise NotImplementedError

    def update_w_avg(self, w: Tensor) -> None:
        """Training calls this with every batch of w [N, w_dim], for the family to keep w_avg."""

    def set_precision(self, precision: Precision) -> None:
        """Compute in another number format, inside of `networks.precision.computing` of it.

        A network does what it is told on every device; `networks.precision.on_device` knows what
        a device is good at. A family does nothing here unless some of its layers have float16.
        """

    @contextmanager
    def drafting(self) -> Iterator[None]:
        """Holds around pictures on a CPU that may be rough: features are in bfloat16.

        Here torch chooses for every operator; a family overrides it where its features can stay in
        bfloat16 from layer to layer, which saves the copies.
        """
        with torch.autocast("cpu", torch.bfloat16):
            yield

    def preview(self, img: Tensor) -> Tensor:
        """The picture that a stage of a network that `grows` has left, in the size of the last.

        img: [N, img_channels, h, w] -> [N, img_channels, *img_shape].
        """
        return functional.interpolate(img, size=self.img_shape, mode="bilinear")

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Every tappable place, from input to picture."""
        return tuple(layer for stage in self.stages for layer in stage.layers)

    def render(
        self,
        ws: Tensor,
        noise: NoiseInput | None = None,
        tap: Tap = no_tap,
        transform: Tensor | None = None,
    ) -> Tensor:
        """ws [N, num_ws, w_dim] -> img: all stages in a row. transform: as in State."""
        return picture_of(self.stages, ws, noise, tap, transform)

    def render_in_use(self, ws: Tensor, noise: NoiseInput | None = None) -> Tensor:
        """As `render`, at the resolution that is in use where the network still grows.

        Training looks at these: a network that has grown to 8x8 is not judged in full size.
        """
        return self.render(ws, noise)


def picture_of(
    stages: Sequence[Stage],
    ws: Tensor,
    noise: NoiseInput | None = None,
    tap: Tap = no_tap,
    transform: Tensor | None = None,
) -> Tensor:
    """The picture that stages in a row make of ws [N, num_ws, w_dim]. transform: as in State."""
    state = State(None, None, transform)
    for stage in stages:
        state = stage(state, ws, noise or NoiseInput(), tap)
    assert state.img is not None
    return state.img if state.img.dtype == torch.float64 else state.img.float()


class UnmappedGenerator(Generator):
    """A generator without a mapping network: w is z, with the label behind it, in a single row."""

    w_is_z = True
    num_ws = 1

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        if not self.c_dim:
            return z
        return torch.cat([z, needed_labels(c, self.c_dim).to(z.dtype)], 1)


class Discriminator(nn.Module):
    """The face of every discriminator: img [N, img_channels, R, R], c [N, c_dim] -> [N, 1].

    family, config, c_dim, resolution, img_channels: as in Generator.
    """

    family: str
    config: dict[str, Any]
    c_dim: int
    resolution: int
    img_channels: int

    def set_precision(self, precision: Precision) -> None:
        """As in Generator."""

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        """Logits: positive for what looks real."""
        raise NotImplementedError

    def features(self, img: Tensor) -> list[Tensor]:
        """What img looks like on the way to the logits, from fine to coarse: maps [N, C, H, W].

        Raises NotImplementedError where a family does not tell.
        """
        raise NotImplementedError


def needed_labels(c: Tensor | None, c_dim: int) -> Tensor:
    """The labels [N, c_dim] of a conditional network. Raises ValueError where there are none."""
    if c is None:
        raise ValueError(f"this network is conditional: labels [N, {c_dim}] needed")
    return c


def truncate(
    ws: Tensor,
    w_avg: Tensor | None,
    psi: float | Sequence[float] = 1.0,
    cutoff: int | None = None,
    c: Tensor | None = None,
) -> Tensor:
    """ws [N, num_ws, w_dim] moved towards w_avg [w_dim] (StyleGAN, Appendix B).

    w_avg: None where a network has no such centre; ws then stay what they are. [c_dim, w_dim] where
        each class has its own: ws move towards that of their label, c [N or 1, c_dim], a blend of
        them for a blend of classes.
    psi: one value for the first `cutoff` rows (None: all), or one value for each row.
    Raises ValueError where a label is needed and there is none.
    """
    if w_avg is None:
        return ws
    num_ws = ws.shape[1]
    if isinstance(psi, Sequence):
        factors = [*psi[:num_ws], *([1.0] * (num_ws - len(psi)))]
    else:
        rows = num_ws if cutoff is None else max(0, min(cutoff, num_ws))
        factors = [psi] * rows + [1.0] * (num_ws - rows)
    if all(f == 1 for f in factors):
        return ws
    if w_avg.ndim == 2:
        w_avg = (needed_labels(c, len(w_avg)).to(w_avg) @ w_avg)[:, None]
    scale = torch.tensor(factors, dtype=ws.dtype, device=ws.device)[:, None]
    # torch.lerp would be exact at 1 as well, but rows at exactly 1 must stay bit-identical.
    return torch.where(scale == 1, ws, w_avg + (ws - w_avg) * scale)
