"""Networks grow as a run goes on, and real pictures are reduced to what is in use of them
(Karras et al. 2018, Progressive GAN, "PG", Section 2 and Figure 2)."""

from __future__ import annotations

from math import floor
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from networks.families.pggan.growth import resolution_in_use
from networks.families.pggan.layers import downscale, upscale
from training.learn import optim
from training.learn.parts import Parts
from training.run.growth import Growth, Moment, ended_in_same_kimg, moment
from training.run.options import Options
from training.run.stats import Entry, scalar


def reduced(real: Tensor, lod: float) -> Tensor:
    """real [N, C, R, R] -> [N, C, R / 2^⌊lod⌋, …]: as far as networks at `lod` see it.

    While a level fades in, real pictures are blended with their own half resolution in the same
    proportion (PG, Figure 2), so that D cannot tell real ones by their details.
    """
    below = lod - floor(lod)
    if floor(lod):
        real = F.avg_pool2d(real, 1 << floor(lod))
    if not below:
        return real
    return torch.lerp(real, upscale(downscale(real)), below)


class Growing:
    """Keeps the networks of a run as grown as they have to be; where they do not grow, as they are.

    now: how far they have grown; None where they do not grow.
    """

    def __init__(self, options: Options, parts: Parts) -> None:
        self._growth: Growth | None = options.growth
        self._parts, self._options = parts, options
        self.now: Moment | None = None

    @property
    def lod(self) -> float:
        """The levels of detail that are not in use yet."""
        return 0.0 if self.now is None else self.now.lod

    @property
    def batch(self) -> int:
        """Real pictures in a step, of all GPUs together."""
        return self._options.batch_size if self.now is None else self.now.level.batch_size

    @property
    def batch_gpu(self) -> int:
        """Real pictures that one GPU takes at a time."""
        return self._options.batch_gpu if self.now is None else self.now.level.batch_gpu

    def begin(self, nimg: int) -> None:
        """Bring the networks to where a run begins, or goes on, after `nimg` images."""
        self.now = None
        self.grow_to(nimg)

    def grow_to(self, nimg: int) -> bool:
        """Bring the networks to where they are after `nimg` images; returns whether a phase ends.

        Where a new level begins to fade in, the optimizers begin anew: their averages are of
        another network (PG, as published by its authors; StyleGAN inherits it, Appendix C).
        """
        if self._growth is None:
            return False
        before, self.now = self.now, moment(self._growth, nimg)
        parts, now = self._parts, self.now
        for network in (parts.G, parts.D, parts.G_ema):
            growing: Any = network
            growing.grow_to(now.lod)
        parts.loss.pixels_each = float(4 ** floor(now.lod))
        for optimizer in (parts.G_opt, parts.D_opt):
            optim.set_rate(optimizer, now.level.lr)
            if before is not None and before.level != now.level:
                optimizer.state.clear()
        return before is not None and before.phase != now.phase

    def may_name(self, nimg: int) -> bool:
        """Whether files named by the whole kimg of `nimg` replace none of the end of a phase."""
        return self._growth is None or not ended_in_same_kimg(self._growth, nimg)

    def reals(self, images: Tensor) -> Tensor:
        """Images uint8 [N, C, R, R] as networks see them now: −1…1."""
        return reduced(images.to(torch.float32) / 127.5 - 1, self.lod)

    def entries(self) -> dict[str, Entry]:
        """The statistics of a tick."""
        if self.now is None:
            return {}
        resolution = resolution_in_use(self._parts.G.resolution, self.now.lod)
        return {"Progress/resolution": scalar(resolution), "Progress/lod": scalar(self.now.lod)}
