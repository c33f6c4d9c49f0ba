"""A request -> its picture.

The order is: w of the source, mixing, truncation, directions, synthesis with noise and edits, then
the picture or a look at a layer.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import psutil
import torch
from msgspec import structs
from torch import Tensor

from common.errors import UserError
from common.progress import IsCancelled, never
from renderer.messages.frame import AtlasLayout, FrameInfo, StatsSpec, Verdict
from renderer.messages.request import RenderRequest
from renderer.pipeline import layer_pictures, statistics
from renderer.pipeline.clock import Clock
from renderer.pipeline.latents.labels import label_vector
from renderer.pipeline.latents.latent import Latents
from renderer.pipeline.models import Model, Models
from renderer.pipeline.synthesis.reuse import Result, Synthesis
from renderer.pipeline.synthesis.stages import Inputs
from renderer.pipeline.workplace import Workplace


class Picture(NamedTuple):
    """A finished picture.

    pixels: [H, W, 4] uint8, RGBA, opaque, C-contiguous, rows top down.
    info: how it was computed, and what was measured on the way.
    """

    pixels: layer_pictures.Pixels
    info: FrameInfo


class Drawing:
    """Draws requests, with what is kept of the pictures before."""

    def __init__(
        self, workplace: Workplace, models: Models, latents: Latents, synthesis: Synthesis
    ) -> None:
        self._workplace, self._models = workplace, models
        self._latents, self._synthesis = latents, synthesis
        self._process = psutil.Process()

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        stop: IsCancelled = never,
        keep: bool = True,
        drafts: bool = False,
        ws: Tensor | None = None,
    ) -> Picture:
        """The pixels of a request, as `Pipeline.render` says.

        ws: takes the place of the request's own, mixed and truncated: [1, num_ws, w_dim] on the
            CPU.
        """
        if request.augment is not None:
            request = structs.replace(request, view=None)
        with self._workplace.drawing():
            compute = self._workplace.compute
            model = self._models.show(request.snapshot, stop, compute, keep=keep)
            self._models.place(model, compute)
            clock = Clock(compute.device)
            if request.target is not None:
                # Imported where it is used: the first picture comes sooner without it.
                from renderer.pipeline.projecting import target_picture

                shown = target_picture(request.target, model.info)
                return Picture(shown, self._info(clock))
            _check_view(model, request)
            ws = self._latents.ws(model, request) if ws is None else ws
            clock.lap("mapping")
            maps = self._latents.saved.noise_maps(model, request)
            inputs = Inputs.of(model, request, ws, maps)
            with self._models.preparing(model):
                result = self._synthesize(inputs, request, stats, stop, keep, drafts)
            clock.lap("synthesis")
            img, atlas, verdict = self._show(model, request, result, stop)
            clock.lap("view")
            pixels = layer_pictures.rgba(img)
            clock.lap("convert")
            measured = None
            if stats is not None and stats.layer in result.activations:
                measured = statistics.measure(result.activations[stats.layer], stats)
                clock.lap("statistics")
            info = structs.replace(
                self._info(clock),
                reused_stages=result.reused,
                total_stages=result.total,
                stats=measured,
                draft=result.draft,
                noise_maps=tuple(maps),
                latents=self._latents.saved.count(request.source),
                transparent=len(img) == 4,
                atlas=atlas,
                verdict=verdict,
            )
            return Picture(pixels, info)

    def latent(self, request: RenderRequest) -> npt.NDArray[np.float32]:
        """w of a request as synthesis is given it: [1, num_ws, w_dim]."""
        with self._workplace.drawing():
            compute = self._workplace.compute
            model = self._models.find_or_load(request.snapshot, never, compute)
            self._models.place(model, compute)
            return self._latents.ws(model, request).numpy().copy()

    def _synthesize(
        self,
        inputs: Inputs,
        request: RenderRequest,
        stats: StatsSpec | None,
        stop: IsCancelled,
        keep: bool,
        drafts: bool,
    ) -> Result:
        picture = request.view is None
        if drafts and self._workplace.compute.drafts and picture and request.augment is None:
            draft = self._synthesis.draft(inputs, stop, keep)
            if draft is not None:
                return draft
        wanted = {request.view.layer} if request.view else set()
        if stats is not None:
            wanted.add(stats.layer)
        return self._synthesis.run(inputs, wanted, picture, stop, keep)

    def _show(
        self, model: Model, request: RenderRequest, result: Result, stop: IsCancelled
    ) -> tuple[Tensor, AtlasLayout | None, Verdict | None]:
        if request.view is not None:
            return *layer_pictures.layer(result.activations[request.view.layer], request.view), None
        assert result.img is not None
        img = result.img.float()
        # One reduction: a single NaN or infinity makes the sum one.
        if not math.isfinite(img.sum().item()):
            raise UserError(
                f"{model.info.name} made a picture with values that are not finite.",
                "Compute in float32."
                if self._workplace.compute.precision != "float32"
                else "Look at its layers to see where they begin; the snapshot may be damaged.",
            )
        if request.augment is not None:
            c = label_vector(model, request.label)
            about = model.revision, structs.replace(request, augment=None)
            discriminator = self._models.discriminator(model, stop)
            discriminator.place(self._workplace.compute)
            return discriminator.picture(img, c, request.augment, stop, about)
        return layer_pictures.picture(img), None, None

    def _info(self, clock: Clock) -> FrameInfo:
        """What is known of any picture: on what it was computed, how long it took, and memory."""
        compute = self._workplace.compute
        device = compute.device
        return FrameInfo(
            timings=clock.timings(),
            device=compute.device_name,
            precision=compute.precision,
            threads=torch.get_num_threads(),
            memory_bytes=self._process.memory_info().rss,
            device_bytes=torch.cuda.memory_allocated(device) if device.type == "cuda" else 0,
            cache_bytes=self._models.size + self._synthesis.kept_bytes,
        )


def _check_view(model: Model, request: RenderRequest) -> None:
    if request.view is None:
        return
    names = [layer.name for layer in model.info.layers]
    if request.view.layer not in names:
        raise UserError(
            f"{model.info.name} has no layer {request.view.layer!r}.",
            f"Close the view of the layer, or choose one of: {', '.join(names)}.",
        )
