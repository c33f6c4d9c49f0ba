"""What the discriminator sees and says: a picture augmented at random, several times, and D of it.

The pictures are those of training (Karras et al. 2020, "ADA", Figure 2): the generator's output in
floating point, through the snapshot's own augmentation pipeline, into the snapshot's own D.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from common.errors import Cancelled, UserError
from common.progress import IsCancelled, silent
from common.words import escaped
from networks.augment import GROUPS, AugmentPipe
from networks.base import Discriminator
from renderer.messages.failure import PartNotRead
from renderer.messages.frame import AtlasLayout, Verdict
from renderer.messages.model import ModelInfo
from renderer.messages.request import SEEDS, AugmentView
from renderer.pipeline import layer_pictures
from renderer.pipeline.compute import Compute

MAX_DRAWS = 64
# Of the composed grid: nine pictures of 1024² are shown at half their size.
MAX_PIXELS = 4 << 20
# Where a snapshot has D but no pipeline: the group that is the default in training.
ASSUMED = GROUPS["bgc"]


class DiscriminatorPicture(NamedTuple):
    """What the discriminator was shown and what it says of that.

    shown: [3, H, W] uint8, a grid of the picture as it is and then of every draw.
    layout: where the cells lie in `shown`.
    verdict: the logit of every cell, and how they were augmented.
    """

    shown: Tensor
    layout: AtlasLayout
    verdict: Verdict


class Cell(NamedTuple):
    """One cell of the grid.

    size: pixels a side.
    p: the probability of every augmentation.
    seed: of all draws.
    draw: the number of this draw, from 0 on; −1 is the picture as it is.
    """

    size: int
    p: float = 0.0
    seed: int = 0
    draw: int = -1


class AugmentedDiscriminator:
    """D and the augmentation pipeline of one snapshot.

    run_p: ADA's p in 0…1 as the snapshot holds it; None where it holds none.
    assumed: the pipeline is not the snapshot's own, which has none.
    size: bytes of both.
    """

    def __init__(self, D: Discriminator, pipe: AugmentPipe | None, run_p: float | None) -> None:
        self.D, self.assumed = D, pipe is None
        self.pipe = pipe or AugmentPipe(**ASSUMED)
        known = run_p is not None and math.isfinite(run_p)
        self.run_p = min(max(run_p, 0.0), 1.0) if known and run_p is not None else None
        tensors = [t for part in (D, self.pipe) for t in (*part.parameters(), *part.buffers())]
        self.size = sum(t.numel() * t.element_size() for t in tensors)
        self._placed: Compute | None = None
        self._about: Hashable = None
        self._known: dict[Cell, tuple[Tensor, float]] = {}

    def place(self, compute: Compute) -> None:
        """Move both to where and how `compute` computes."""
        if self._placed != compute:
            with torch.inference_mode(False):  # as in `Model.place`
                self.D.to(compute.device)
                self.pipe.to(compute.device)
            self.D.set_precision(compute.precision)
            self._placed = compute
            self._known.clear()

    def picture(
        self,
        img: Tensor,
        c: Tensor | None,
        view: AugmentView,
        stop: IsCancelled,
        about: Hashable = None,
    ) -> DiscriminatorPicture:
        """The grid of what D is shown, and what it says of every cell.

        img: [1, C, R, R], about −1…1.
        c: [1, c_dim], or None where there are no classes.
        view: how to augment. Where its p is None the run's own p is taken, and 0 without one.
        about: a name for img and c. What is known of them is not computed again, not even where
            the last call was stopped half-way. None: they have no name.

        Every draw has random numbers of its own, so it stays what it is whatever their number,
        and D sees it alone: minibatch statistics (Progressive GAN, Section 3) over a group of one
        say that nothing varies. A number is therefore exactly D(picture) and the same in any
        company, but lower than in the batches of training.
        Raises UserError, and Cancelled where `stop()` becomes true.
        """
        p = _probability(self.run_p or 0.0 if view.p is None else view.p)
        if not 0 <= view.seed < SEEDS:
            raise UserError(f"Seed {view.seed} is out of range.", "Seeds go from 0 to 4294967295.")
        count = min(max(view.draws, 0), MAX_DRAWS)
        layout = grid_of(count + 1, img.shape[-1])
        cells = [
            Cell(layout.cell),
            *(Cell(layout.cell, p, view.seed, index) for index in range(count)),
        ]
        self._forget_all_but(cells, about)
        c = None if c is None else c.to(img.device)
        for cell in cells:
            if cell not in self._known:
                if stop():
                    raise Cancelled
                self._known[cell] = self._shown_and_logit(img, c, cell)
        pictures, logits = zip(*(self._known[cell] for cell in cells), strict=True)
        verdict = Verdict(
            clean=logits[0],
            draws=logits[1:],
            p=p,
            run_p=self.run_p,
            transforms=tuple(self.pipe.config),
            assumed=self.assumed,
        )
        return DiscriminatorPicture(_tiled(pictures, layout), layout, verdict)

    def _forget_all_but(self, cells: Iterable[Cell], about: Hashable) -> None:
        """Keep what is known of these cells, where it is known of the same picture."""
        known = self._known if about is not None and about == self._about else {}
        self._known = {cell: known[cell] for cell in cells if cell in known}
        self._about = about

    def _shown_and_logit(self, img: Tensor, c: Tensor | None, cell: Cell) -> tuple[Tensor, float]:
        """[3, size, size] uint8 for the screen, and D of what it shows at full size."""
        x = img if cell.draw < 0 else self._augmented(img, cell)
        return layer_pictures.levels(_reduced(x, cell.size)), float(self.D(x, c))

    def _augmented(self, img: Tensor, cell: Cell) -> Tensor:
        """img as one draw has it; every draw has its own stream of random numbers."""
        words = np.random.SeedSequence([cell.seed, cell.draw]).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(words[0]))
        try:
            augmented: Tensor = self.pipe(img, p=cell.p, generator=generator)
        except ValueError as error:
            raise UserError(f"The picture cannot be augmented: {error}.") from error
        return augmented


def open_discriminator(info: ModelInfo, stop: IsCancelled) -> AugmentedDiscriminator:
    """D and the augmentation pipeline out of the file that holds a generator.

    info: the facts about the generator, the path of its file among them.
    Raises PartNotRead where its D is of a kind that is not read, UserError where the file holds
    none that fit, Cancelled where `stop()` becomes true.
    """
    from networks.formats.contents import FormatError
    from networks.snapshots.snapshot import open_snapshot

    if "D" not in info.networks:
        only = set(info.networks) <= {"G_ema"}
        held = "only the averaged generator" if only else f"no D ({', '.join(info.networks)})"
        raise UserError(f"{info.name} holds {held}.", "Open a training snapshot.")
    names = [name for name in ("D", "augment_pipe") if name in info.networks]
    try:
        opened = open_snapshot(info.path, names=names, progress=silent, cancelled=stop)
    except UserError as error:
        if not isinstance(error.__cause__, FormatError):
            raise
        reason = escaped(error.__cause__.reason, 500)
        raise PartNotRead(f"The discriminator of {info.name} is not read: {reason}.") from error
    D, pipe = opened.D, opened.networks.get("augment_pipe")
    if not isinstance(D, Discriminator) or not isinstance(pipe, AugmentPipe | None):
        raise UserError(f"{info.name}: its D or its augment_pipe is something else than it says.")
    if (D.resolution, D.img_channels, D.c_dim) != (info.resolution, info.img_channels, info.c_dim):
        raise UserError(
            f"{info.name}: its D takes pictures of {D.resolution}x{D.resolution}x{D.img_channels} "
            f"and {D.c_dim} classes, which its generator does not make.",
            "The file may just have been replaced; open it again.",
        )
    return AugmentedDiscriminator(D, pipe, opened.augment_p)


def grid_of(count: int, resolution: int) -> AtlasLayout:
    """Nearly square, each cell a whole part of the resolution so that MAX_PIXELS hold them all."""
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    factor = math.ceil(resolution / math.isqrt(MAX_PIXELS // (rows * columns)))
    return AtlasLayout(count, columns, rows, math.ceil(resolution / factor))


def _probability(p: float) -> float:
    if not 0 <= p <= 1:
        raise UserError(f"The probability p is between 0 and 1, not {p:g}.")
    return p


def _reduced(img: Tensor, size: int) -> Tensor:
    """img [1, C, R, R] -> [3, size, size], averaged over squares as a screen would show it."""
    factor = math.ceil(img.shape[-1] / size)
    x = img[0, :3] if img.shape[1] >= 3 else img[0, :1].expand(3, -1, -1)
    if factor == 1:
        return x
    return functional.avg_pool2d(x.clamp(-1, 1)[None], factor, ceil_mode=True)[0]


def _tiled(cells: Sequence[Tensor], layout: AtlasLayout) -> Tensor:
    """Cells [3, S, S] -> [3, rows·S, columns·S], row by row; background where there are none."""
    size = layout.cell
    empty = torch.full_like(cells[0], layer_pictures.BACKGROUND)
    grid = torch.stack([*cells, *[empty] * (layout.rows * layout.columns - len(cells))])
    grid = grid.view(layout.rows, layout.columns, 3, size, size).permute(2, 0, 3, 1, 4)
    return grid.reshape(3, layout.rows * size, layout.columns * size)
