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

from common.errors import UserError
from networks.augment import AugmentPipe
from networks.base import Discriminator, Generator
from networks.precision import on_device
from networks.training_traits import Phase, TrainingTraits
from training.data.dataset import ImageDataset
from training.learn import optim
from training.learn.family import trainable_family
from training.learn.loss import GeneratorPass, LossOptions, PhaseLoss
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
    """The networks of a run and all that trains them.

    G, D: what is trained.
    G_ema: the average of G's weights over training, which makes the pictures.
    augment: what D sees pictures through.
    G_opt, D_opt: the optimizers of G and of D.
    loss: the gradients of each phase.
    intervals: the phases of this run in their order, and every how many iterations each comes.
    """

    G: Generator
    D: Discriminator
    G_ema: Generator
    augment: AugmentPipe
    G_opt: torch.optim.Adam
    D_opt: torch.optim.Adam
    loss: PhaseLoss
    intervals: dict[Phase, int]

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
    Raises UserError for a family that cannot be trained.
    """
    traits = trainable_family(options.family).traits
    torch.manual_seed(options.random_seed)
    G, D = untrained(options, dataset)
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
    loss_options = LossOptions(**options.loss_kwargs).suited_to(traits)
    G_interval = options.G_reg_interval if "Greg" in traits.intervals else None
    D_interval = options.D_reg_interval if "Dreg" in traits.intervals else None
    return Parts(
        G=G,
        D=D,
        G_ema=G_ema,
        augment=augment,
        G_opt=_adam(options.G_opt_kwargs, G, G_interval),
        D_opt=_adam(options.D_opt_kwargs, D, D_interval),
        loss=make_loss(G, D, augment, loss_options, group, grows=options.growth is not None),
        intervals=phase_intervals(options, traits, loss_options),
    )


def untrained(options: Options, dataset: ImageDataset) -> tuple[Generator, Discriminator]:
    """G and D of a run on these images, with random weights, on the CPU.

    Raises UserError for a family that cannot be trained, or not at this resolution.
    """
    family = trainable_family(options.family)
    facts: dict[str, Any] = {
        "c_dim": dataset.label_dim,
        "img_resolution": dataset.resolution,
        "img_channels": dataset.channels,
    }
    try:
        G = family.generator(**facts, **options.G_kwargs).train()
        D = family.discriminator(**facts, **options.D_kwargs).train()
    except ValueError as error:
        raise UserError(f"--cfg {options.cfg} fits no such data: {error}.") from error
    return G, D


def phase_intervals(
    options: Options, traits: TrainingTraits, loss: LossOptions
) -> dict[Phase, int]:
    """The phases of a run in their order, and every how many iterations each of them comes.

    A regulariser whose weight is 0, or whose interval the run has set to None, is left out.
    """
    chosen: dict[Phase, int | None] = {
        "Greg": options.G_reg_interval if loss.pl_weight else None,
        "Dreg": options.D_reg_interval if loss.r1_gamma and loss.lazy_r1 else None,
    }
    intervals = {phase: chosen.get(phase, usual) for phase, usual in traits.intervals.items()}
    return {phase: every for phase, every in intervals.items() if every is not None}


def make_loss(
    G: Generator,
    D: Discriminator,
    augment: Callable[[Tensor], Tensor],
    options: LossOptions,
    group: Group,
    *,
    grows: bool = False,
) -> PhaseLoss:
    """The loss, over all ranks where there are several.

    grows: layers of the networks may not be in use.
    """
    consistency = None
    if options.bcr_real or options.bcr_fake:
        consistency = AugmentPipe(**_CONSISTENCY).to(group.device)
    if group.size == 1:
        return PhaseLoss(G, D, augment, options, device=group.device, consistency=consistency)
    # Told once for vectors of one row, whose strides mean nothing.
    warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
    ids = [group.device.index] if group.device.type == "cuda" else None
    # Every rank computes the same buffers, from averages over all ranks.
    unsynced: Any = {_BUFFERS: False, "find_unused_parameters": grows}
    G_pass, D_pass = (
        DistributedDataParallel(network, device_ids=ids, **unsynced)
        for network in (GeneratorPass(G), D)
    )
    return PhaseLoss(
        G_pass,
        D_pass,
        augment,
        options,
        device=group.device,
        consistency=consistency,
        average=group.mean,
    )


def _adam(adam: Adam, network: nn.Module, interval: int | None) -> torch.optim.Adam:
    return optim.lazy_adam(
        network.parameters(), lr=adam.lr, betas=adam.betas, eps=adam.eps, interval=interval
    )
