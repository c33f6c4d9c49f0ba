"""What `bench` measures: pairs of frames, one fast and one plain, taken in turn.

Taking turns in one process is what makes the ratio mean something on a machine that other
programs use too: both sides meet the same disturbances.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from statistics import median
from typing import Literal, TypeAlias

import numpy as np
import torch
from msgspec import structs
from torch import Tensor

from common.progress import IsCancelled, ProgressReport
from networks.base import Generator, NoiseInput, State, truncate
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.families.stylegan3.generator import StyleGAN3Generator
from networks.precision import computing
from ops import reference_path
from ops.prepared import PreparedWeights
from renderer.bench.report import Comparison, Laps, Reuse
from renderer.messages.options import EngineOptions
from renderer.messages.request import MixSource, RenderRequest, Seed
from renderer.pipeline import layer_pictures
from renderer.pipeline.compute import Compute
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.weights import this_machine


@dataclass
class Snapshot:
    """A network that was never in a file, for a pipeline."""

    G_ema: Generator
    format: str = "random weights"
    available: tuple[str, ...] = ("G_ema",)
    kimg: float | None = None
    augment_p: float | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    file_bytes: int = 0


Architecture: TypeAlias = Literal["stylegan2", "stylegan3-t", "stylegan3-r"]
"""What a network of random weights is built like."""


def random_network(
    resolution: int,
    architecture: Architecture = "stylegan2",
    channel_max: int | None = None,
) -> Generator:
    """A network of random weights, as wide as published: StyleGAN2 half as wide below 512x512.

    channel_max: the most channels of a layer; of StyleGAN3, whose others follow from it.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if architecture == "stylegan2":
            base = 32768 if resolution >= 512 else 16384
            most = channel_max or 512
            return StyleGAN2Generator(512, 0, 512, resolution, channel_base=base, channel_max=most)
        turns = architecture == "stylegan3-r"
        most = channel_max or (1024 if turns else 512)
        return StyleGAN3Generator(
            512,
            0,
            512,
            resolution,
            channel_max=most,
            channel_base=64 * most,
            conv_kernel=1 if turns else 3,
            use_radial_filters=turns,
        )


def compare(
    generator: Generator,
    name: str,
    compute: Compute,
    seconds: float,
    most: int,
    step: Callable[[int, int], None],
) -> Comparison:
    """Make as many pairs of pictures as fit into `seconds`.

    name: of the network, for the report.
    seconds: how long it may take, roughly; two pairs are made however long they take.
    most: how many pairs are made at most.
    step: called with the number of pairs that are done and of all.
    """
    generator.eval().requires_grad_(False).to(compute.device)
    generator.set_precision(compute.precision)
    store = PreparedWeights(this_machine().choose)
    on_cpu = compute.device.type == "cpu" and compute.precision == "float32"
    fast: list[Laps] = []
    plain: list[Laps] = []
    apart, total, seed = 0.0, 2, 0
    begun = time.perf_counter()
    with torch.inference_mode(), computing(compute.precision, compute.device):
        while len(fast) < total:
            with store.using(torch.float32, at_once=True) if on_cpu else nullcontext():
                laps, a = _frame(generator, seed, compute)
            with reference_path():
                slow_laps, b = _frame(generator, seed, compute)
            difference = (a - b).abs().max() / b.abs().max().clamp(min=1e-12)
            apart = max(apart, difference.item())
            seed += 1
            if seed == 1:  # the first pair pays for memory and for choosing algorithms
                per_pair = time.perf_counter() - begun
                total = max(2, min(most, int(seconds / per_pair) - 1))
                continue
            fast.append(laps)
            plain.append(slow_laps)
            step(len(fast), total)
    return Comparison(
        name=name,
        resolution=generator.resolution,
        channels=tuple(max(layer.channels for layer in stage.layers) for stage in generator.stages),
        parameters=sum(p.numel() for p in generator.parameters()),
        pairs=len(fast),
        fast_ms=_middle(fast)["total"],
        plain_ms=_middle(plain)["total"],
        ratio=median(b["total"] / a["total"] for a, b in zip(fast, plain, strict=True)),
        apart=apart,
        fast_stages=_middle(fast),
        plain_stages=_middle(plain),
    )


def reuse(generator: Generator, options: EngineOptions, frames: int) -> Reuse:
    """Frames of new seeds and frames with other styles in the last stage only, taken in turn."""

    def opened(path: str, progress: ProgressReport, cancelled: IsCancelled) -> Snapshot:
        return Snapshot(generator)

    pipeline = Pipeline(options, opened)
    rows = generator.stages[-1].rows
    # The first row of a StyleGAN2 stage is shared with the colours of the stage before.
    late_rows = rows[1:] or rows
    weights = tuple(float(row in late_rows) for row in range(generator.num_ws))
    everything, late = [], []
    kept = pipeline.render(RenderRequest("random", Seed(0))).info
    for seed in range(1, frames + 1):
        request = RenderRequest("random", Seed(seed))
        everything.append(pipeline.render(request).info.timings["total"])
        mixed = structs.replace(request, mix=(MixSource(Seed(seed + 1000), weights),))
        pipeline.latent(mixed)  # its mapping is not what is measured
        kept = pipeline.render(mixed).info
        late.append(kept.timings["total"])
    return Reuse(
        resolution=generator.resolution,
        all_ms=median(everything),
        late_ms=median(late),
        ratio=median(a / b for a, b in zip(everything, late, strict=True)),
        reused_stages=kept.reused_stages,
        total_stages=kept.total_stages,
    )


def _frame(generator: Generator, seed: int, compute: Compute) -> tuple[Laps, Tensor]:
    """One picture from z to bytes: the milliseconds of its parts, and the picture [1, C, H, W]."""
    gc.collect()
    z = np.random.RandomState(seed).randn(1, generator.z_dim).astype(np.float32)
    laps: Laps = {}
    begun = last = _now(compute)

    def lap(name: str) -> None:
        nonlocal last
        now = _now(compute)
        laps[name] = laps.get(name, 0.0) + (now - last) * 1000
        last = now

    device = compute.device
    c = torch.zeros(1, generator.c_dim, device=device)
    c[:, :1] = 1
    w = generator.map(torch.from_numpy(z).to(device), c)
    ws = truncate(w[:, None].expand(-1, generator.num_ws, -1), generator.w_avg, 0.7)
    lap("mapping")
    state = State(None, None)
    for stage in generator.stages:
        state = stage(state, ws, NoiseInput())
        lap(str(stage.layers[-1].resolution))
    assert state.img is not None
    layer_pictures.rgba(layer_pictures.picture(state.img.float()))
    lap("convert")
    laps["total"] = (last - begun) * 1000
    return laps, state.img


def picture(generator: Generator, seed: int, compute: Compute) -> tuple[float, Tensor]:
    """One picture from z to bytes: the milliseconds, and the picture [1, C, H, W]."""
    laps, img = _frame(generator, seed, compute)
    return laps["total"], img


def _now(compute: Compute) -> float:
    if compute.device.type == "cpu" and compute.threads == 1:
        return time.thread_time()  # whatever else the machine does
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    return time.perf_counter()


def _middle(frames: list[Laps]) -> Laps:
    return {name: median(frame[name] for frame in frames) for name in frames[0]}
