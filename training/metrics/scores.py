"""From features to the values that are reported."""

from __future__ import annotations

import torch
from torch import Tensor

from training.metrics import distances
from training.metrics.moments import Moments
from training.metrics.names import Metric
from training.metrics.path_length import typical
from training.metrics.reference import Reference

Values = dict[str, float]
Facts = dict[str, int]


def score(
    metric: Metric, rows: Tensor, reference: Reference | None, device: torch.device
) -> tuple[Values, Facts]:
    """Values by the names of published tools, and the numbers of pictures they come from.

    rows: what the network gave for the generated pictures, [N, d + extra].
    reference: the real pictures; None where the metric does not compare with them.
    device: where distances are computed.
    """
    rows = rows[: metric.generated]
    if metric.kind == "path_length":
        return {metric.name: typical(rows)}, {}
    if metric.kind == "inception_score":
        mean, std = distances.inception_score(rows[:, -1008:])
        return {f"{metric.name}_mean": mean, f"{metric.name}_std": std}, {}
    assert reference is not None
    fake = rows[:, : reference.network.d]
    if metric.network == "lite":
        return _with_floor(metric, fake, reference, device)
    if metric.kind == "frechet":
        value = distances.frechet(reference.moments, Moments.of(fake))
        return {metric.name: value}, {"num_real": reference.moments.count}
    real = reference.features[: metric.real].to(device)
    fake, facts = fake.to(device), {"num_real": len(real)}
    if metric.kind == "kernel":
        return {metric.name: distances.kernel_of_subsets(real, fake)}, facts
    precision, recall = distances.precision_recall(real, fake)
    return {f"{metric.name}_precision": precision, f"{metric.name}_recall": recall}, facts


def _with_floor(
    metric: Metric, fake: Tensor, reference: Reference, device: torch.device
) -> tuple[Values, Facts]:
    """The distance to as many real pictures, and that between two sets of real ones.

    The second is what a perfect generator would reach: a Fréchet distance grows as sets shrink.
    """
    real = reference.features[: metric.real]
    half = reference.half(metric)
    parts = (slice(0, half), slice(half, 2 * half))
    if metric.kind == "frechet":
        value = distances.frechet(reference.part(0, len(real)), Moments.of(fake))
    else:
        value = distances.kernel(real.to(device), fake.to(device))
    if metric.name not in reference.floors:
        if metric.kind == "frechet":
            floor = distances.frechet(*(reference.part(s.start, s.stop) for s in parts))
        else:
            floor = distances.kernel(*(reference.features[s].to(device) for s in parts))
        reference.floors[metric.name] = floor
    values = {metric.name: value, f"{metric.name}_floor": reference.floors[metric.name]}
    return values, {"num_real": len(real), "num_floor": half}
