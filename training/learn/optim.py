"""Optimizers of lazily regularised networks, gradients made finite, and the averaged generator."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def lazy_adam(
    parameters: Iterable[nn.Parameter],
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    interval: int | None,
) -> torch.optim.Adam:
    """Adam for a network whose regulariser is a step of its own every `interval` iterations.

    interval + 1 steps then do the work of `interval`: with c = interval / (interval + 1) the rate
    becomes c·lr and each beta its power of c (Karras et al. 2020, StyleGAN2, Appendix B). Where the
    interval is None there are no such steps.
    """
    c = 1.0 if interval is None else interval / (interval + 1)
    return torch.optim.Adam(parameters, lr=lr * c, betas=(betas[0] ** c, betas[1] ** c), eps=eps)


def set_rate(optimizer: torch.optim.Adam, lr: float) -> None:
    """Another learning rate from the next step on, for an optimizer without lazy steps."""
    for group in optimizer.param_groups:
        group["lr"] = lr


@torch.no_grad()
def finite_gradients(parameters: Iterable[nn.Parameter]) -> Tensor:
    """Replace what is not finite, NaN by 0 and ±∞ by ±1e5; returns how many there were, 0-dim.

    Float16 overflows now and then: one such step must not spoil Adam's averages for ever.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    bad = (~flat.isfinite()).sum()
    torch.nan_to_num(flat, nan=0, posinf=1e5, neginf=-1e5, out=flat)
    torch._foreach_copy_(
        gradients,
        [
            piece.view_as(gradient)
            for piece, gradient in zip(
                torch.split(flat, [gradient.numel() for gradient in gradients]),
                gradients,
                strict=True,
            )
        ],
    )
    return bad


def ema_beta(batch: int, nimg: int, half_life_kimg: float, rampup: float | None) -> float:
    """The share of the average that stays after a batch.

    batch: images in it.
    nimg: images seen so far, those of this batch included: the average of a moment is of all that
        was seen until then. The reference trainer counts before the batch, so that its first
        average is the network itself; after some batches the two cannot be told apart.
    half_life_kimg: thousands of images after which a weight counts half.
    rampup: the half-life is at most this share of the images seen so far, so that the start is
        forgotten quickly; None for no limit.
    """
    half_life = half_life_kimg * 1000
    if rampup is not None:
        half_life = min(half_life, nimg * rampup)
    return float(0.5 ** (batch / max(half_life, 1e-8)))


@torch.no_grad()
def update_ema(average: nn.Module, network: nn.Module, beta: float) -> None:
    """average ← beta · average + (1 − beta) · network; buffers (w_avg, noise) are copied."""
    old: list[Tensor] = list(average.parameters())
    new: list[Tensor] = list(network.parameters())
    torch._foreach_lerp_(old, new, 1 - beta)
    for mine, other in zip(average.buffers(), network.buffers(), strict=True):
        mine.copy_(other)
