"""The loop's side of adaptive augmentation: what the discriminator says goes to the controller."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from training.data.dataset import ImageDataset
from training.data.loader import Loader
from training.learn.ada import AdaOptions, Controller
from training.learn.growing import Growing
from training.learn.parts import Parts
from training.run.distributed import Group
from training.run.options import Options
from training.run.stats import NOTHING, Entry, scalar


class Adaptation:
    """Keeps p, and looks at held-out images once every interval where there are some."""

    def __init__(
        self,
        options: Options,
        group: Group,
        parts: Parts,
        validation: ImageDataset | None,
        growing: Growing,
        report: Callable[[str, Tensor], None],
    ) -> None:
        """Adaptation for the run with these options, on one rank of `group`.

        parts: the discriminator that is looked at, and the augmentation whose p is kept.
        validation: the images held out; None where there are none.
        growing: how far the networks have grown, and so what they see of images.
        report: takes each statistic of the held-out images by its name.
        """
        self.options, self.group, self.parts = options, group, parts
        self.validation, self.growing, self.report = validation, growing, report
        ada = AdaOptions(
            mode=options.aug,
            heuristic=options.ada_heuristic,
            target=options.ada_target,
            interval=options.ada_interval,
            kimg=options.ada_kimg,
            p=options.augment_p,
        )
        self.controller = Controller(
            parts.augment.p, ada, batch=options.batch_size, total=group.total
        )
        self._held_out: Loader | None = None

    def start(self) -> None:
        """Open the held-out images where the run stopped."""
        if self.validation is None:
            return
        intervals = self.controller.minibatches // self.options.ada_interval
        self._held_out = Loader(
            self.validation,
            batch=self.options.batch_gpu,
            workers=min(self.options.data_loader_kwargs.num_workers, 1),
            rank=self.group.rank,
            replicas=self.group.size,
            seed=self.options.random_seed,
            start=intervals * self.options.batch_gpu * self.group.size,
            device=self.group.device,
        )

    def observe(self, name: str, value: Tensor) -> None:
        """Take note of a statistic that a loss reports."""
        self.controller.observe(name, value)

    def step(self) -> None:
        """To be called after every minibatch."""
        if (self.controller.minibatches + 1) % self.options.ada_interval == 0:
            self._judge_held_out()
        self.controller.batch = self.growing.batch
        self.controller.update()

    @torch.no_grad()
    def _judge_held_out(self) -> None:
        if self._held_out is None:
            return
        images, labels = next(self._held_out)
        real = self.parts.augment(self.growing.reals(images))
        logits = self.parts.D(real, labels)
        for name, value in (("scores", logits), ("signs", logits.sign())):
            self.report(f"Loss/{name}/validation", value)
            self.observe(f"Loss/{name}/validation", value)

    def entries(self) -> dict[str, Entry]:
        """The statistics of the tick: p, and r_t and r_v of the last interval."""
        entries = {"Progress/augment": scalar(self.controller.p)}
        for name, r in (("r_t", self.controller.r_t), ("r_v", self.controller.r_v)):
            entries[f"Progress/{name}"] = scalar(r) if math.isfinite(r) else NOTHING
        return entries

    def tensors(self) -> dict[str, Tensor]:
        """What an exact continuation of this rank needs."""
        return self.controller.state_dict()

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on where `tensors` was called."""
        self.controller.load_state_dict(dict(tensors))
