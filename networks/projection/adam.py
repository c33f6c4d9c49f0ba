"""Adam (Kingma & Ba 2015) over a few tensors, whose memory can be saved and put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


class Adam:
    """torch's Adam, with what it remembers as a plain table of tensors."""

    def __init__(self, tensors: Sequence[Tensor], pace: Sequence[float]) -> None:
        """pace: of each tensor, what the learning rate is multiplied by."""
        self._tensors, self._pace = list(tensors), list(pace)
        groups = [{"params": [tensor]} for tensor in self._tensors]
        self._adam = torch.optim.Adam(groups, betas=(0.9, 0.999))

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """Move every tensor along its gradient, at the learning rate `rate` times its pace."""
        for group, pace in zip(self._adam.param_groups, self._pace, strict=True):
            group["lr"] = rate * pace
        for tensor, gradient in zip(self._tensors, gradients, strict=True):
            tensor.grad = gradient
        self._adam.step()
        self._adam.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """What it remembers, by names such as `0.exp_avg`; empty before the first step."""
        return {
            f"{index}.{name}": value.detach()
            for index, tensor in enumerate(self._tensors)
            for name, value in self._adam.state.get(tensor, {}).items()
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned."""
        for name, value in state.items():
            index, _, key = name.partition(".")
            tensor = self._tensors[int(index)]
            kept = value.clone() if key == "step" else value.to(tensor.device).clone()
            self._adam.state[tensor][key] = kept
