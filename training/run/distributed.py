"""One process per GPU: starting them, what they agree on, and stopping them together."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, Final

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from common.errors import UserError
from common.parent import end_with_parent
from training.run.options import Device, DeviceChoice

_Setup = tuple[int, int, Device, str, Connection]
"""Rank, size, kind of device, address, and the pipe that takes a UserError to the parent."""
_LOST: Final = "Continue the run from its last snapshot with --continue."


@dataclass(frozen=True)
class Group:
    """The processes of a run as one of them sees them; a run of one needs no communication.

    rank: the number of this process, from 0.
    size: how many processes there are.
    device: where this one computes.
    control: torch's handle of a second group, on the CPU, for flags and small states, so that
        agreeing on them does not wait for the device; None in a run of one.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    control: Any = None

    def total(self, value: Tensor) -> Tensor:
        """The sum of `value` over all ranks."""
        if self.size > 1:
            value = value.clone()
            dist.all_reduce(value)
        return value

    def mean(self, value: Tensor) -> Tensor:
        """The mean of `value` over all ranks."""
        return self.total(value) / self.size if self.size > 1 else value

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on any rank."""
        if self.size == 1:
            return flag
        value = torch.tensor(int(flag))
        dist.all_reduce(value, dist.ReduceOp.MAX, group=self.control)
        return bool(value)

    def gather(self, data: bytes) -> list[bytes]:
        """What every rank gave, in the order of ranks; every rank gets it."""
        if self.size == 1:
            return [data]
        sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
        dist.all_gather(sizes, torch.tensor([len(data)]), group=self.control)
        longest = int(max(sizes))
        mine = torch.zeros(longest, dtype=torch.uint8)
        mine[: len(data)] = torch.from_numpy(np.frombuffer(data, np.uint8).copy())
        every = [torch.empty_like(mine) for _ in range(self.size)]
        dist.all_gather(every, mine, group=self.control)
        return [row[: int(n)].numpy().tobytes() for row, n in zip(every, sizes, strict=True)]

    def broadcast(self, module: nn.Module) -> None:
        """Give every rank the parameters and buffers of the first."""
        if self.size > 1:
            for tensor in module.state_dict().values():
                dist.broadcast(tensor, 0)


def choose_device(name: DeviceChoice) -> Device:
    """What `--device` (auto, cuda, cpu) stands for on this machine.

    Raises UserError where CUDA is asked for and there is none.
    """
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if not torch.cuda.is_available():
        raise UserError("--device: there is no CUDA device here.", "Use --device cpu.")
    return "cuda"


def launched() -> tuple[int, int] | None:
    """(rank, size) where torchrun or the like started this process, else None."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return None
    return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


@contextmanager
def joined(
    rank: int, size: int, device_type: Device, *, local_rank: int, address: str
) -> Iterator[Group]:
    """This process as number `rank` of `size`, inside the block.

    device_type: `cuda` or `cpu`.
    local_rank: which GPU of this machine is its own.
    address: where the processes find each other, a URL as `torch.distributed` takes it.
    """
    device = torch.device(device_type, local_rank) if device_type == "cuda" else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if size == 1:
        yield Group(device=device)
        return
    backend = "nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, init_method=address, rank=rank, world_size=size)
    # After an error the other ranks would not answer: the process ends with its group.
    yield Group(rank, size, device, dist.new_group(backend="gloo"))
    dist.destroy_process_group()


def spawn(size: int, device_type: Device, work: Callable[..., None], *args: Any) -> None:
    """Run `work(group, *args)` in `size` processes of this machine, and wait for them.

    SIGINT and SIGTERM are passed on: they stop all ranks after the same step; a second one ends
    them at once. Raises UserError, where a rank raised one or was lost.
    """
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        address = (Path(folder).resolve() / "meeting").as_uri()
        ranks: list[tuple[BaseProcess, Connection]] = []
        for rank in range(size):
            ours, theirs = context.Pipe(duplex=False)
            setup = (rank, size, device_type, address, theirs)
            process: BaseProcess = context.Process(
                target=_rank, args=(setup, work, args), name=f"rank {rank}"
            )
            process.start()
            theirs.close()
            ranks.append((process, ours))
        try:
            with _passed_on([process for process, _ in ranks]) as asked:
                _supervise(ranks, asked)
        finally:
            for process, _ in ranks:
                process.kill()
                process.join()


def _supervise(ranks: list[tuple[BaseProcess, Connection]], asked: list[bool]) -> None:
    running = dict(ranks)
    while running:
        wait([process.sentinel for process in running])
        for process in [process for process in running if process.exitcode is not None]:
            errors = running.pop(process)
            if process.exitcode == 0:
                continue
            try:
                message, remedy = errors.recv_bytes().decode().split("\0")
            except EOFError:
                if asked and process.exitcode == -signal.SIGTERM:  # it was not listening yet
                    raise KeyboardInterrupt from None
                lost = f"{process.name} ended with code {process.exitcode}."
                raise UserError(lost, _LOST) from None
            raise UserError(message, remedy)


def _rank(setup: _Setup, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    rank, size, device_type, address, errors = setup
    # A terminal sends SIGINT to parent and children alike: the parent alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    code = 1
    try:
        with joined(rank, size, device_type, local_rank=rank, address=address) as group:
            work(group, *args)
        code = 0
    except UserError as error:
        errors.send_bytes(f"{error.message}\0{error.remedy}".encode())
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        # Torch's communication threads wait for ranks that may be gone: no orderly way out.
        os._exit(code)


@contextmanager
def _passed_on(processes: list[BaseProcess]) -> Iterator[list[bool]]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(True)
        for process in processes:
            process.terminate()

    asked: list[bool] = []
    with _handlers(stop):
        yield asked


class StopRequest:
    """Notes that SIGINT or SIGTERM came; the second one raises KeyboardInterrupt at once.

    asked: whether one has come. Only the main thread may use this.
    """

    def __init__(self) -> None:
        self.asked = False

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    @contextmanager
    def listening(self) -> Iterator[StopRequest]:
        """Signals are noted inside the block; before and after it they do what they did."""
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        with _handlers(self._stop, signal.SIGTERM, *(() if ignored else (signal.SIGINT,))):
            yield self


@contextmanager
def _handlers(handler: Callable[[int, FrameType | None], None], *signals: int) -> Iterator[None]:
    old = {number: signal.getsignal(number) for number in signals or (2, 15)}
    for number in old:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in old.items():
            signal.signal(number, previous)
