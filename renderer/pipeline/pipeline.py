"""Request -> pixels: the one place where a picture is defined.

The window, the commands and the tests all come here, so the same request gives the same bytes
everywhere. The order is: w of the source, mixing, truncation, directions, synthesis with
noise and edits, then the picture or a look at a layer.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import psutil
import torch
from msgspec import structs
from torch import Tensor

from common.errors import Cancelled, UserError
from common.progress import IsCancelled, ProgressReport, never, silent
from networks.precision import computing
from renderer.messages.directions import Find
from renderer.messages.drag_job import DragSpec
from renderer.messages.failure import explain
from renderer.messages.frame import AtlasLayout, FrameInfo, StatsSpec, Verdict
from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.projection import ProjectionSpec
from renderer.messages.protocol import Hello
from renderer.messages.request import RenderRequest
from renderer.pipeline import compute, layer_pictures, saved_w, statistics
from renderer.pipeline.allocator import give_back
from renderer.pipeline.clock import Clock
from renderer.pipeline.finding import RunningSearch
from renderer.pipeline.latent import Latents, label_vector
from renderer.pipeline.models import Model, Models, OpenModel, open_generator
from renderer.pipeline.reuse import Result, Synthesis
from renderer.pipeline.spreads import Spreads
from renderer.pipeline.stages import Inputs
from renderer.pipeline.weights import draft_dtype

if TYPE_CHECKING:
    from renderer.pipeline.dragging import PictureDrag
    from renderer.pipeline.projecting import RunningProjection

# Stage outputs of one 1024² picture take about 350 MiB: the picture and a second stream fit.
REUSE_BYTES = 768 << 20


class Picture(NamedTuple):
    """A finished picture.

    pixels: [H, W, 4] uint8, RGBA, opaque, C-contiguous, rows top down.
    info: how it was computed, and what was measured on the way.
    """

    pixels: layer_pictures.Pixels
    info: FrameInfo


class Pipeline:
    """Networks, latents and stage outputs, and how to make pictures of them.

    options: what to compute on; the default is what suits this machine.
    open_model: how a file becomes networks; None: networks.snapshots.snapshot.open_snapshot.
    reuse_bytes: how much of the work already done is kept; 0 computes every picture from the
        start, to the same pixels.

    All methods may be called from any thread; load() does not hold up render().
    """

    def __init__(
        self,
        options: EngineOptions | None = None,
        open_model: OpenModel | None = None,
        reuse_bytes: int = REUSE_BYTES,
    ) -> None:
        options = options or EngineOptions()
        self._models = Models(open_model or open_generator, options.cache_bytes)
        self._latents = Latents()
        self._spreads = Spreads()
        self._synthesis = Synthesis(reuse_bytes)
        self._computing = threading.RLock()
        self._process = psutil.Process()
        self.configure(options)

    def configure(self, options: EngineOptions) -> Hello:
        """Compute on another device, precision or number of threads.

        Raises UserError for a device that is not there; nothing changes then.
        """
        chosen = compute.choose(options)
        with self._computing:
            compute.apply(chosen)
            self._compute = chosen
            self._forget()
            self._models.set_limit(options.cache_bytes)
            return self.hello()

    def hello(self) -> Hello:
        """What this machine has to compute on, and what is chosen."""
        return Hello(
            pid=os.getpid(),
            devices=compute.devices(),
            device=self._compute.device_name,
            precision=self._compute.precision,
            threads=torch.get_num_threads(),
        )

    def has(self, path: str) -> bool:
        """Whether render() can go on without opening this file: open, and unchanged since."""
        return self._models.find(path, keep=False) is not None

    def ready(self, request: RenderRequest) -> bool:
        """Whether render() need open nothing else of the snapshot, which is open."""
        if request.augment is None:
            return True
        model = self._models.find(request.snapshot, keep=False)
        return model is None or model.discriminator is not None or model.refusal is not None

    def prepare(self, request: RenderRequest, cancelled: IsCancelled = never) -> None:
        """Open what else a request needs of its snapshot: D, and the augmentation pipeline.

        Where that cannot be had render() raises why, until the file changes. Does not hold up
        render(). Raises Cancelled where `cancelled()` becomes true.
        """
        model = self._models.find(request.snapshot, keep=False)
        if model is None or self.ready(request):
            return
        try:
            with self._explained():
                self._models.discriminator(model, cancelled)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whoever draws it has to be told
            failure = explain(error)
            model.refusal = UserError(failure.message, failure.remedy)

    def weights_to_prepare(self, path: str) -> bool:
        """Whether drafts of an open snapshot become faster by prepare_weights()."""
        model = self._models.find(path, keep=False)
        return model is not None and self._weights_to_prepare(model) > 0

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
        model = self._models.find(path, keep=False)
        total = 0 if model is None else self._weights_to_prepare(model)
        while model is not None and (left := self._weights_to_prepare(model)):
            if cancelled() or self._models.find(path, keep=False) is not model:
                raise Cancelled
            with turn(), self._drawing():
                self._models.prepare_one_weight(model, draft_dtype())
                self._synthesis.weights_were_prepared(model)
            progress(1 - (left - 1) / max(total, left), "Preparing weights")

    def _weights_to_prepare(self, model: Model) -> int:
        prepared = model.prepared
        return 0 if prepared is None or not self._synthesis.slow(model) else prepared.missing

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
        with self._explained():
            return self._models.load(path, progress, cancelled, self._compute, keep=keep).info

    def render(
        self,
        request: RenderRequest,
        stats: StatsSpec | None = None,
        cancelled: IsCancelled | None = None,
        keep: bool = True,
        drafts: bool = False,
        ws: Tensor | None = None,
    ) -> Picture:
        """The pixels of a request. Opens its snapshot if need be.

        ws: takes the place of the request's own, mixed and truncated: [1, num_ws, w_dim] on the
            CPU.

        keep False: neither its network nor its stages' outputs displace any that were kept.
        drafts: a picture that takes long may be rough, which `FrameInfo.draft` then tells. So it is
            where the precision is chosen automatically, on a CPU.

        What the network lacks is ignored in mixing weights, noise strengths, edits and stats, so
        that settings survive a change of network; a view of a layer that it lacks is an error.
        Where the discriminator's view is asked for (`augment`), a view of a layer is left out.
        Raises UserError for what cannot be drawn, Cancelled where `cancelled()` becomes true.
        """
        stop = cancelled or never
        if request.augment is not None:
            request = structs.replace(request, view=None)
        with self._drawing():
            model = self._models.show(request.snapshot, silent, stop, self._compute, keep=keep)
            self._models.place(model, self._compute)
            clock = Clock(self._compute.device)
            if request.target is not None:
                # Imported where it is used: the first picture comes sooner without it.
                from renderer.pipeline.projecting import target_picture

                shown = target_picture(request.target, model.info)
                return Picture(shown, self._info(clock))
            _check_view(model, request)
            ws = self._latents.ws(model, request) if ws is None else ws
            clock.lap("mapping")
            maps = self._latents.noise_maps(model, request)
            inputs = Inputs.of(model, request, ws, maps)
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
                latents=self._latents.count(request.source),
                transparent=len(img) == 4,
                atlas=atlas,
                verdict=verdict,
            )
            return Picture(pixels, info)

    def latent(self, request: RenderRequest) -> npt.NDArray[np.float32]:
        """w of a request as synthesis is given it: [1, num_ws, w_dim]."""
        with self._drawing():
            model = self._models.find(request.snapshot) or self._models.load(
                request.snapshot, silent, never, self._compute
            )
            self._models.place(model, self._compute)
            return self._latents.ws(model, request).numpy().copy()

    def save_w(self, request: RenderRequest, path: str) -> None:
        """Write w of a request as `.npz` (key `w`). Raises UserError where that cannot be."""
        saved_w.write_w(path, self.latent(request))

    def projection(
        self, spec: ProjectionSpec, cancelled: IsCancelled = never, state: bytes | None = None
    ) -> RunningProjection:
        """Begin to project a picture into a network, or go on from what its `state` returned.

        Opens the snapshot if need be. The projection works on a network of its own, and computes
        on the device that is chosen now. Raises UserError, and Cancelled while it opens.
        """
        from renderer.pipeline.projecting import begin

        with self._placed(spec.snapshot, cancelled) as model:
            c = label_vector(model, spec.label)
            given, maps = None, {}
            if spec.given is not None:
                request = RenderRequest(spec.snapshot, spec.given, spec.label)
                given = torch.from_numpy(self.latent(request)[0])
                maps = self._latents.noise_maps(model, request)
            return begin(spec, model.generator, model.info, c, given, maps, state, cancelled)

    def find_directions(self, find: Find, cancelled: IsCancelled = never) -> RunningSearch:
        """Begin to look for directions in a network, which is opened if need be.

        Raises UserError, and Cancelled while it opens.
        """

        def latent(request: RenderRequest) -> npt.NDArray[np.float32]:
            return self.latent(structs.replace(request, snapshot=find.snapshot)).squeeze(0)

        with self._placed(find.snapshot, cancelled) as model:
            return RunningSearch(
                find, model.generator, model.info, self._spreads, latent, self._drawing, cancelled
            )

    def dragging(
        self, spec: DragSpec, cancelled: IsCancelled = never, state: bytes = b""
    ) -> PictureDrag:
        """Begin to drag points of a picture, or go on from what its `state` returned.

        Opens the snapshot if need be. It works on a network of its own, and computes on the device
        that is chosen now. Raises UserError, and Cancelled while it opens.
        """
        from renderer.pipeline.dragging import begin

        request = spec.request

        def draw(ws: Tensor) -> Picture:
            return self.render(request, keep=False, ws=ws)

        with self._placed(request.snapshot, cancelled) as model:
            ws = torch.from_numpy(self.latent(request))
            maps = self._latents.noise_maps(model, request)
            return begin(spec, Inputs.of(model, request, ws, maps), draw, state)

    @contextmanager
    def _placed(self, path: str, cancelled: IsCancelled) -> Iterator[Model]:
        """An open network where it computes, while nobody else does."""
        model = self._models.find(path) or self._models.load(path, silent, cancelled, self._compute)
        with self._computing, self._explained():
            self._models.place(model, self._compute)
            yield model

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
        if drafts and self._compute.drafts and picture and request.augment is None:
            draft = self._synthesis.draft(inputs, stop)
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
                if self._compute.precision != "float32"
                else "Look at its layers to see where they begin; the snapshot may be damaged.",
            )
        if request.augment is not None:
            c = label_vector(model, request.label)
            about = model.revision, structs.replace(request, augment=None)
            discriminator = self._models.discriminator(model, stop)
            discriminator.place(self._compute)
            return discriminator.picture(img, c, request.augment, stop, about)
        return layer_pictures.picture(img), None, None

    def _info(self, clock: Clock) -> FrameInfo:
        """What is known of any picture: on what it was computed, how long it took, and memory."""
        device = self._compute.device
        return FrameInfo(
            timings=clock.timings(),
            device=self._compute.device_name,
            precision=self._compute.precision,
            threads=torch.get_num_threads(),
            memory_bytes=self._process.memory_info().rss,
            device_bytes=torch.cuda.memory_allocated(device) if device.type == "cuda" else 0,
            cache_bytes=self._models.size + self._synthesis.kept_bytes,
        )

    def _forget(self) -> None:
        """Give back the memory of all that can be computed again."""
        with self._computing:
            self._latents.clear()
            self._synthesis.clear()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            give_back()

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        """What surrounds all that networks compute: alone, as configured, without gradients."""
        with (
            self._computing,
            torch.inference_mode(),
            self._explained(),
            computing(self._compute.precision, self._compute.device),
        ):
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Running out of memory in the user's words, with what can be freed freed."""
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            # The CPU allocator raises a plain RuntimeError.
            full = isinstance(error, MemoryError | torch.OutOfMemoryError)
            if not (full or "can't allocate memory" in str(error)):
                raise
            self._forget()
            raise UserError(
                f"There is not enough memory on {self._compute.device_name}.",
                "Close other networks and programs, or choose another device.",
            ) from error


def _check_view(model: Model, request: RenderRequest) -> None:
    if request.view is None:
        return
    names = [layer.name for layer in model.info.layers]
    if request.view.layer not in names:
        raise UserError(
            f"{model.info.name} has no layer {request.view.layer!r}.",
            f"Close the view of the layer, or choose one of: {', '.join(names)}.",
        )


__all__ = ["Cancelled", "Picture", "Pipeline"]
