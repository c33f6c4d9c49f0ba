"""Dragging points as the renderer does it: a request in, pictures and arrays out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from common.dragging import DragPoint, DragStep
from networks.dragging.dragging import Dragging
from renderer.messages.drag_job import DragSpec
from renderer.messages.frame import Drawn
from renderer.pipeline.latents.saved_w import NOISE
from renderer.pipeline.synthesis.stages import Inputs


class PictureDrag:
    """`renderer.messages.drag_job.RunningDrag`, of a picture of the pipeline."""

    def __init__(
        self,
        dragging: Dragging,
        maps: Mapping[str, Tensor],
        draw: Callable[[Tensor], Drawn],
    ) -> None:
        """maps: the noise maps of the picture, [H, W] by layer.

        draw: makes the picture of a w [1, num_ws, w_dim] on the CPU.
        """
        self._dragging, self._maps, self._draw = dragging, maps, draw

    def set(self, points: tuple[DragPoint, ...], mask: npt.NDArray[np.bool_] | None) -> None:
        self._dragging.set_points(points)
        self._dragging.set_mask(None if mask is None else torch.from_numpy(mask.astype(np.float32)))

    def now(self) -> DragStep:
        return self._dragging.now()

    def step(self) -> DragStep:
        return self._dragging.step()

    def settle(self) -> DragStep:
        return self._dragging.settle()

    def picture(self) -> Drawn:
        return self._draw(self._dragging.ws.cpu())

    def w(self) -> npt.NDArray[np.float32]:
        w: npt.NDArray[np.float32] = self._dragging.ws[0].cpu().numpy()
        return w

    def latent(self) -> dict[str, npt.NDArray[np.float32]]:
        maps = {f"{NOISE}{name}": noise.cpu().numpy() for name, noise in self._maps.items()}
        return {"w": self.w()[None], **maps}

    def state(self) -> bytes:
        return self._dragging.state()


def begin(
    spec: DragSpec, inputs: Inputs, draw: Callable[[Tensor], Drawn], state: bytes
) -> PictureDrag:
    """A drag of a picture, on the device where its network is.

    inputs: what the picture is made of.
    draw: makes the picture of another w of it, [1, num_ws, w_dim] on the CPU.
    state: goes on from there where it is not empty.
    Raises UserError.
    """
    G = inputs.model.generator
    # Tensors of inference mode cannot be searched with.
    ws = torch.from_numpy(inputs.ws.numpy().copy())  # as `latent` gives it
    if state:
        dragging = Dragging.resume(G, ws, inputs.scene(), spec.settings, state)
    else:
        dragging = Dragging(G, ws, inputs.scene(), spec.settings)
    return PictureDrag(dragging, inputs.noise.maps, draw)
