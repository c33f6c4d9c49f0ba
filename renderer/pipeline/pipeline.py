"""Request -> pixels: the one place where a picture is defined.

The window, the commands and the tests all come here, so the same request gives the same bytes
everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from common.progress import IsCancelled, ProgressReport, never, silent
from renderer.messages.directions import Find
from renderer.messages.drag_job import DragSpec
from renderer.messages.frame import StatsSpec
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.projection import ProjectionSpec
from renderer.messages.request import RenderRequest
from renderer.messages.to_window import Hello
from renderer.pipeline import compute
from renderer.pipeline.drawing import Drawing, Picture
from renderer.pipeline.latents import saved_w
from renderer.pipeline.latents.finding import RunningSearch
from renderer.pipeline.latents.latent import Latents
from renderer.pipeline.long_work import LongWork
from renderer.pipeline.models import Models, OpenModel
from renderer.pipeline.opening import Opening, open_generator
from renderer.pipeline.synthesis.recordings import Recordings
from renderer.pipeline.synthesis.reuse import Synthesis
from renderer.pipeline.workplace import Workplace

if TYPE_CHECKING:
    from renderer.pipeline.dragging import PictureDrag
    from renderer.pipeline.projecting import RunningProjection

# Stage outputs of one 1024² picture take about 350 MiB: the picture and a second stream fit.
REUSE_BYTES = 768 << 20


class Pipeline:
    """Networks, latents and stage outputs, and how to make pictures of them.

    options: what to compute on; the default is what suits this machine.
    open_model: how a file becomes networks; None: networks.snapshots.snapshot.open_snapshot.
    reuse_bytes: how much of the work already done is kept; 0 computes every picture from the
        start, to the same pixels.
    recordings: of stages; the default records on devices where that is faster.

    All methods may be called from any thread; load() does not hold up render().
    """

    def __init__(
        self,
        options: EngineOptions | None = None,
        open_model: OpenModel | None = None,
        reuse_bytes: int = REUSE_BYTES,
        recordings: Recordings | None = None,
    ) -> None:
        options = options or EngineOptions()
        self._models = Models(open_model or open_generator, options.cache_bytes)
        self._synthesis = Synthesis(reuse_bytes, recordings)
        latents = Latents()

        def forget() -> None:
            latents.clear()
            self._synthesis.clear()

        self._workplace = Workplace(options, forget)
        self._opening = Opening(self._workplace, self._models, self._synthesis)
        self._drawing = Drawing(self._workplace, self._models, latents, self._synthesis)
        self._long_work = LongWork(self._workplace, self._models, latents, self._drawing)

    def configure(self, options: EngineOptions) -> Hello:
        """Compute on another device, precision or number of threads.

        Raises UserError for a device that is not there; nothing changes then.
        """
        self._workplace.configure(options)
        self._models.set_limit(options.cache_bytes)
        return self.hello()

    def hello(self) -> Hello:
        """What this machine has to compute on, and what is chosen."""
        chosen = self._workplace.compute
        return Hello(
            pid=os.getpid(),
            devices=compute.devices(),
            device=chosen.device_name,
            precision=chosen.precision,
            threads=torch.get_num_threads(),
        )

    def has(self, path: str) -> bool:
        """Whether render() can go on without opening this file: open, and unchanged since."""
        return self._opening.has(path)

    def load(
        self,
        path: str,
        progress: ProgressReport = silent,
        cancelled: IsCancelled = never,
        keep: bool = True,
    ) -> ModelInfo:
        """Open a snapshot file, or find it open. keep False: it is the first to be closed again.

        Raises UserError where it cannot be used (the next call tries again), Cancelled where
        `cancelled()` becomes true.
        """
        return self._opening.load(path, progress, cancelled, keep)

    def ready(self, request: RenderRequest) -> bool:
        """Whether render() need open nothing else of the snapshot, which is open."""
        return self._opening.ready(request)

    def prepare(self, request: RenderRequest, cancelled: IsCancelled = never) -> None:
        """Open what else a request needs of its snapshot: D, and the augmentation pipeline.

        Where that cannot be had render() raises why, until the file changes. Does not hold up
        render(). Raises Cancelled where `cancelled()` becomes true.
        """
        self._opening.prepare(request, cancelled)

    def weights_to_prepare(self, path: str) -> bool:
        """Whether drafts of an open snapshot become faster by prepare_weights()."""
        return self._opening.weights_to_prepare(path)

    def prepare_weights(
        self,
        path: str,
        turn: Callable[[], AbstractContextManager[None]],
        progress: ProgressReport = silent,
        cancelled: IsCancelled = never,
    ) -> None:
        """Bring the weights of an open snapshot into the form in which drafts are drawn fastest.

        turn: entered for each piece of the work, which takes about as long as a layer of a picture.
        Raises Cancelled where `cancelled()` becomes true, and where the snapshot is closed.
        """
        self._opening.prepare_weights(path, turn, progress, cancelled)

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        cancelled: IsCancelled | None = None,
        keep: bool = True,
        drafts: bool = False,
    ) -> Picture:
        """The pixels of a request. Opens its snapshot if need be.

        keep False: neither its network nor its stages' outputs displace any that were kept.
        drafts: a picture that takes long may be rough, which `FrameInfo.draft` then tells. So it is
            where the precision is chosen automatically, on a CPU.

        What the network lacks is ignored in mixing weights, noise strengths, edits and stats, so
        that settings survive a change of network; a view of a layer that it lacks is an error.
        Where the discriminator's view is asked for (`augment`), a view of a layer is left out.
        Raises UserError for what cannot be drawn, Cancelled where `cancelled()` becomes true.
        """
        return self._drawing.render(request, stats, cancelled or never, keep, drafts)

    def latent(self, request: RenderRequest) -> npt.NDArray[np.float32]:
        """w of a request as synthesis is given it: [1, num_ws, w_dim]."""
        return self._drawing.latent(request)

    def save_w(self, request: RenderRequest, path: str) -> None:
        """Write w of a request as `.npz` (key `w`). Raises UserError where that cannot be."""
        saved_w.write_w(path, self.latent(request))

    def projection(
        self, spec: ProjectionSpec, cancelled: IsCancelled = never, state: bytes | None = None
    ) -> RunningProjection:
        """Begin to project a picture into a network, or go on from what its `state` returned.

        Raises UserError, and Cancelled while it opens.
        """
        return self._long_work.projection(spec, cancelled, state)

    def find_directions(self, find: Find, cancelled: IsCancelled = never) -> RunningSearch:
        """Begin to look for directions in a network.

        Raises UserError, and Cancelled while it opens.
        """
        return self._long_work.find_directions(find, cancelled)

    def dragging(
        self, spec: DragSpec, cancelled: IsCancelled = never, state: bytes = b""
    ) -> PictureDrag:
        """Begin to drag points of a picture, or go on from what its `state` returned.

        Raises UserError, and Cancelled while it opens.
        """
        return self._long_work.dragging(spec, cancelled, state)
