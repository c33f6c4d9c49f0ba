"""The four phases of training and their gradients, whatever the family.

Sources: Goodfellow et al. 2014 (non-saturating logistic loss); Mescheder et al. 2018, eq. 9 (R1);
Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN" ("SG2"), Section 3.1
(lazy regularisation), Section 3.2 and Appendix B (path length); Karras et al. 2019, Section 3.1
(style mixing); Karras et al. 2020, "ADA", Section 2 (the discriminator sees augmented pictures
only); Zhao et al. 2021, "Improved Consistency Regularization" (bCR).

    loss = PhaseLoss(G, D, augment, options, device=device)
    loss.accumulate("Gmain", real, real_c, z, c, gain, stats)   # adds to .grad of G's parameters

Under DistributedDataParallel give `DistributedDataParallel(GeneratorPass(G))` and
`DistributedDataParallel(D)`, buffers not broadcast: every rank computes the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from networks.base import Discriminator, Generator, NoiseInput
from networks.training_traits import Phase, TrainingTraits
from training.learn.adversarial import (
    GAMES,
    LAMBDA,
    full_precision,
    gradient_penalty,
    squared_slopes,
)
from training.run.options import AdversarialLoss

Augment = Callable[[Tensor], Tensor]
Report = Callable[[str, Tensor], None]
Stats = dict[str, Tensor]


@dataclass(frozen=True)
class LossOptions:
    """Which losses, and their weights.

    adversarial: what G and D play against each other.
    r1_gamma: γ of R1.
    lazy_r1: R1 is a phase of its own, Dreg; otherwise it is a part of Dmain, in every step.
    pl_weight: of path length regularisation.
    pl_decay: how much of the moving mean of path lengths each batch replaces, in 0…1.
    pl_batch_shrink: path lengths are measured on one n-th of a batch.
    style_mixing_prob: of a second latent from a random layer on, in 0…1.
    bcr_real, bcr_fake: weights of balanced consistency of real and of generated pictures
        (10 where published).
    """

    r1_gamma: float
    adversarial: AdversarialLoss = "logistic"
    lazy_r1: bool = True
    pl_weight: float = 2.0
    pl_decay: float = 0.01
    pl_batch_shrink: int = 2
    style_mixing_prob: float = 0.9
    bcr_real: float = 0
    bcr_fake: float = 0

    def suited_to(self, traits: TrainingTraits) -> LossOptions:
        """These options without what the family has no use for."""
        return replace(
            self,
            pl_weight=self.pl_weight if "Greg" in traits.intervals else 0.0,
            r1_gamma=self.r1_gamma if "Dreg" in traits.intervals or not self.lazy_r1 else 0.0,
            style_mixing_prob=self.style_mixing_prob if traits.style_mixing else 0.0,
        )


def mix_styles(w: Tensor, other: Tensor, num_ws: int, probability: float) -> Tensor:
    """w, other [N, w_dim] -> ws [N, num_ws, w_dim].

    With the given probability a sample takes `other` from a random row ≥ 1 on. The first row is
    always w. Each sample draws its own row, as StyleGAN, Section 3.1, mixes pictures; the reference
    trainer draws one row for a batch. The row of one picture is distributed the same.
    """
    n = len(w)
    crossover = torch.randint(1, max(num_ws, 2), [n, 1], device=w.device)
    mixed = torch.rand([n, 1], device=w.device) < probability
    from_other = mixed & (torch.arange(num_ws, device=w.device) >= crossover)
    return torch.where(from_other[:, :, None], other[:, None], w[:, None])


class GeneratorPass(nn.Module):
    """A generator's training pass as a module, so that DistributedDataParallel can wrap it."""

    def __init__(self, G: Generator) -> None:
        super().__init__()
        self.G = G

    def forward(self, z: Tensor, c: Tensor, style_mixing_prob: float) -> tuple[Tensor, Tensor]:
        """z [N, z_dim], c [N, c_dim] -> pictures with fresh noise, ws [N, num_ws, w_dim]."""
        w = self.G.map(z, c)
        if style_mixing_prob > 0:
            other = self.G.map(torch.randn_like(z), c)
            ws = mix_styles(w, other, self.G.num_ws, style_mixing_prob)
        else:
            ws = w[:, None].repeat(1, self.G.num_ws, 1)
        return self.G.render_in_use(ws, NoiseInput("random", seed=None)), ws


def path_lengths(img: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """‖Jᵀy‖ of each sample (SG2, eq. 4): [N], differentiable.

    ws [N, num_ws, w_dim] is what img was made of, noise ~ N(0, 1) like img. y is scaled so that
    the length does not depend on the resolution; layers are averaged as squares.
    """
    h, w = img.shape[2:]
    y = noise / (h * w) ** 0.5
    with full_precision(img):
        (gradient,) = torch.autograd.grad((img * y).sum(), ws, create_graph=True)
    return gradient.float().square().sum(2).mean(1).sqrt()


def path_penalty(lengths: Tensor, pl_mean: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """(‖Jᵀy‖ − a)² [N], and a: the moving mean after this batch (SG2, eq. 4)."""
    mean = pl_mean.lerp(lengths.mean(), decay)
    return (lengths - mean).square(), mean


def logits_of(D: nn.Module, img: Tensor, c: Tensor) -> Tensor:
    """Logits [N, 1], full precision."""
    logits: Tensor = D(img, c)
    return logits.float()


def score_stats(kind: Literal["real", "fake"], logits: Tensor) -> Stats:
    """Scores and their signs; the mean of the signs of real pictures is r_t (ADA, eq. 1)."""
    return {f"Loss/scores/{kind}": logits, f"Loss/signs/{kind}": logits.sign()}


class PhaseLoss:
    """Adds the gradients of one phase to the parameters of the network that it trains.

    augment: what the discriminator sees pictures through. consistency: bCR's own augmentation,
    needed where its weights are not 0. average: the mean over all ranks of a tensor, so that
    every rank keeps the same `pl_mean` and `w_avg`.

    pl_mean: 0-dim, the moving mean of path lengths; part of what a resumed run needs.
    pixels_each: how many pixels of the full size each pixel stands for while networks still grow.
        Penalties are of gradients by the picture in full size, so that their weights mean the same
        at every resolution.
    Raises ValueError for bCR without `consistency`.
    """

    def __init__(
        self,
        G: Generator | DistributedDataParallel,
        D: Discriminator | DistributedDataParallel,
        augment: Augment,
        options: LossOptions,
        *,
        device: torch.device | str,
        consistency: Augment | None = None,
        average: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        if consistency is None and (options.bcr_real or options.bcr_fake):
            raise ValueError("bCR weights need the augmentation to be consistent under")
        self.G = G if isinstance(G, DistributedDataParallel) else GeneratorPass(G)
        self.D, self.augment, self.options = D, augment, options
        self.consistency = consistency or augment
        self.average = average or (lambda value: value)
        self.pl_mean = torch.zeros([], device=device)
        self.pixels_each = 1.0
        self.game = GAMES[options.adversarial]
        self.phases: dict[Phase, Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Stats]]]
        self.phases = {"Gmain": self.Gmain, "Greg": self.Greg, "Dmain": self.Dmain}
        self.phases["Dreg"] = self.Dreg

    def accumulate(
        self,
        phase: Phase,
        real: Tensor,
        real_c: Tensor,
        z: Tensor,
        c: Tensor,
        gain: float,
        stats: Report,
    ) -> None:
        """Backward of gain · mean(loss) of one (micro-)batch.

        real [N, C, R, R] −1…1, real_c and c [N, c_dim], z [N, z_dim]. gain: the interval of a
        lazily computed phase, over the number of micro-batches that make up a batch. stats is
        called with detached tensors of any shape, whose means are the statistics.
        """
        trained, fixed = (self.G, self.D) if phase[0] == "G" else (self.D, self.G)
        trained.requires_grad_(True)
        with frozen(fixed):
            loss, values = self.phases[phase](real, real_c, z, c)
            with full_precision(loss):
                (loss.mean() * gain).backward()  # type: ignore[no-untyped-call]
        for name, value in values.items():
            stats(name, value.detach())

    def Gmain(self, real: Tensor, real_c: Tensor, z: Tensor, c: Tensor) -> tuple[Tensor, Stats]:  # noqa: N802
        """What G minimises; −log D(G(z)) of the logistic loss that does not saturate: [N]."""
        img, _ = self.generate(self.G, z, c)
        logits = logits_of(unwrap(self.D), self.augment(img), c)
        loss = self.game.generator(logits)
        return loss, {**score_stats("fake", logits), "Loss/G/loss": loss}

    def Greg(self, real: Tensor, real_c: Tensor, z: Tensor, c: Tensor) -> tuple[Tensor, Stats]:  # noqa: N802
        """Path length regularisation on the first 1 / pl_batch_shrink of the batch: [N']."""
        n = max(len(z) // self.options.pl_batch_shrink, 1)
        img, ws = self.generate(self.G, z[:n], c[:n])
        lengths = path_lengths(img, ws, torch.randn_like(img))
        penalty, mean = path_penalty(lengths, self.pl_mean, self.options.pl_decay)
        mean = self.average(mean.detach())
        # Half precision overflows now and then; the mean would never recover.
        self.pl_mean.copy_(torch.where(mean.isfinite(), mean, self.pl_mean))
        loss = penalty * self.options.pl_weight
        stats = {"Loss/pl_penalty": penalty, "Loss/pl_length": lengths, "Loss/G/reg": loss}
        # Parameters that no length depends on need a gradient too, of 0: DDP waits for all.
        return loss + 0 * img.mean((1, 2, 3)), stats

    def Dmain(self, real: Tensor, real_c: Tensor, z: Tensor, c: Tensor) -> tuple[Tensor, Stats]:  # noqa: N802
        """What D minimises, and R1 and bCR where asked for: [N]."""
        penalised = self.options.r1_gamma > 0 and not self.options.lazy_r1
        with torch.no_grad():
            fake = self.augment(self.generate(unwrap(self.G), z, c)[0])
        # R1 is of the picture itself, as in Dreg.
        shown = real.detach().requires_grad_(True) if penalised else real
        with torch.set_grad_enabled(penalised):
            real = self.augment(shown)
        fake_logits, real_logits = logits_of(self.D, fake, c), logits_of(self.D, real, real_c)
        loss = self.game.discriminator(fake_logits, real_logits)
        stats = {**score_stats("fake", fake_logits), **score_stats("real", real_logits)}
        stats["Loss/D/loss"] = loss
        if self.game.penalises:
            penalty = gradient_penalty(self.D, real, fake, real_c, self.pixels_each)
            stats["Loss/gradient_penalty"] = penalty
            loss = loss + LAMBDA * penalty
        if penalised:
            penalty = squared_slopes(real_logits, shown, self.pixels_each)
            stats["Loss/r1_penalty"] = penalty
            loss = loss + penalty * (self.options.r1_gamma / 2)
        for kind, weight, img, label, logits in (
            ("real", self.options.bcr_real, real, real_c, real_logits),
            ("fake", self.options.bcr_fake, fake, c, fake_logits),
        ):
            if weight:
                again = logits_of(self.D, self.consistency(img), label)
                difference = (logits - again).square()[:, 0]
                stats[f"Loss/bcr/{kind}"] = difference
                loss = loss + weight * difference
        return loss, stats

    def Dreg(self, real: Tensor, real_c: Tensor, z: Tensor, c: Tensor) -> tuple[Tensor, Stats]:  # noqa: N802
        """R1, γ/2 ‖∇D(augment(x))‖² with the gradient taken at the picture itself: [N]."""
        real = real.detach().requires_grad_(True)
        logits = logits_of(self.D, self.augment(real), real_c)
        penalty = squared_slopes(logits, real, self.pixels_each)
        loss = penalty * (self.options.r1_gamma / 2)
        # The last bias does not change gradients; see Greg.
        return loss + 0 * logits[:, 0], {"Loss/r1_penalty": penalty, "Loss/D/reg": loss}

    def generate(self, G: nn.Module, z: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures and their ws; w_avg follows the mapping."""
        img, ws = G(z, c, self.options.style_mixing_prob)
        batch_mean = ws[:, 0].detach().float().mean(0)
        generator_pass = unwrap(self.G)
        assert isinstance(generator_pass, GeneratorPass)
        generator_pass.G.update_w_avg(self.average(batch_mean)[None])
        return img, ws


def unwrap(module: nn.Module) -> nn.Module:
    """The module itself: DDP must not prepare for a backward that leaves its parameters alone."""
    return module.module if isinstance(module, DistributedDataParallel) else module


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """No gradients for the module's parameters inside this block."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)
