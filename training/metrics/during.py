"""Metrics during training: every snapshot's averaged generator against all real images."""

from __future__ import annotations

from collections.abc import Callable

import torch

from training.data.dataset import ImageDataset
from training.metrics import networks
from training.metrics.cache import Cache, default_folder
from training.metrics.evaluate import Evaluator
from training.metrics.names import parse_all
from training.run.options import Options


def open_evaluator(
    options: Options, device: torch.device, warn: Callable[[str], None] = lambda text: None
) -> Evaluator | None:
    """What measures the snapshots of a run; None where no metrics are asked for.

    warn: takes a line for the user. Raises UserError where a metric cannot be computed here.
    """
    metrics = parse_all(options.metrics)
    if not metrics:
        return None
    data = options.training_set_kwargs
    # All images, whatever subset is trained with (ADA, Section 4).
    dataset = ImageDataset(data.path, use_labels=data.use_labels, mirror=data.xflip)
    found = networks.load_all(metrics, device)
    return Evaluator(metrics, found, dataset, device=device, cache=Cache(default_folder(), warn))
