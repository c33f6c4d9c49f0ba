"""Grouping the channels of a layer: its maps are drawn for some seeds, and compared."""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec import structs

from common.errors import UserError
from renderer.messages.cluster_job import ClusterChannels, Clusters
from renderer.messages.request import LayerView, RenderRequest, Seed
from renderer.messages.to_window import JobDone, done
from renderer.pictures.clusters import cluster
from renderer.server.job import Job, Task

SIDE: Final = 16
"""Pixels a side of the maps that are compared: enough to tell an eye from a chin."""


def run(work: ClusterChannels, task: Task) -> JobDone:
    """Draw every channel of the layer for each seed, as small as they come, and group them."""
    task.open(work.request.snapshot)
    view = LayerView(work.layer, "atlas", cell=SIDE)
    # As the network computes it: groups are of its channels, whatever is done to them now.
    plain = RenderRequest(
        work.request.snapshot,
        label=work.request.label,
        truncation=work.request.truncation,
        noise=work.request.noise,
        view=view,
    )
    maps = []
    for seed in range(work.samples):
        with task.turn():
            drawn = task.engine.render(
                structs.replace(plain, source=Seed(seed)), None, task.cancelled, False, False
            )
        atlas = drawn.info.atlas
        if atlas is None:
            raise UserError(f"{work.layer} has no channels to group.", "Choose another layer.")
        grey = drawn.pixels[..., 0].reshape(atlas.rows, atlas.cell, atlas.columns, atlas.cell)
        cells = grey.transpose(0, 2, 1, 3).reshape(-1, atlas.cell, atlas.cell)
        maps.append(cells[: atlas.channels, :-1, :-1])  # the last row and column are the gap
        task.progress((seed + 1) / work.samples, "looking at channels")
    groups = cluster(np.stack(maps), work.count)
    return done("", Clusters(work.layer, tuple(groups)))


JOB = Job(ClusterChannels, run, place="between")
