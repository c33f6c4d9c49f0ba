"""Opening snapshots, and what else of them requests and drafts need."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from common.errors import Cancelled, UserError
from common.progress import IsCancelled, ProgressReport
from renderer.messages.failure import HoldsLatent, explain
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from renderer.pipeline.latents.saved_w import holds_latent
from renderer.pipeline.model_facts import Opened
from renderer.pipeline.models import Model, Models
from renderer.pipeline.synthesis.reuse import Synthesis
from renderer.pipeline.weights import draft_dtype
from renderer.pipeline.workplace import Workplace


class Opening:
    """Opens what is missing, while others draw. `Engine` says what each method is for."""

    def __init__(self, workplace: Workplace, models: Models, synthesis: Synthesis) -> None:
        self._workplace, self._models, self._synthesis = workplace, models, synthesis

    def has(self, path: str) -> bool:
        return self._models.find(path, keep=False) is not None

    def load(
        self, path: str, progress: ProgressReport, cancelled: IsCancelled, keep: bool
    ) -> ModelInfo:
        with self._workplace.explaining():
            compute = self._workplace.compute
            return self._models.load(path, progress, cancelled, compute, keep=keep).info

    def ready(self, request: RenderRequest) -> bool:
        if request.augment is None:
            return True
        model = self._models.find(request.snapshot, keep=False)
        return model is None or model.discriminator is not None or model.refusal is not None

    def prepare(self, request: RenderRequest, cancelled: IsCancelled) -> None:
        model = self._models.find(request.snapshot, keep=False)
        if model is None or self.ready(request):
            return
        try:
            with self._workplace.explaining():
                self._models.discriminator(model, cancelled)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whoever draws it has to be told
            failure = explain(error)
            model.refusal = UserError(failure.message, failure.remedy)

    def weights_to_prepare(self, path: str) -> bool:
        model = self._models.find(path, keep=False)
        return model is not None and self._weights_left(model) > 0

    def prepare_weights(
        self,
        path: str,
        turn: Callable[[], AbstractContextManager[None]],
        progress: ProgressReport,
        cancelled: IsCancelled,
    ) -> None:
        model = self._models.find(path, keep=False)
        total = 0 if model is None else self._weights_left(model)
        while model is not None and (left := self._weights_left(model)):
            if cancelled() or self._models.find(path, keep=False) is not model:
                raise Cancelled
            with turn(), self._workplace.drawing():
                with self._models.preparing(model):
                    if model.prepared is not None:
                        model.prepared.make_one(draft_dtype())
                self._synthesis.weights_were_prepared(model)
            progress(1 - (left - 1) / max(total, left), "Preparing weights")

    def _weights_left(self, model: Model) -> int:
        """How many weights of a network are not prepared for drafts yet, and are worth it."""
        drafts = self._workplace.compute.drafts and self._synthesis.slow(model)
        return 0 if model.prepared is None or not drafts else model.prepared.missing(draft_dtype())


def open_generator(path: str, progress: ProgressReport, cancelled: IsCancelled) -> Opened:
    """The averaged generator of a snapshot file."""
    from networks.snapshots.snapshot import open_snapshot

    try:
        opened: Opened = open_snapshot(
            path, names=("G_ema",), progress=progress, cancelled=cancelled
        )
    except UserError as error:
        if holds_latent(path):  # nobody can tell it by the name of a file
            raise HoldsLatent(error.message, error.remedy) from error
        raise
    return opened
