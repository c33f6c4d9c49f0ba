"""Metrics of a generator. Those of one feature network share the pictures that are made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from common.errors import UserError
from common.units import picture_size
from networks.base import Generator
from training.data.dataset import ImageDataset
from training.metrics.cache import Cache
from training.metrics.collect import FAILURES, Team
from training.metrics.names import Metric, NetworkName
from training.metrics.networks import FeatureNetwork
from training.metrics.path_length import lengths
from training.metrics.pictures import Generated, Real
from training.metrics.reference import Reference
from training.metrics.scores import score

BATCH = 32
_FEWEST = 4  # real images that metrics need
_LOOKED_AT = (1, 3)  # channels of pictures that feature networks take: grey, and RGB


@dataclass(frozen=True)
class Outcome:
    """What came of one metric. Only values of equal `network` and `facts` compare.

    metric: the metric.
    network: the feature network, in words.
    seconds: how long everything took that it needed, also what it shares with others.
    results: values by name; empty where it failed.
    facts: numbers of pictures by name.
    failure: why there are no values; None where there are.
    """

    metric: Metric
    network: str
    seconds: float
    results: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, int] = field(default_factory=dict)
    failure: BaseException | None = None


class Evaluator:
    """Measures generators against one data set; what the real pictures give is kept.

    metrics: what is measured, in this order.
    networks: the feature networks that they need.
    dataset: all real images, mirrored where training does that; None where nothing needs them.
    device: where pictures are made.
    cache: keeps what the real pictures give.
    batch: pictures at a time; another number draws other noise.
    first: the first of the seeds.
    Raises UserError where data is missing.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        networks: Mapping[NetworkName, FeatureNetwork],
        dataset: ImageDataset | None,
        *,
        device: torch.device,
        cache: Cache,
        batch: int = BATCH,
        first: int = 0,
    ) -> None:
        self.metrics, self.networks, self.dataset = metrics, networks, dataset
        self.device, self.batch, self.first = device, batch, first
        self._references: dict[NetworkName, Reference] = {}
        wanting = [metric for metric in metrics if metric.needs_data]
        if not wanting:
            return
        if dataset is None:
            raise UserError(f"{wanting[0].name} compares with real pictures.", "Give --data.")
        if len(dataset.names) < _FEWEST:
            raise UserError(
                f"{dataset.path} has {len(dataset.names)} images, metrics need {_FEWEST} or more.",
                "Give more data.",
            )
        if dataset.channels not in _LOOKED_AT:
            raise UserError(
                f"{dataset.path} has transparency, which metrics cannot look at.",
                "Leave the metrics out, or make the data without --channels 4.",
            )
        real = Real(dataset, device)
        for name in dict.fromkeys(metric.network for metric in wanting):
            self._references[name] = Reference(real, networks[name], cache, batch)

    @torch.inference_mode()
    def __call__(self, G: Generator, team: Team) -> list[Outcome]:
        """An outcome for each metric, in their order, on the first rank; none on the others.

        All ranks call it together. Global random numbers go on as if nothing had been drawn.
        Raises Stopped, and UserError as `check` does; whatever else goes wrong is an outcome.
        """
        self.check(G)
        generated = Generated(G, self.dataset, self.device, self.first)
        outcomes: dict[Metric, Outcome] = {}
        with _full_float32():
            for shared in self._together():
                outcomes |= {o.metric: o for o in self._measure(shared, generated, team)}
        return [outcomes[metric] for metric in self.metrics] if team.first else []

    def check(self, G: Generator) -> None:
        """Check that the generator can be measured, with this data. Raises UserError."""
        if G.img_channels not in _LOOKED_AT:
            raise UserError(
                "The generator makes pictures of "
                f"{picture_size(G.img_shape, G.img_channels)}, and metrics look at 1 or 3.",
                "Measure another one.",
            )
        data = self.dataset
        if data is None:
            return
        shape = data.resolution, data.resolution
        if (shape, data.channels) == (G.img_shape, G.img_channels):
            return
        raise UserError(
            f"The generator makes pictures of {picture_size(G.img_shape, G.img_channels)}, "
            f"{data.path} has {picture_size(data.resolution, data.channels)}.",
            "Give the data that it was trained with.",
        )

    def _together(self) -> list[list[Metric]]:
        """The metrics in groups that look at the same pictures; a path length is alone."""
        groups: dict[object, list[Metric]] = {}
        for metric in self.metrics:
            key = metric if metric.kind == "path_length" else metric.network
            groups.setdefault(key, []).append(metric)
        return list(groups.values())

    def _measure(
        self, metrics: Sequence[Metric], generated: Generated, team: Team
    ) -> list[Outcome]:
        """All ranks see pictures; then the first alone computes, and keeps to itself what fails."""
        start = time.monotonic()
        network = self.networks[metrics[0].network]
        reference = self._references.get(metrics[0].network)
        try:
            if reference is not None:
                reference.prepare(metrics, team)
            if metrics[0].kind == "path_length":
                title, work = "Paths", lengths(metrics[0], generated, network.run)
            else:
                title, work = "Generated", lambda numbers: network.run(generated(numbers))
            rows = team.rows(title, max(m.generated for m in metrics), self.batch, work)
        except FAILURES as error:
            return [Outcome(m, network.key, 0.0, failure=error) for m in metrics]
        if not team.first:
            return []
        shared = time.monotonic() - start
        outcomes = []
        for metric in metrics:
            start = time.monotonic()
            try:
                results, facts = score(metric, rows, reference, self.device)
            except FAILURES as error:
                outcomes.append(Outcome(metric, network.key, 0.0, failure=error))
                continue
            seconds = shared + time.monotonic() - start
            outcomes.append(Outcome(metric, network.key, seconds, results, facts))
        return outcomes


@contextmanager
def _full_float32() -> Iterator[None]:
    """No TF32 inside: its rounding would make values depend on the GPU and on how one trains."""
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    before = convolutions.allow_tf32, products.allow_tf32
    convolutions.allow_tf32 = products.allow_tf32 = False
    try:
        yield
    finally:
        convolutions.allow_tf32, products.allow_tf32 = before
