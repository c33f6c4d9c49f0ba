"""What is known about an opened snapshot."""

from __future__ import annotations

from msgspec import Struct


class LayerInfo(Struct, frozen=True):
    """A place in the synthesis network that can be looked at and edited.

    name: as `tap` calls it (`b64.conv1`).
    resolution: of the longer side of its output, in pixels.
    channels: of its output.
    dtype: of its output.
    noise: whether it takes a noise input.
    rate, cutoff: samples per side of the picture, and the periods that its pass band ends at; 0
        where the resolution says it all.
    oblong: height and width of its output where they differ, None where it is square.
    styles: how many styles it takes of w, 0 where it takes none.
    """

    name: str
    resolution: int
    channels: int
    dtype: str = "float32"
    noise: bool = False
    rate: int = 0
    cutoff: float = 0.0
    oblong: tuple[int, int] | None = None
    styles: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of its output."""
        return self.oblong or (self.resolution, self.resolution)


class RowInfo(Struct, frozen=True):
    """One row of w.

    index: 0…num_ws − 1.
    resolution: of the block that it belongs to, the longer side.
    layers: names of the layers that it drives.
    oblong: height and width where they differ, None where the block's features are square.
    """

    index: int
    resolution: int
    layers: tuple[str, ...]
    oblong: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of its block's features."""
        return self.oblong or (self.resolution, self.resolution)


class ModelInfo(Struct, frozen=True):
    """Facts about an opened snapshot.

    path: the file, absolute.
    name: of the file.
    format: in words.
    family: of the network, such as `stylegan2`.
    resolution: of the longer side of its pictures, in pixels.
    img_channels: 1 (grey), 3, or 4 (with alpha).
    z_dim: length of z.
    w_dim: length of one row of w.
    c_dim: number of classes, 0 where it is not conditional.
    num_ws: rows of w.
    parameters: how many numbers were learnt.
    layers: in the order in which they are computed.
    rows: of w.
    kimg: thousands of images seen in training, None where that is not known.
    augment_p: ADA's p, None where the file does not hold it.
    file_bytes: size of the file.
    metadata: further facts as text, in the order in which they are shown.
    networks: every network in the file (G_ema, G, D, augment_pipe).
    truncates: the network has a w_avg; without one truncation has no effect.
    transforms: the network moves, turns and scales its pictures itself; else that has no effect.
    w_is_z: there is no mapping network: w is z itself.
    has_styles: layers take styles of w (without a mapping network: of z), linearly, which SeFa
        looks at.
    own_psi, own_cutoff: the truncation with which the program that wrote the file draws where it
        is not told (a cutoff of None is all rows); None where the file is of no such program.
    oblong: height and width of its pictures where they differ, None where these are square.
    lod: levels of detail that a network which grows does not use yet; between whole numbers one
        fades in; 0 where it has grown to the end, or does not grow.
    modified: when the file was written, in nanoseconds since 1970; 0 where that is not known.
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
    transforms: bool = False
    w_is_z: bool = False
    has_styles: bool = True
    own_psi: float | None = None
    own_cutoff: int | None = None
    oblong: tuple[int, int] | None = None
    lod: float = 0.0
    modified: int = 0

    @property
    def img_shape(self) -> tuple[int, int]:
        """Height and width of its pictures."""
        return self.oblong or (self.resolution, self.resolution)

    @property
    def has_noise(self) -> bool:
        """Whether any layer has a noise input."""
        return any(layer.noise for layer in self.layers)
