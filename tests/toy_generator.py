"""A tiny generator with random weights: every feature of the face, a millisecond a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from common.errors import UserError
from common.precision import Precision
from networks.base import Generator, Layer, NoiseInput, Stage, State, Tap, no_tap


class ToyStage(Stage):
    """Two convolutions with noise, then colour: rows 2k, 2k+1 and 2k+2."""

    def __init__(self, index: int, channels: int, w_dim: int) -> None:
        super().__init__()
        size = 4 * 2**index
        self.rows = range(2 * index, 2 * index + 3)
        names = (f"b{size}.conv0", f"b{size}.conv1", f"b{size}.torgb")
        widths = (channels, channels, 3)
        self.layers = tuple(
            Layer(name, size, width, noise=width != 3, row=row)
            for name, width, row in zip(names, widths, self.rows, strict=True)
        )
        self.start = nn.Parameter(torch.randn(1, channels, 4, 4)) if index == 0 else None
        self.convs = nn.ModuleList(nn.Conv2d(channels, c, 3, padding=1) for c in widths)
        self.styles = nn.ModuleList(nn.Linear(w_dim, channels) for _ in widths)
        self.register_buffer("noise", torch.randn(size, size))
        self.runs = 0

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        self.runs += 1
        x = self.start.expand(len(ws), -1, -1, -1) if state.x is None else up(state.x)
        for i in range(2):
            x = self.convs[i](x * (1 + self.styles[i](ws[:, self.rows[i]])[:, :, None, None]))
            sample = noise.sample(self.layers[i].name, self.noise, len(ws))
            x = functional.leaky_relu(x if sample is None else x + 0.3 * sample, 0.2)
            x = tap(self.layers[i].name, x)
        y = self.convs[2](x * (1 + self.styles[2](ws[:, self.rows[2]])[:, :, None, None]))
        y = tap(self.layers[2].name, y)
        return State(x, y if state.img is None else up(state.img) + y)


class ToyGenerator(Generator):
    family = "toy"

    def __init__(self, c_dim: int = 0, blocks: int = 3, channels: int = 5, seed: int = 0) -> None:
        super().__init__()
        self.config = {"c_dim": c_dim, "blocks": blocks, "channels": channels, "seed": seed}
        self.z_dim, self.w_dim, self.c_dim = 6, 4, c_dim
        self.num_ws, self.resolution, self.img_channels = 2 * blocks + 1, 4 * 2 ** (blocks - 1), 3
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.mapping = nn.Linear(self.z_dim + c_dim, self.w_dim)
            self.blocks = nn.ModuleList(ToyStage(i, channels, 4) for i in range(blocks))
            self.register_buffer("center", torch.randn(self.w_dim))

    @property
    def w_avg(self) -> Tensor:
        return self.center

    @property
    def stages(self) -> list[ToyStage]:
        return list(self.blocks)

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.mapping(z if c is None or not self.c_dim else torch.cat([z, c], 1))

    def set_precision(self, precision: Precision) -> None:
        """Its convolutions are too small for another number format to be worth it."""

    @property
    def runs(self) -> list[int]:
        """How often each stage has been run."""
        return [stage.runs for stage in self.blocks]


@dataclass
class ToySnapshot:
    G_ema: ToyGenerator
    format: str = "toy"
    available: tuple[str, ...] = ("G_ema",)
    kimg: float | None = 40.0
    augment_p: float | None = 0.25
    metadata: Mapping[str, object] = field(default_factory=lambda: {"Licence": "CC0"})
    file_bytes: int = 0


def up(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2)


def write_toy(path: Path, text: str = "") -> str:
    """A file that `open_toy` reads: arguments of ToyGenerator as `c_dim=3 seed=1`."""
    path.write_text(f"toy {text}")
    return str(path)


def open_toy(path, progress, cancelled) -> ToySnapshot:
    """Opens what `write_toy` wrote; anything else is a UserError."""
    progress(0.5, "reading")
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}.") from error
    if not text.startswith("toy"):
        raise UserError(f"{Path(path).name} is no toy.", "Write it with write_toy.")
    arguments = dict(pair.split("=") for pair in text.split()[1:])
    generator = ToyGenerator(**{key: int(value) for key, value in arguments.items()})
    return ToySnapshot(generator, file_bytes=len(text))
