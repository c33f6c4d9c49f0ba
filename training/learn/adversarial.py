"""What G and D play against each other: losses of logits, each [N, 1] -> [N].

Goodfellow et al. 2014, "Generative Adversarial Nets" ("GAN"): the minimax game of eq. 1, and the
loss of G that does not saturate (Section 3), by which DCGAN and StyleGAN learn. Gulrajani et al.
2017, "Improved Training of Wasserstein GANs" ("WGAN-GP"), eq. 3, and Karras et al. 2018,
Progressive GAN ("PG"), Appendix A.1, which adds the drift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.run.options import AdversarialLoss

LAMBDA: Final = 10.0
"""The weight of the gradient penalty (WGAN-GP, Section 4)."""
DRIFT: Final = 0.001
"""The weight of D(x)², which keeps scores of real pictures near 0 (PG, Appendix A.1)."""


@dataclass(frozen=True)
class Game:
    """What each side minimises.

    generator: of the logits of generated pictures.
    discriminator: of the logits of generated and of real pictures.
    penalises: whether the gradient penalty of WGAN-GP belongs to D's loss.
    """

    generator: Callable[[Tensor], Tensor]
    discriminator: Callable[[Tensor, Tensor], Tensor]
    penalises: bool = False


def _logistic(fake: Tensor, real: Tensor) -> Tensor:
    """−log(1 − D(fake)) − log D(real)."""
    return (F.softplus(fake) + F.softplus(-real))[:, 0]


def _wasserstein(fake: Tensor, real: Tensor) -> Tensor:
    """D(fake) − D(real), and the drift."""
    return (fake - real + DRIFT * real.square())[:, 0]


GAMES: Final[Mapping[AdversarialLoss, Game]] = {
    # −log D(fake) (GAN, Section 3)
    "logistic": Game(lambda fake: F.softplus(-fake)[:, 0], _logistic),
    # log(1 − D(fake)) (GAN, eq. 1), whose slope vanishes where D is sure
    "minimax": Game(lambda fake: -F.softplus(fake)[:, 0], _logistic),
    "wgan-gp": Game(lambda fake: -fake[:, 0], _wasserstein, penalises=True),
}


def between(real: Tensor, fake: Tensor) -> Tensor:
    """A point on the line from each generated picture to a real one (WGAN-GP, Section 4)."""
    share = torch.rand(len(real), 1, 1, 1, device=real.device, dtype=real.dtype)
    return torch.lerp(fake, real, share)


def full_precision(like: Tensor) -> torch.autocast:
    """Derivatives have the precision that their activations have; autocast would lower it."""
    return torch.autocast(like.device.type, enabled=False)


def squared_slopes(logits: Tensor, img: Tensor, pixels_each: float = 1.0) -> Tensor:
    """‖∇D(x)‖² of each picture: [N], differentiable. logits were computed from `img`.

    pixels_each: how many pixels of the picture in full size each of `img` stands for; the gradient
        is that by the picture in full size.
    """
    with full_precision(img):
        (gradient,) = torch.autograd.grad(logits.sum(), img, create_graph=True)
    return gradient.square().sum((1, 2, 3)) / pixels_each


def gradient_norms(logits: Tensor, img: Tensor, pixels_each: float = 1.0) -> Tensor:
    """The roots of `squared_slopes`, which are differentiable at 0 as well."""
    return (squared_slopes(logits, img, pixels_each) + 1e-12).sqrt()


def gradient_penalty(
    D: nn.Module, real: Tensor, fake: Tensor, c: Tensor, pixels_each: float = 1.0
) -> Tensor:
    """(‖∇D(x̂)‖ − 1)² at a point between each pair: [N] (WGAN-GP, eq. 3)."""
    mixed = between(real.detach(), fake.detach()).requires_grad_(True)
    logits: Tensor = D(mixed, c)
    return (gradient_norms(logits.float(), mixed, pixels_each) - 1).square()
