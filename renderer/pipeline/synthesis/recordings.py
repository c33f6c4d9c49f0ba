"""Stages that are recorded once and then played: on a GPU, as CUDA graphs.

A stage is some twenty small kernels, and a GPU is done with one before Python has launched the
next. Played, they are launched together. A recording reads its inputs where they lay when it was
made and leaves its outputs where they lay then, so the one is copied there and the other from
there.

    play = Recordings().on(torch.device("cuda"))
    outputs = play(key, inputs, launch)

It is used only where it gave the very bytes that the launch without it gave.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from common.lru import Lru

Tensors: TypeAlias = Sequence[Tensor | None]
"""What goes into a stage, or comes out of it; None where a stage has nothing of that kind."""
Launch: TypeAlias = Callable[[Tensors], Tensors]
"""Runs a stage: equal inputs give equal outputs, in the same order."""
Play: TypeAlias = Callable[[Hashable, Tensors, Launch], Tensors]
"""Gives the outputs of a launch; its arguments are as those of `Recordings.run`."""

SHARE: Final = 4
"""Recordings take a quarter of a card's memory at most. Those of a StyleGAN2 of 1024² take 512 MiB
in float32: what its stages read and leave, and its weights, even when the network is closed."""
NOTED: Final = 4096
"""Stages that are remembered as having been launched once."""


class Recorder(Protocol):
    """What can record on a device.

    room: bytes that the inputs, outputs and weights of all recordings may take.
    """

    room: int

    def record(self, launch: Callable[[], Tensors]) -> tuple[Callable[[], None], Tensors]:
        """What plays all that `launch` launches, and where it leaves its outputs.

        Recording computes nothing: the outputs are there after playing for the first time.
        Raises RuntimeError for what cannot be recorded.
        """


class CudaRecorder:
    """Records on a CUDA device, the current one. What is recorded shares one pool of memory, since
    no two recordings are played at once; outputs are in it as long as somebody has them."""

    def __init__(self, device: torch.device) -> None:
        self.room = torch.cuda.get_device_properties(device).total_memory // SHARE
        self._pool: Any = None

    def record(self, launch: Callable[[], Tensors]) -> tuple[Callable[[], None], Tensors]:
        graph = torch.cuda.CUDAGraph()
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        try:
            # Other threads may open files and allocate memory meanwhile.
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                outputs = launch()
        except RuntimeError:
            self._pool = None  # what a recording that failed has left there is unknown
            raise
        return graph.replay, outputs


def recorder_of(device: torch.device) -> Recorder | None:
    """What records on a device, if anything does."""
    return CudaRecorder(device) if device.type == "cuda" else None


class _Recording(NamedTuple):
    """A stage as it was recorded.

    inputs: where it reads.
    play: computes.
    outputs: where it leaves what it computed.
    others: what else it reads: weights, filters. Nobody else may have them any more.
    """

    inputs: Tensors
    play: Callable[[], None]
    outputs: Tensors
    others: list[Tensor]

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps; the inputs are among what it reads."""
        kept = [*self.others, *(output for output in self.outputs if output is not None)]
        return sum(tensor.untyped_storage().nbytes() for tensor in kept)


class _Reads(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes what is read inside of it and was not made there."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tensors: list[Tensor] = []
        self._seen: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, Tensor) and self._is_new(tensor):
                self.tensors.append(tensor)
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                self._is_new(tensor)
        return made

    def _is_new(self, tensor: Tensor) -> bool:
        storage = tensor.untyped_storage()._cdata
        new = storage not in self._seen
        self._seen.add(storage)
        return new


class Recordings:
    """All that was recorded on one device. Not safe to use from several threads at once.

    recorder_of: what records on a device, None for one on which that gains nothing.
    """

    def __init__(
        self, recorder_of: Callable[[torch.device], Recorder | None] = recorder_of
    ) -> None:
        self._recorder_of = recorder_of
        self._recorder: Recorder | None = None
        self._known: Lru[Hashable, _Recording] = Lru(0, size_of=lambda known: known.nbytes)
        self._once: Lru[Hashable, None] = Lru(NOTED)
        self._refused: set[Hashable] = set()

    def on(self, device: torch.device) -> Play | None:
        """How stages run on a device; None where they are just launched.

        Before another device is asked for, `clear` has to be called.
        """
        if self._recorder is None:
            self._recorder = self._recorder_of(device)
            self._known.limit = self._recorder.room if self._recorder else 0
        return self.run if self._recorder else None

    def clear(self) -> None:
        """Forget everything: the device or the number format has changed."""
        self._recorder = None
        self._known.clear()
        self._once.clear()
        self._refused.clear()

    def run(self, key: Hashable, inputs: Tensors, launch: Launch) -> Tensors:
        """The outputs of `launch(inputs)`, to the byte, as tensors of their own.

        key: names all that the launches depend on besides the inputs' numbers, shapes and formats.
        Whatever `launch` raises is raised; after that it is not recorded.
        """
        key = key, tuple(None if t is None else (t.shape, t.dtype) for t in inputs)
        if key in self._refused:
            return launch(inputs)
        recording = self._known.get(key)
        if recording is not None:
            for there, now in zip(recording.inputs, inputs, strict=True):
                if there is not None and now is not None:
                    there.copy_(now)
            recording.play()
            return _copies(recording.outputs)
        # Libraries choose their algorithms and allocate in the first launch, which is also the
        # only one of what is never asked for again.
        outputs = launch(inputs)
        if key in self._once:
            self._once.pop(key)
            self._record(key, inputs, launch, outputs)
        else:
            self._once.put(key, None)
        return outputs

    def _record(self, key: Hashable, inputs: Tensors, launch: Launch, expected: Tensors) -> None:
        assert self._recorder is not None
        own = _copies(inputs)
        try:
            with _Reads() as others:
                play, outputs = self._recorder.record(lambda: launch(own))
            play()
            if _equal(outputs, expected):
                self._known.put(key, _Recording(own, play, outputs, others.tensors))
                refusal = None if key in self._known else "its recording takes too much memory"
            else:
                refusal = "played, it gives other numbers"
        except RuntimeError as error:
            refusal = str(error)
        if refusal is not None:
            print(
                f"A stage is not recorded but launched anew each time: {refusal}", file=sys.stderr
            )
            self._refused.add(key)


def _copies(tensors: Tensors) -> Tensors:
    return [None if t is None else t.clone() for t in tensors]


def _equal(one: Tensors, other: Tensors) -> bool:
    return all(
        a is b if a is None or b is None else torch.equal(a, b)
        for a, b in zip(one, other, strict=True)
    )
