"""Grids of pictures: reals.png, fakes_init.png, fakes000200.png."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from common.files import write_atomically
from networks.base import Generator
from training.data.dataset import ImageDataset

# Pixels of the whole sheet: small enough to look at, large enough to judge.
_WIDTH, _HEIGHT = 1920, 1080
_COLUMNS: Final = (4, 16)
_ROWS: Final = (3, 8)


@dataclass(frozen=True)
class Grid:
    """What the generated grids of a run show, the same throughout the run.

    columns, rows: the size of the grid, N pictures in all.
    z: latents [N, z_dim], row by row.
    c: labels [N, c_dim], row by row.
    """

    columns: int
    rows: int
    z: Tensor
    c: Tensor


def grid_size(resolution: int) -> tuple[int, int]:
    """Columns and rows for pictures of `resolution` pixels a side."""
    return (
        min(max(_WIDTH // resolution, _COLUMNS[0]), _COLUMNS[1]),
        min(max(_HEIGHT // resolution, _ROWS[0]), _ROWS[1]),
    )


def choose(dataset: ImageDataset, seed: int) -> list[int]:
    """Indices of the images in a grid, drawn by `seed`; in a labelled set a row is one class."""
    columns, rows = grid_size(dataset.resolution)
    rng = np.random.RandomState(seed)
    if dataset.label_dim == 0:
        order = rng.permutation(len(dataset))
        return [int(order[i % len(order)]) for i in range(columns * rows)]
    groups: dict[bytes, list[int]] = {}
    for index in rng.permutation(len(dataset)):
        groups.setdefault(dataset.label_of(int(index)).tobytes(), []).append(int(index))
    # Descending: of one-hot labels that is the order of the classes.
    classes = [groups[key] for key in sorted(groups, reverse=True)]
    chosen = []
    for row in range(rows):
        members, start = classes[row % len(classes)], row // len(classes) * columns
        chosen += [members[(start + i) % len(members)] for i in range(columns)]
    return chosen


def make_grid(dataset: ImageDataset, indices: list[int], z_dim: int, seed: int) -> Grid:
    """A grid of latents drawn by `seed`, with the labels of the images at `indices`."""
    columns, rows = grid_size(dataset.resolution)
    z = np.random.RandomState(seed).randn(columns * rows, z_dim).astype(np.float32)
    c = np.stack([dataset.label_of(index) for index in indices])
    return Grid(columns, rows, torch.from_numpy(z), torch.from_numpy(c))


def write_reals(path: Path, dataset: ImageDataset, indices: list[int]) -> None:
    """Write the images at `indices` as a grid. Raises UserError."""
    columns, _ = grid_size(dataset.resolution)
    write_grid(path, np.stack([dataset[index][0] for index in indices]), columns)


@torch.no_grad()
def write_fakes(path: Path, G: Generator, grid: Grid, batch: int, device: torch.device) -> None:
    """Write what G makes of the grid, with its own noise; this draws no random numbers.

    batch: pictures at a time. Raises UserError where the file cannot be written.
    """

    def pictures() -> Iterator[Tensor]:
        for z, c in zip(torch.split(grid.z, batch), torch.split(grid.c, batch), strict=True):
            w = G.map(z.to(device), c.to(device))
            img = G.render(w[:, None].expand(-1, G.num_ws, -1))
            yield (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).cpu()

    write_grid(path, torch.cat(list(pictures())).numpy(), grid.columns)


def write_grid(path: Path, images: np.ndarray, columns: int) -> None:
    """Write images, uint8 [rows · columns, C, H, W] with 1 or 3 channels, as one PNG.

    Raises UserError where the file cannot be written.
    """
    n, channels, height, width = images.shape
    rows = n // columns
    sheet = images.reshape(rows, columns, channels, height, width)
    sheet = sheet.transpose(0, 3, 1, 4, 2).reshape(rows * height, columns * width, channels)
    file = io.BytesIO()
    Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet).save(file, "png")
    write_atomically(path, file.getvalue())
