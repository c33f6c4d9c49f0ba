"""The two sets of pictures that metrics compare, by number: real ones, and generated ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from common.errors import UserError
from networks.base import Generator, NoiseInput
from training.data.dataset import ImageDataset
from training.data.sampler import permutation

_READERS = 4


class Real:
    """Pictures 0…len−1 of a data set in an order that is the same every time.

    First comes every image once, drawn at random and in a mirrored set flipped at random, then the
    other one of each pair.

    order: index in the data set of each picture, int64.
    distinct: how many pictures from the first on are of different images.
    """

    def __init__(self, dataset: ImageDataset, device: torch.device) -> None:
        self.dataset, self.device = dataset, device
        self.distinct = len(dataset.names)
        order = permutation(self.distinct, 0, 0)
        if dataset.mirror:
            flips = permutation(self.distinct, 0, 1) % 2 * self.distinct
            order = np.concatenate([order + flips, order + (self.distinct - flips)])
        self.order = order

    def __len__(self) -> int:
        return len(self.order)

    @contextmanager
    def reading(self, batches: Sequence[range]) -> Iterator[Callable[[range], Tensor]]:
        """A function from each of the batches, in turn, to uint8 [N, 3, H, W]; it reads ahead.

        Raises UserError, as the data set does.
        """
        pool = ThreadPoolExecutor(_READERS, "real pictures")
        ahead: dict[range, list[Future[np.ndarray]]] = {}
        waiting = iter(batches)

        def fetch(numbers: range) -> Tensor:
            while len(ahead) < 3 and (batch := next(waiting, None)) is not None:
                ahead[batch] = [pool.submit(self._read, n) for n in batch]
            pixels = np.stack([future.result() for future in ahead.pop(numbers)])
            return coloured(torch.from_numpy(pixels).to(self.device))

        try:
            yield fetch
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _read(self, number: int) -> np.ndarray:
        return self.dataset[int(self.order[number])][0]


class Generated:
    """Pictures of seeds: number i shows z = RandomState(first + i).randn(z_dim).

    Noise is drawn anew for each. In a conditional model the same RandomState draws an image of the
    data set, whose label the picture gets. Raises UserError where there is no such data.
    """

    def __init__(
        self, G: Generator, dataset: ImageDataset | None, device: torch.device, first: int = 0
    ) -> None:
        self.G, self.dataset, self.device, self.first = G, dataset, device, first
        if G.c_dim and (dataset is None or dataset.label_dim != G.c_dim):
            has = "none" if dataset is None else f"{dataset.label_dim}"
            raise UserError(
                f"The generator takes labels of {G.c_dim} numbers, the data has {has}.",
                "Give the labelled data that it was trained with.",
            )

    def latents(self, numbers: range, points: int = 1) -> tuple[Tensor, Tensor]:
        """z [points · N, z_dim], the first point of every picture first, and c [N, c_dim]."""
        z = np.empty((points, len(numbers), self.G.z_dim), np.float32)
        c = np.zeros((len(numbers), self.G.c_dim), np.float32)
        for row, number in enumerate(numbers):
            rng = np.random.RandomState((self.first + number) % 2**32)
            for point in range(points):
                z[point, row] = rng.randn(self.G.z_dim)
            if self.G.c_dim:
                assert self.dataset is not None
                c[row] = self.dataset.label_of(int(rng.randint(len(self.dataset))))
        latents = torch.from_numpy(z.reshape(-1, self.G.z_dim))
        return latents.to(self.device), torch.from_numpy(c).to(self.device)

    def __call__(self, numbers: range) -> Tensor:
        """The pictures as a file would hold them, uint8 [N, 3, H, W]."""
        z, c = self.latents(numbers)
        ws = self.G.map(z, c)[:, None].expand(-1, self.G.num_ws, -1)
        with own_random_numbers(self.device, self.first + numbers.start):
            img = self.G.render(ws, NoiseInput("random", seed=None))
        return coloured((img * 127.5 + 128).clamp(0, 255).to(torch.uint8))


def coloured(images: Tensor) -> Tensor:
    """Grey or RGB pictures as RGB: [N, 1 or 3, H, W] -> [N, 3, H, W]."""
    return images.expand(-1, 3, -1, -1)


@contextmanager
def own_random_numbers(device: torch.device, seed: int) -> Iterator[None]:
    """Torch draws from `seed` inside, and goes on outside as if nothing had been drawn."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield
