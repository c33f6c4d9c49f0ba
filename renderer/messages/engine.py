"""What the renderer needs of a pipeline."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol, cast

import numpy as np
import numpy.typing as npt

from common.progress import IsCancelled, ProgressReport
from renderer.messages.directions import Find, Finding
from renderer.messages.drag_job import DragSpec, RunningDrag
from renderer.messages.frame import Drawn, StatsSpec
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.projection import Projecting, ProjectionSpec
from renderer.messages.request import RenderRequest
from renderer.messages.to_window import Hello


class Engine(Protocol):
    """The face of `renderer.pipeline.pipeline.Pipeline`.

    `load`, `prepare` and, but for its turns, `prepare_weights` may run beside `render`, on other
    threads; the rest may not run beside it.
    All methods that take long raise UserError, and Cancelled once `cancelled()` is true.
    """

    def hello(self) -> Hello:
        """What it computes on."""

    def configure(self, options: EngineOptions) -> Hello:
        """Compute like this from now on. Raises UserError and stays as it was."""

    def load(
        self,
        path: str,
        progress: ProgressReport,
        cancelled: IsCancelled,
        keep: bool = True,
    ) -> ModelInfo:
        """Open a snapshot. keep False: nobody waits for it, and it is the first to go again."""

    def has(self, path: str) -> bool:
        """A snapshot is open, and the file has not changed since."""

    def ready(self, request: RenderRequest) -> bool:
        """All that `request` needs besides its snapshot's network is open, or is known to fail."""

    def prepare(self, request: RenderRequest, cancelled: IsCancelled) -> None:
        """Open what `ready` asks for. What goes wrong is raised by `render`."""

    def weights_to_prepare(self, path: str) -> bool:
        """Drafts of an open snapshot become faster by `prepare_weights`."""

    def prepare_weights(
        self,
        path: str,
        turn: Callable[[], AbstractContextManager[None]],
        progress: ProgressReport,
        cancelled: IsCancelled,
    ) -> None:
        """Do that, in pieces that each take a turn to compute."""

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        cancelled: IsCancelled | None = None,
        keep: bool = True,
        drafts: bool = False,
    ) -> Drawn:
        """Draw a picture.

        keep False: what it takes up is the first to go from memory.
        drafts: one that takes long may be a draft (`FrameInfo.draft`).
        """

    def projection(
        self, spec: ProjectionSpec, cancelled: IsCancelled, state: bytes | None = None
    ) -> Projecting:
        """Begin to project a picture, or go on from a saved state. Opens the snapshot itself."""

    def find_directions(self, find: Find, cancelled: IsCancelled) -> Finding:
        """Begin to look for directions. Opens the snapshot itself."""

    def dragging(self, spec: DragSpec, cancelled: IsCancelled, state: bytes) -> RunningDrag:
        """Begin to drag points of a picture, or go on from a state. Opens the snapshot itself."""

    def latent(self, request: RenderRequest) -> npt.NDArray[np.float32]:
        """w of a request as synthesis is given it: [1, num_ws, w_dim]."""

    def save_w(self, request: RenderRequest, path: str) -> None:
        """Write w of a request, as synthesis is given it: `.npz`, key `w`, [1, num_ws, w_dim]."""


PIPELINE: Final = "renderer.pipeline.pipeline:Pipeline"
"""The engine of the program by its name, since importing it would import torch."""


def make_engine(factory: str, options: EngineOptions) -> Engine:
    """Call `module:name` with the options."""
    module, _, name = factory.partition(":")
    return cast(Engine, getattr(importlib.import_module(module), name)(options))
