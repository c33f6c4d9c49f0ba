"""Training speed, and what the fast operators contribute to it: `python -m training.benchmark`.

Every round takes one step of every phase on the fast path and one on the reference path, in turn,
so that both meet the same disturbances. A phase counts as often as it is due.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import click
import torch
from tqdm import trange

from common.errors import UserError
from common.finite import FiniteRange
from networks.augment import GROUPS, AugmentPipe
from networks.precision import computing, on_device
from networks.training_traits import Phase
from ops import reference_path
from training.learn.family import trainable_family
from training.learn.loss import LossOptions, PhaseLoss
from training.run.configs import CONFIGS, ConfigName, configure
from training.run.distributed import choose_device
from training.run.options import DeviceChoice, PrecisionOption
from training.run.precision import choose_precision, precision_of


def make_step(
    cfg: ConfigName,
    resolution: int,
    batch: int | None,
    p: float,
    device: torch.device,
    precision: PrecisionOption,
) -> tuple[Callable[[Phase], None], int, Mapping[Phase, int]]:
    """A function that computes a phase on noise, without the optimizer, its batch size, and every
    how many iterations each phase comes."""
    config = configure(cfg, resolution, batch=batch)
    family = trainable_family(config.family)
    facts: dict[str, Any] = {"c_dim": 0, "img_resolution": resolution, "img_channels": 3}
    G = family.generator(**facts, **config.G_kwargs).to(device)
    D = family.discriminator(**facts, **config.D_kwargs).to(device)
    number_format = on_device(precision_of(precision), device)
    for network in (G, D):
        network.set_precision(number_format)
    augment = AugmentPipe(**GROUPS["bgc"]).to(device)
    augment.p.fill_(p)
    loss = PhaseLoss(G, D, augment, LossOptions(**config.loss_kwargs), device=device)
    real = torch.rand(config.batch, 3, resolution, resolution, device=device) * 2 - 1
    label, z = real.new_zeros(config.batch, 0), torch.randn(config.batch, G.z_dim, device=device)

    def step(phase: Phase) -> None:
        G.zero_grad()
        D.zero_grad()
        with computing(number_format, device):
            loss.accumulate(phase, real, label, z, label, 1.0, lambda name, value: None)

    return step, config.batch, family.traits.intervals


def seconds(step: Callable[[Phase], None], phase: Phase, device: torch.device) -> float:
    """How long one phase takes, until the device has done it."""
    start = time.perf_counter()
    step(phase)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def compare(
    step: Callable[[Phase], None],
    phases: Collection[Phase],
    rounds: int,
    device: torch.device,
) -> dict[str, dict[Phase, float]]:
    """The median seconds of each phase on both paths, after one round that does not count."""
    paths: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
        "fast": contextlib.nullcontext,
        "reference": reference_path,
    }
    times: dict[str, dict[Phase, list[float]]] = {
        name: {phase: [] for phase in phases} for name in paths
    }
    for round_ in trange(rounds + 1, unit=" rounds", disable=None, leave=False):
        for phase in phases:
            for name, path in paths.items():
                with path():
                    duration = seconds(step, phase, device)
                if round_:
                    times[name][phase].append(duration)
    return {
        name: {phase: statistics.median(values) for phase, values in taken.items()}
        for name, taken in times.items()
    }


@click.command()
@click.option("--cfg", type=click.Choice(CONFIGS), default="small", show_default=True)
@click.option("--resolution", type=click.IntRange(4), default=64, show_default=True)
@click.option(
    "--batch", type=click.IntRange(1), help="Pictures a step; the configuration's by default."
)
@click.option(
    "--p",
    type=FiniteRange(0, 1),
    default=0.5,
    show_default=True,
    help="Probability of augmentations (bgc).",
)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cuda", "cpu"]), default="auto")
@click.option(
    "--precision",
    type=click.Choice(["auto", "fp32", "fp16", "bf16"]),
    default="auto",
    help="As in `train`.",
)
def main(
    cfg: ConfigName,
    resolution: int,
    batch: int | None,
    p: float,
    rounds: int,
    device: DeviceChoice,
    precision: str,
) -> None:
    """Images per second of training, fast operators against their plain definitions."""
    try:
        where = torch.device(choose_device(device))
        chosen = choose_precision(precision, where.type)
        step, mb, intervals = make_step(cfg, resolution, batch, p, where, chosen)
    except (UserError, ValueError) as error:  # networks that cannot be built raise ValueError
        raise click.ClickException(str(error)) from error
    found = compare(step, intervals, rounds, where)
    click.echo(
        f"{cfg}, {resolution}², batch {mb}, p {p}, {where}, {chosen}, "
        f"{torch.get_num_threads()} threads"
    )
    for phase in intervals:
        fast, plain = found["fast"][phase], found["reference"][phase]
        click.echo(f"{phase:6} {fast * 1e3:8.1f} ms, {plain * 1e3:8.1f} plain: {plain / fast:.2f}x")
    for title, kinds in (("D", "D"), ("all", "GD")):
        fast, plain = (
            sum(found[name][phase] / intervals[phase] for phase in intervals if phase[0] in kinds)
            for name in ("fast", "reference")
        )
        click.echo(
            f"{title:6} {mb / fast:8.1f} img/s, {mb / plain:5.1f} plain: {plain / fast:.2f}x"
        )


if __name__ == "__main__":
    main()
