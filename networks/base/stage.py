"""The pieces of a synthesis network: what flows between them, and what can be tapped in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from networks.base.noise import NoiseInput

Tap = Callable[[str, Tensor], Tensor]


def no_tap(name: str, x: Tensor) -> Tensor:
    """The tap that neither looks nor changes."""
    return x


@dataclass(frozen=True)
class StyleTap:
    """A tap that looks at styles and changes them, too.

    outputs: the tap of the outputs of layers.
    styles: is called with the name of a layer and its styles [N, styles], before they act on it.
    """

    outputs: Tap
    styles: Tap

    def __call__(self, name: str, x: Tensor) -> Tensor:
        """The output of a layer, as `outputs` changes it."""
        return self.outputs(name, x)


def styled(tap: Tap, layer: str, styles: Tensor) -> Tensor:
    """The styles [N, styles] of a layer as a tap changes them, where it is a `StyleTap`."""
    return tap.styles(layer, styles) if isinstance(tap, StyleTap) else styles


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
    styles: how many numbers an affine layer makes of w for it, as a `StyleTap` sees them; 0 where
        it takes none.
    """

    name: str
    resolution: int
    channels: int
    noise: bool = False
    dtype: torch.dtype = torch.float32
    row: int | None = None
    sampling: Sampling | None = None
    oblong: tuple[int, int] | None = None
    styles: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of its output."""
        return self.oblong or (self.resolution, self.resolution)


class Style(NamedTuple):
    """What one layer makes of w.

    row: the row of w that it reads.
    weight: the matrix that turns w into its styles: [styles, w_dim].
    layer: its name, where a `StyleTap` sees the styles; empty where it does not.
    gain: by which the styles are multiplied before they act on its features.
    """

    row: int
    weight: Tensor
    layer: str = ""
    gain: float = 1.0


@dataclass(frozen=True)
class Scene:
    """What pictures are made with besides w.

    noise: where the noise comes from.
    tap: what is done to layers.
    transform: as in State.
    """

    noise: NoiseInput
    tap: Tap = no_tap
    transform: Tensor | None = None


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
