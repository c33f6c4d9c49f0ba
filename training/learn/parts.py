"""The networks of a run and all that trains them, made from its options."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from networks.augment import AugmentPipe
from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.precision import on_device
from training.data.dataset import ImageDataset
from training.learn import optim
from training.learn.loss import GeneratorPass, LossOptions, StyleGAN2Loss
from training.run import state
from training.run.distributed import Group
from training.run.options import Adam, Options
from training.run.precision import precision_of

# bCR's own transformations (Karras et al. 2020, ADA, Section 4.2): flips and shifts.
_CONSISTENCY = {"xflip": 1.0, "xint": 1.0}

# Newer releases of torch warn of the older name.
_BUFFERS = (
    "forward_sync_buffers"
    if "forward_sync_buffers" in inspect.signature(DistributedDataParallel).parameters
    else "broadcast_buffers"
)


@dataclass
class Parts:
    """G, D and their average, the optimizers, the loss, and what D sees pictures through."""

    G: StyleGAN2Generator
    D: StyleGAN2Discriminator
    G_ema: StyleGAN2Generator
    augment: AugmentPipe
    G_opt: torch.optim.Adam
    D_opt: torch.optim.Adam
    loss: StyleGAN2Loss

    @property
    def networks(self) -> dict[str, nn.Module]:
        """As a snapshot holds them."""
        return {"G": self.G, "D": self.D, "G_ema": self.G_ema, "augment_pipe": self.augment}

    def tensors(self) -> state.Tensors:
        """What an exact continuation needs of them."""
        tensors = {"loss.pl_mean": self.loss.pl_mean}
        for name, network in self.networks.items():
            tensors |= state.prefixed(name, network.state_dict())
        tensors |= state.prefixed("G_opt", state.optimizer_state(self.G_opt, self.G))
        tensors |= state.prefixed("D_opt", state.optimizer_state(self.D_opt, self.D))
        return tensors

    def load(self, tensors: state.Tensors) -> None:
        """The inverse of `tensors`."""
        for name, network in self.networks.items():
            network.load_state_dict(state.part(name, tensors))
        state.load_optimizer(self.G_opt, self.G, state.part("G_opt", tensors))
        state.load_optimizer(self.D_opt, self.D, state.part("D_opt", tensors))
        self.loss.pl_mean.copy_(tensors["loss.pl_mean"])


def build(
    options: Options,
    dataset: ImageDataset,
    group: Group,
    prepare: Callable[[dict[str, nn.Module]], None] = lambda networks: None,
) -> Parts:
    """Networks that are the same on every rank.

    prepare: called with G, D and G_ema on the first rank before the others get them.
    """
    torch.manual_seed(options.random_seed)
    facts: dict[str, Any] = {
        "c_dim": dataset.label_dim,
        "img_resolution": dataset.resolution,
        "img_channels": dataset.channels,
    }
    G = StyleGAN2Generator(**facts, **options.G_kwargs).train()
    D = StyleGAN2Discriminator(**facts, **options.D_kwargs).train()
    G_ema = copy.deepcopy(G).eval()
    if group.rank == 0:
        prepare({"G": G, "D": D, "G_ema": G_ema})
    for network in (G, D, G_ema):
        network.to(group.device)
        group.broadcast(network)
    G_ema.requires_grad_(False)
    precision = on_device(precision_of(options.precision), group.device)
    for network in (G, D, G_ema):
        network.set_precision(precision)

    augment = AugmentPipe(**options.augment_kwargs).to(group.device).requires_grad_(False)
    return Parts(
        G=G,
        D=D,
        G_ema=G_ema,
        augment=augment,
        G_opt=_adam(options.G_opt_kwargs, G, options.G_reg_interval),
        D_opt=_adam(options.D_opt_kwargs, D, options.D_reg_interval),
        loss=make_loss(G, D, augment, LossOptions(**options.loss_kwargs), group),
    )


def make_loss(
    G: StyleGAN2Generator,
    D: StyleGAN2Discriminator,
    augment: Callable[[Tensor], Tensor],
    options: LossOptions,
    group: Group,
) -> StyleGAN2Loss:
    """The loss, over all ranks where there are several."""
    consistency = None
    if options.bcr_real or options.bcr_fake:
        consistency = AugmentPipe(**_CONSISTENCY).to(group.device)
    if group.size == 1:
        return StyleGAN2Loss(G, D, augment, options, device=group.device, consistency=consistency)
    # Told once for vectors of one row, whose strides mean nothing.
    warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
    ids = [group.device.index] if group.device.type == "cuda" else None
    # Every rank computes the same buffers, from averages over all ranks.
    unsynced: Any = {_BUFFERS: False}
    G_pass, D_pass = (
        DistributedDataParallel(network, device_ids=ids, **unsynced)
        for network in (GeneratorPass(G), D)
    )
    return StyleGAN2Loss(
        G_pass, D_pass, augment, options,
        device=group.device, consistency=consistency, average=group.mean,
    )  # fmt: skip


def _adam(adam: Adam, network: nn.Module, interval: int | None) -> torch.optim.Adam:
    return optim.lazy_adam(
        network.parameters(), lr=adam.lr, betas=adam.betas, eps=adam.eps, interval=interval
    )
