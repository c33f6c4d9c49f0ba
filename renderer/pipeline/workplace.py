"""Where networks compute: as configured, one thread at a time, in memory that may run out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from common.errors import UserError
from networks.precision import computing
from renderer.messages.options import EngineOptions
from renderer.pipeline import compute
from renderer.pipeline.allocator import give_back


class Workplace:
    """A device, and whose turn it is to compute on it.

    forget: lets go of all that can be computed again.
    compute: what is computed on now.
    """

    compute: compute.Compute

    def __init__(self, options: EngineOptions, forget: Callable[[], None]) -> None:
        self._forget = forget
        self._turn = threading.RLock()
        self.configure(options)

    def configure(self, options: EngineOptions) -> None:
        """Compute as the options say from now on; what was computed otherwise is forgotten.

        Raises UserError for a device that is not there; nothing changes then.
        """
        chosen = compute.choose(options)
        with self._turn:
            compute.apply(chosen)
            self.compute = chosen
            self._free()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else computes."""
        with self._turn, self.explaining():
            yield

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """What surrounds all that networks compute: alone, as configured, without gradients."""
        with (
            self.alone(),
            torch.inference_mode(),
            computing(self.compute.precision, self.compute.device),
        ):
            yield

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Running out of memory in the user's words, with what can be freed freed."""
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            # The CPU allocator raises a plain RuntimeError.
            full = isinstance(error, MemoryError | torch.OutOfMemoryError)
            if not (full or "can't allocate memory" in str(error)):
                raise
            self._free()
            raise UserError(
                f"There is not enough memory on {self.compute.device_name}.",
                "Close other networks and programs, or choose another device.",
            ) from error

    def _free(self) -> None:
        """Give back the memory of all that can be computed again."""
        with self._turn:
            self._forget()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            give_back()
