"""Batches for the training loop: read ahead by worker processes, resumable at any image."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from typing import Any, Self

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from common.errors import UserError
from training.data.dataset import ImageDataset
from training.data.processes import available, interrupts_held, start_worker
from training.data.sampler import InfiniteSampler

Batch = tuple[torch.Tensor, torch.Tensor]
"""Images, uint8 [N, C, H, W], and labels, float32 [N, label_dim]."""


class Loader:
    """An endless iterator over batches. It never draws from torch's global generator.

    position: how many images the whole run has been shown when the next batch comes, so that a
        loader made with `start=position` continues exactly, whatever `workers` and `replicas`.
    Raises UserError as the data set does, and where a worker dies.
    """

    def __init__(
        self,
        dataset: ImageDataset,
        *,
        batch: int,
        workers: int = 2,
        rank: int = 0,
        replicas: int = 1,
        seed: int = 0,
        start: int = 0,
        device: str | torch.device = "cpu",
        prefetch: int = 4,
    ) -> None:
        """Read `dataset` in the order of `seed`.

        batch: images in a batch of one replica.
        workers: processes that read ahead, 0 for none; no more than there are processors, of
            which torch would warn.
        rank, replicas: which of how many processes this one is; no two get the same image.
        start: how many images the whole run has been shown.
        device: where batches go; for CUDA they are pinned, then copied without waiting.
        prefetch: batches that each worker keeps ready.
        """
        self.position = start
        self._step = batch * replicas
        self.device = torch.device(device)
        sampler = InfiniteSampler(
            len(dataset), rank=rank, replicas=replicas, seed=seed, start=start
        )
        workers = min(workers, available())
        options: dict[str, Any] = {}
        if workers:
            options = {
                "prefetch_factor": prefetch,
                "multiprocessing_context": _context(),
                "worker_init_fn": start_worker,
            }
        batches = DataLoader(
            _Batches(dataset),
            batch_sampler=_groups(sampler, batch),
            collate_fn=_as_it_is,
            num_workers=workers,
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator().manual_seed(seed),
            **options,
        )
        with interrupts_held():  # the loop finishes its step first, and needs its workers for it
            self._batches: Iterator[Batch | UserError] | None = iter(batches)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Batch:
        got = self.read()
        if isinstance(got, UserError):
            raise got
        return got

    def read(self) -> Batch | UserError:
        """The next batch, or why it cannot be read: ranks agree on that before they part."""
        if self._batches is None:
            raise ValueError("the loader is closed")
        try:
            got = next(self._batches)
        except (RuntimeError, ConnectionError, EOFError, FileNotFoundError) as error:
            # Torch says so itself, or stumbles over the batch that the worker was handing on.
            if isinstance(error, RuntimeError) and "DataLoader worker" not in str(error):
                raise
            return UserError(
                "A process that reads images died, most likely for want of memory.",
                "Continue with --continue, and with fewer --workers; 0 reads without one.",
            )
        if isinstance(got, UserError):
            return got
        self.position += self._step
        images, labels = (tensor.to(self.device, non_blocking=True) for tensor in got)
        return images, labels

    def close(self) -> None:
        """Stop the workers. Safe to call twice."""
        self._batches = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Batches(Dataset[Any]):
    """Reads a batch at a time; an error travels as a value, since raising would lose its words."""

    def __init__(self, dataset: ImageDataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Batch | UserError:
        return self.__getitems__([index])

    def __getitems__(self, indices: list[int]) -> Batch | UserError:
        data = self.dataset
        shape = (len(indices), data.channels, data.resolution, data.resolution)
        images = np.empty(shape, np.uint8)
        labels = np.empty((len(indices), data.label_dim), np.float32)
        try:
            for i, index in enumerate(indices):
                images[i], labels[i] = data[index]
        except UserError as error:
            return UserError(error.message, error.remedy)
        return torch.from_numpy(images), torch.from_numpy(labels)


def _groups(sampler: InfiniteSampler, batch: int) -> Iterator[list[int]]:
    indices = iter(sampler)
    while True:
        yield list(itertools.islice(indices, batch))


def _as_it_is(batch: Any) -> Any:
    return batch


def _context() -> BaseContext:
    # A fork of this process would copy its threads' locks as they stand (torch's, CUDA's). The
    # server is a process without threads; it imports torch once for all workers.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context
