"""Opened networks: the most recently used ones, within a number of bytes."""

from __future__ import annotations

import itertools
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from common.errors import Cancelled, UserError
from common.files import Signature, signature_at
from networks.base import Generator
from renderer.messages.protocol import ModelInfo
from renderer.pipeline.compute import Compute
from renderer.pipeline.model_facts import Opened, describe

if TYPE_CHECKING:
    from renderer.pipeline.discriminator import Judge

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]

OpenModel = Callable[[str, Progress, IsCancelled], Opened]


def nothing(fraction: float, text: str) -> None:
    """Progress that nobody follows."""


def never() -> bool:
    """Work that nobody cancels."""
    return False


@dataclass
class Model:
    """An opened network. revision: unique in this process; a file that changed gets a new one.

    w_avg: [w_dim] float32 on the CPU. size: bytes of parameters and buffers. judge: what else
    the file holds, once somebody has asked for it; refusal: why that cannot be had.
    """

    generator: Generator
    info: ModelInfo
    w_avg: Tensor
    size: int
    stamp: Signature | None
    revision: int
    placed: Compute | None = None
    judge: Judge | None = None
    refusal: UserError | None = None

    def place(self, compute: Compute) -> None:
        """Move the network to where and how `compute` computes."""
        if self.placed != compute:
            self.generator.to(compute.device)
            self.generator.set_precision(compute.half)
            self.placed = compute


@dataclass
class Models:
    """LRU of networks by bytes. The one shown last and the newest are never evicted.

    Networks that were only ever asked for with keep False go before all others, the latest of
    them first: they are visited in rounds, and so most of them are still there in the next one.
    May be used from several threads; opening runs outside the lock that lookups take.
    """

    open_model: OpenModel
    limit: int
    _models: OrderedDict[str, Model] = field(default_factory=OrderedDict)
    _passing: set[str] = field(default_factory=set)
    _shown: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opening: threading.Lock = field(default_factory=threading.Lock)
    _revisions: itertools.count[int] = field(default_factory=itertools.count)

    def find(self, path: str, *, keep: bool = True) -> Model | None:
        """The network of a file, None where it is not open or the file has changed since."""
        key = _key(path)
        stamp = signature_at(key)
        with self._lock:
            model = self._models.get(key)
            # A deleted file keeps its network: there is nothing newer to show.
            if model is None or (stamp is not None and stamp != model.stamp):
                return None
            if keep:
                self._passing.discard(key)
                self._models.move_to_end(key)
            return model

    def show(
        self,
        path: str,
        progress: Progress,
        stop: IsCancelled,
        compute: Compute,
        *,
        keep: bool = True,
    ) -> Model:
        """The network of a file, opened if need be, and (keep) kept until another one is shown."""
        model = self.find(path, keep=keep) or self.load(path, progress, stop, compute, keep=keep)
        if keep:
            self._shown = _key(path)
        return model

    def load(
        self,
        path: str,
        progress: Progress,
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
            model = self._open(key, progress, stop)
            if stop():
                raise Cancelled
            model.place(compute)
        finally:
            self._opening.release()
        with self._lock:
            if keep:
                self._passing.discard(key)
            elif key not in self._models:
                self._passing.add(key)
            self._models[key] = model
            self._models.move_to_end(key)
            self._evict(newest=key)
        return model

    def attach(self, model: Model, judge: Judge) -> None:
        """Keep the judge of a network with it, for as long as the network is kept."""
        with self._lock:
            if model.judge is None:
                model.judge = judge
                model.size += judge.size
                self._evict(newest=model.info.path)

    @property
    def size(self) -> int:
        """Bytes of all open networks."""
        with self._lock:
            return sum(model.size for model in self._models.values())

    def set_limit(self, limit: int) -> None:
        with self._lock:
            self.limit = limit
            self._evict(newest=next(reversed(self._models), ""))

    def _evict(self, newest: str) -> None:
        total = sum(model.size for model in self._models.values())
        passing = [key for key in reversed(self._models) if key in self._passing]
        kept = [key for key in self._models if key not in self._passing]
        for key in (*passing, *kept):
            if total <= self.limit:
                return
            if key not in (self._shown, newest):
                total -= self._models.pop(key).size
                self._passing.discard(key)

    def _open(self, key: str, progress: Progress, stop: IsCancelled) -> Model:
        # Taken before reading: a file that grows meanwhile then counts as changed.
        stamp = signature_at(key)
        try:
            opened = self.open_model(key, progress, stop)
        except MemoryError as error:
            raise UserError(
                f"There is not enough memory for {Path(key).name}.", "Close other programs."
            ) from error
        generator = opened.G_ema
        generator.eval().requires_grad_(False)
        tensors = [*generator.parameters(), *generator.buffers()]
        return Model(
            generator=generator,
            info=describe(key, opened, generator),
            w_avg=generator.w_avg.detach().to("cpu", torch.float32),
            size=sum(t.numel() * t.element_size() for t in tensors),
            stamp=stamp,
            revision=next(self._revisions),
        )


def _key(path: str) -> str:
    if not path:
        raise UserError("No snapshot is open.", "Open a file or a run directory.")
    return os.path.abspath(os.path.expanduser(path))
