"""The loop's side of adaptive augmentation: what the discriminator says, and p that follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from training.distributed import Group
from training.options import Options
from training.parts import Parts
from training.stats import Entry, scalar


class Adaptation:
    def __init__(
        self,
        options: Options,
        group: Group,
        parts: Parts,
        validation: Any,
        report: Callable[[str, Tensor], None],
    ) -> None:
        self.options, self.group, self.parts = options, group, parts
        self._signs = torch.zeros(2, dtype=torch.float64, device=group.device)

    def start(self, nimg: int) -> None:
        pass

    def observe(self, name: str, value: Tensor) -> None:
        if name == "Loss/signs/real":
            self._signs += torch.stack(
                [value.double().sum(), torch.full_like(value.double().sum(), value.numel())]
            )

    def step(self, step: int) -> None:
        o = self.options
        if o.aug != "ada" or step % o.ada_interval:
            return
        s, n = self.group.total(self._signs).tolist()
        self._signs.zero_()
        p = float(self.parts.augment.p)
        import math

        p += (
            math.copysign(1, s / n - o.ada_target)
            * o.batch_size
            * o.ada_interval
            / (o.ada_kimg * 1000)
        )
        self.parts.augment.p.fill_(min(max(p, 0.0), 1.0))

    def entries(self) -> dict[str, Entry]:
        return {"Progress/augment": scalar(float(self.parts.augment.p))}

    def tensors(self) -> dict[str, Tensor]:
        return {"signs": self._signs}

    def load(self, tensors: dict[str, Tensor]) -> None:
        self._signs.copy_(tensors["signs"])
