"""Beginning what takes long in a network: projections, drags, and looking for directions.

`Engine` says what each is for. The snapshot is opened if need be; what is begun computes on the
device that is chosen then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from msgspec import structs
from torch import Tensor

from common.progress import IsCancelled
from renderer.messages.directions import Find
from renderer.messages.drag_job import DragSpec
from renderer.messages.projection import ProjectionSpec
from renderer.messages.request import RenderRequest
from renderer.pipeline.drawing import Drawing, Picture
from renderer.pipeline.latents.finding import RunningSearch
from renderer.pipeline.latents.labels import label_vector
from renderer.pipeline.latents.latent import Latents
from renderer.pipeline.latents.spreads import Spreads
from renderer.pipeline.models import Model, Models
from renderer.pipeline.synthesis.stages import Inputs
from renderer.pipeline.workplace import Workplace

# Imported where they are used: the first picture comes sooner without them.
if TYPE_CHECKING:
    from renderer.pipeline.dragging import PictureDrag
    from renderer.pipeline.projecting import RunningProjection


class LongWork:
    """Begins it, with the networks, latents and pictures of a pipeline."""

    def __init__(
        self, workplace: Workplace, models: Models, latents: Latents, drawing: Drawing
    ) -> None:
        self._workplace, self._models = workplace, models
        self._latents, self._drawing = latents, drawing
        self._spreads = Spreads()

    def projection(
        self, spec: ProjectionSpec, cancelled: IsCancelled, state: bytes | None
    ) -> RunningProjection:
        """It works on a network of its own."""
        from renderer.pipeline.projecting import begin

        with self._placed(spec.snapshot, cancelled) as model:
            c = label_vector(model, spec.label)
            given, maps = None, {}
            if spec.given is not None:
                request = RenderRequest(spec.snapshot, spec.given, spec.label)
                given = torch.from_numpy(self._drawing.latent(request)[0])
                maps = self._latents.saved.noise_maps(model, request)
            return begin(spec, model.generator, model.info, c, given, maps, state, cancelled)

    def find_directions(self, find: Find, cancelled: IsCancelled) -> RunningSearch:
        """It works on the network that pictures are drawn with, whenever those leave it alone."""

        def latent(request: RenderRequest) -> npt.NDArray[np.float32]:
            here = structs.replace(request, snapshot=find.snapshot)
            return self._drawing.latent(here).squeeze(0)

        drawing = self._workplace.drawing
        with self._placed(find.snapshot, cancelled) as model:

            def inputs(request: RenderRequest) -> Inputs:
                maps = self._latents.saved.noise_maps(model, request)
                return Inputs.of(model, request, torch.from_numpy(latent(request))[None], maps)

            return RunningSearch(
                find, model.generator, model.info, self._spreads, latent, inputs, drawing, cancelled
            )

    def dragging(self, spec: DragSpec, cancelled: IsCancelled, state: bytes) -> PictureDrag:
        """It works on a network of its own."""
        from renderer.pipeline.dragging import begin

        request = spec.request

        def draw(ws: Tensor) -> Picture:
            return self._drawing.render(request, keep=False, ws=ws)

        with self._placed(request.snapshot, cancelled) as model:
            ws = torch.from_numpy(self._drawing.latent(request))
            maps = self._latents.saved.noise_maps(model, request)
            return begin(spec, Inputs.of(model, request, ws, maps), draw, state)

    @contextmanager
    def _placed(self, path: str, cancelled: IsCancelled) -> Iterator[Model]:
        """An open network where it computes, while nobody else does."""
        model = self._models.find_or_load(path, cancelled, self._workplace.compute)
        with self._workplace.alone():
            self._models.place(model, self._workplace.compute)
            yield model
