"""What a card does: pictures in every precision, launched and played, against those of the CPU."""

from __future__ import annotations

import copy
import time

import torch
from torch import Tensor

from common.precision import Precision
from common.progress import IsCancelled, ProgressReport
from networks.base import Generator
from ops import reference_path
from renderer.bench.benchmark import Snapshot
from renderer.bench.drafts import Draw
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pipeline.compute import choose
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.synthesis.recordings import Recordings, recorder_of

PRECISIONS: tuple[Precision, ...] = ("float32", "float16", "bfloat16")


def ways_of_card(generator: Generator, options: EngineOptions) -> dict[str, Draw]:
    """The picture by the definition on the CPU, and on the device of `options` in every precision.

    On a device whose stages can be recorded each is drawn twice: launched, and played.
    """
    on_cpu = EngineOptions(device="cpu", precision="float32", threads=options.threads)
    definition = _draw(_pipeline(generator, on_cpu, Recordings(lambda device: None)))

    def by_definition(seed: int) -> tuple[float, Tensor]:
        with reference_path():
            return definition(seed)

    ways: dict[str, Draw] = {"definition": by_definition}
    for precision in PRECISIONS:
        chosen = EngineOptions(device=options.device, precision=precision, threads=options.threads)
        compute = choose(chosen)
        if compute.precision != precision:  # a CPU computes in float32 instead of float16
            continue
        ways[precision] = _draw(_pipeline(generator, chosen, Recordings(lambda device: None)))
        if recorder_of(compute.device) is not None:
            ways[f"{precision}, played"] = _draw(_pipeline(generator, chosen, Recordings()))
    return ways


def _pipeline(generator: Generator, options: EngineOptions, recordings: Recordings) -> Pipeline:
    own = copy.deepcopy(generator)  # each is moved to a device, and told a precision

    def opened(path: str, progress: ProgressReport, cancelled: IsCancelled) -> Snapshot:
        return Snapshot(own)

    return Pipeline(options, opened, recordings=recordings)


def _draw(pipeline: Pipeline) -> Draw:
    def draw(seed: int) -> tuple[float, Tensor]:
        request = RenderRequest("network", Seed(seed))
        begun = time.perf_counter()
        pixels = pipeline.render(request).pixels
        ms = 1000 * (time.perf_counter() - begun)
        img = torch.from_numpy(pixels[..., :3].copy()).permute(2, 0, 1)[None]
        return ms, img.float() / 127.5 - 1

    return draw
