"""Opened networks: the most recently used ones, within a number of bytes."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import torch
from torch import Tensor

from common.errors import Cancelled, UserError
from common.files import Signature, signature_at
from common.lru import Lru
from common.progress import IsCancelled, ProgressReport, silent
from networks.base import Generator
from ops.prepared import PreparedWeights
from renderer.messages.model import ModelInfo
from renderer.pipeline.compute import Compute
from renderer.pipeline.discriminator import AugmentedDiscriminator, open_discriminator
from renderer.pipeline.model_facts import Opened, describe
from renderer.pipeline.weights import this_machine

OpenModel: TypeAlias = Callable[[str, ProgressReport, IsCancelled], Opened]
"""Reads the snapshot at a path. Raises UserError, and Cancelled once it is no longer wanted."""


@dataclass
class Model:
    """An opened network.

    generator: in eval mode and without gradients.
    info: the facts about it that the window knows.
    w_avg: [w_dim] float32 on the CPU, or [c_dim, w_dim] where each class has its own; None where
        the network has no such centre of W.
    size: bytes of all parameters and buffers, those of `discriminator` and of `prepared` included.
    stamp: which contents of the file these are; None where that could not be told.
    revision: unique in this process; a file that has changed gets a new one.
    placed: where and how the network computes; None before it was placed for the first time.
    discriminator: what else the file holds, once somebody has asked for it.
    refusal: why `discriminator` cannot be had, once that is known.
    prepared: weights in the form in which they convolve fastest; None where the definition is to be
        used as it is, which is everywhere but on a CPU.
    """

    generator: Generator
    info: ModelInfo
    w_avg: Tensor | None
    size: int
    stamp: Signature | None
    revision: int
    placed: Compute | None = None
    discriminator: AugmentedDiscriminator | None = None
    refusal: UserError | None = None
    prepared: PreparedWeights | None = None

    def place(self, compute: Compute) -> None:
        """Move the network to where and how `compute` computes."""
        if self.placed != compute:
            # What is born in inference mode does not count its changes: no filter could be
            # remembered, and each would be read back from the device in every picture.
            with torch.inference_mode(False):
                self.generator.to(compute.device)
            self.generator.set_precision(compute.precision)
            self.placed = compute
            self.size -= 0 if self.prepared is None else self.prepared.size
            alike = compute.device.type == "cpu" and compute.precision == "float32"
            self.prepared = PreparedWeights(this_machine().choose) if alike else None

    def using_prepared(
        self, dtype: torch.dtype, *, at_once: bool = False
    ) -> AbstractContextManager[None]:
        """As `PreparedWeights.using`; of a network that has none, the definition is used."""
        if self.prepared is None:
            return nullcontext()
        return self.prepared.using(dtype, at_once=at_once)


class Models:
    """The networks used most recently, within a number of bytes.

    The one shown last and the newest are never closed, however large they are. Networks that were
    only ever asked for with keep False go before all others, the latest of them first: they are
    visited in rounds, and so most of them are still there in the next one.
    May be used from several threads; opening runs outside the lock that lookups take.
    """

    def __init__(self, open_model: OpenModel, limit: int) -> None:
        self._open_model = open_model
        self._shown = ""
        self._newest = ""
        self._open: Lru[str, Model] = Lru(
            limit,
            size_of=lambda model: model.size,
            spares=lambda key: key in (self._shown, self._newest),
        )
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._revisions = itertools.count()

    def find(self, path: str, *, keep: bool = True) -> Model | None:
        """The network of a file, None where it is not open or the file has changed since."""
        key = _key(path)
        stamp = signature_at(key)
        with self._lock:
            model = self._open.peek(key)
            # A deleted file keeps its network: there is nothing newer to show.
            if model is None or (stamp is not None and stamp != model.stamp):
                return None
            if keep:
                self._open.get(key)
            return model

    def find_or_load(
        self, path: str, stop: IsCancelled, compute: Compute, *, keep: bool = True
    ) -> Model:
        """The network of a file, opened if need be. One that is open waits for no other to open."""
        return self.find(path, keep=keep) or self.load(path, silent, stop, compute, keep=keep)

    def show(self, path: str, stop: IsCancelled, compute: Compute, *, keep: bool = True) -> Model:
        """As `find_or_load`; the network is (keep) kept until another one is shown."""
        model = self.find_or_load(path, stop, compute, keep=keep)
        if keep:
            self._shown = _key(path)
        return model

    def load(
        self,
        path: str,
        progress: ProgressReport,
        stop: IsCancelled,
        compute: Compute,
        *,
        keep: bool = True,
    ) -> Model:
        """Open a file unless it is open and unchanged.

        Raises UserError where it cannot be used, Cancelled where `stop()` becomes true.
        """
        key = _key(path)
        while not self._opening.acquire(timeout=0.05):
            if stop():
                raise Cancelled
        try:
            if (model := self.find(path, keep=keep)) is not None:
                return model
            model = self._read(key, progress, stop)
            if stop():
                raise Cancelled
            model.place(compute)
        finally:
            self._opening.release()
        with self._lock:
            self._newest = key
            self._open.put(key, model, used=keep)
        return model

    def discriminator(self, model: Model, stop: IsCancelled) -> AugmentedDiscriminator:
        """D of a network, read from its file unless it is there, and kept as long as the network.

        Raises UserError where the file holds none, Cancelled where `stop()` becomes true.
        """
        if model.refusal is not None:
            raise UserError(model.refusal.message, model.refusal.remedy)
        if model.discriminator is not None:
            return model.discriminator
        opened = open_discriminator(model.info, stop)
        with self._lock:
            if model.discriminator is not None:
                return model.discriminator
            model.discriminator = opened
            if self._open.peek(model.info.path) is model:
                self._newest = model.info.path  # somebody is about to use it
            self._resize(model, model.size + opened.size)
        return opened

    def place(self, model: Model, compute: Compute) -> None:
        """As `Model.place`, with the room of what was prepared for another way noted as free."""
        if model.placed != compute:
            model.place(compute)
            with self._lock:
                self._resize(model, model.size)

    @contextmanager
    def preparing(self, model: Model) -> Iterator[None]:
        """Note, at the end of this block, what was prepared in it as part of the network's size."""
        before = 0 if model.prepared is None else model.prepared.size
        try:
            yield
        finally:
            after = 0 if model.prepared is None else model.prepared.size
            if after != before:
                with self._lock:
                    self._resize(model, model.size + after - before)

    def _resize(self, model: Model, size: int) -> None:
        """Note, inside the lock, how large a network has become; others may have to go for it."""
        model.size = size
        if self._open.peek(model.info.path) is model:
            self._open.put(model.info.path, model, used=False)

    @property
    def size(self) -> int:
        """Bytes of all open networks."""
        with self._lock:
            return self._open.size

    def set_limit(self, limit: int) -> None:
        """Keep at most so many bytes of networks from now on."""
        with self._lock:
            self._open.limit = limit

    def _read(self, key: str, progress: ProgressReport, stop: IsCancelled) -> Model:
        # Taken before reading: a file that grows meanwhile then counts as changed.
        stamp = signature_at(key)
        try:
            opened = self._open_model(key, progress, stop)
        except MemoryError as error:
            raise UserError(
                f"There is not enough memory for {Path(key).name}.", "Close other programs."
            ) from error
        generator = opened.G_ema
        generator.eval().requires_grad_(False)
        w_avg = generator.w_avg
        tensors = [*generator.parameters(), *generator.buffers()]
        return Model(
            generator=generator,
            info=describe(key, opened, generator, modified=0 if stamp is None else stamp[2]),
            w_avg=None if w_avg is None else w_avg.detach().to("cpu", torch.float32),
            size=sum(t.numel() * t.element_size() for t in tensors),
            stamp=stamp,
            revision=next(self._revisions),
        )


def _key(path: str) -> str:
    if not path:
        raise UserError("No snapshot is open.", "Open a file or a run directory.")
    return os.path.abspath(os.path.expanduser(path))
