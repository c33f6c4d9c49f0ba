"""The face of every generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from common.precision import Precision
from networks.base.labels import needed_labels
from networks.base.noise import NoiseInput
from networks.base.stage import Layer, Stage, Tap, no_tap, picture_of


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


class UnmappedGenerator(Generator):
    """A generator without a mapping network: w is z, with the label behind it, in a single row."""

    w_is_z = True
    num_ws = 1

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        if not self.c_dim:
            return z
        return torch.cat([z, needed_labels(c, self.c_dim).to(z.dtype)], 1)
