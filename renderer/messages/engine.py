"""What the renderer needs of a pipeline, and how its errors are told."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from common.errors import UserError
from renderer.messages.protocol import (
    EngineOptions,
    Failure,
    FrameInfo,
    Hello,
    ModelInfo,
    StatsSpec,
)
from renderer.messages.request import RenderRequest

ProgressReport = Callable[[float, str], None]


class Drawn(Protocol):
    """A finished picture: [height, width, 4] uint8, rows top down."""

    @property
    def pixels(self) -> npt.NDArray[np.uint8]: ...

    @property
    def info(self) -> FrameInfo: ...


class Engine(Protocol):
    """The face of `renderer.pipeline.pipeline.Pipeline`. `load` and `prepare` may run beside
    `render`; the rest may not. What `prepare` meets `render` tells.

    keep False: nobody waits for this; what it takes up is the first to go.

    `load`, `render` and `save_w` raise UserError, and Cancelled once `cancelled`
    has told them to stop.
    """

    def hello(self) -> Hello: ...

    def configure(self, options: EngineOptions) -> Hello: ...

    def load(
        self,
        path: str,
        progress: ProgressReport,
        cancelled: Callable[[], bool],
        keep: bool = True,
    ) -> ModelInfo: ...

    def has(self, path: str) -> bool: ...

    def ready(self, request: RenderRequest) -> bool: ...

    def prepare(self, request: RenderRequest, cancelled: Callable[[], bool]) -> None: ...

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        cancelled: Callable[[], bool] | None = None,
        keep: bool = True,
    ) -> Drawn: ...

    def save_w(self, request: RenderRequest, path: str) -> None: ...


def make_engine(factory: str, options: EngineOptions) -> Engine:
    """Call `module:name` with the options."""
    module, _, name = factory.partition(":")
    return cast(Engine, getattr(importlib.import_module(module), name)(options))


def explain(error: Exception) -> Failure:
    """An error in the user's words. What we did not foresee goes to stderr with its traceback."""
    if isinstance(error, UserError):
        return Failure(error.message, error.remedy)
    if isinstance(error, MemoryError):
        return Failure("There is not enough memory for this.", "Close other programs.")
    traceback.print_exception(error, file=sys.stderr)
    return Failure(
        f"internal error: {type(error).__name__}: {error}",
        "This is a mistake in the program; please report it with what you did.",
    )
