"""What may be another when a run goes on. No torch here."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import msgspec

from training.metrics.names import parse_all
from training.run.options import Options
from training.start.asked import check_kimg


class Changes(TypedDict, total=False):
    """New values, by the names of the flags of `train`.

    Of these only `threads` can change a weight, in its last digit.

    data: where the images are now; they have to be the same.
    kimg: length of the run.
    workers: processes for each GPU that read images.
    threads: CPU threads of each process.
    keep: how many of the newest snapshots are kept.
    snap: ticks between two snapshots, and between two grids of pictures.
    metrics: names with commas between them.
    """

    data: str
    kimg: float
    workers: int
    threads: int
    keep: int
    snap: int
    metrics: str


def changed(options: Options, changes: Changes) -> Options:
    """The options of a run that goes on with `changes`.

    Raises UserError for an unknown metric, and for a length that is none.
    """
    check_kimg(changes.get("kimg"))
    loading, metrics = options.data_loader_kwargs, options.metrics
    images = options.training_set_kwargs
    if "data" in changes:
        path = str(Path(changes["data"]).expanduser().absolute())
        images = msgspec.structs.replace(images, path=path)
    if "workers" in changes:
        loading = msgspec.structs.replace(loading, num_workers=changes["workers"])
    if "metrics" in changes:
        metrics = tuple(metric.name for metric in parse_all(changes["metrics"]))
    return msgspec.structs.replace(
        options,
        training_set_kwargs=images,
        total_kimg=changes.get("kimg", options.total_kimg),
        data_loader_kwargs=loading,
        threads=changes.get("threads", options.threads),
        keep=changes.get("keep", options.keep),
        image_snapshot_ticks=changes.get("snap", options.image_snapshot_ticks),
        network_snapshot_ticks=changes.get("snap", options.network_snapshot_ticks),
        metrics=metrics,
    )
