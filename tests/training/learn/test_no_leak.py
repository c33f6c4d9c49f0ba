"""Augmentations stay out of the pictures: upright data gives upright pictures.

Section 2.2 of the ADA paper: rotations by quarter turns leave the upright orientation the most
frequent one as long as p < 1, so a generator that matches the rotated data must be upright.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from common.runs import locate
from networks.snapshots.snapshot import open_snapshot
from renderer.messages.request import RenderRequest, Seed
from renderer.pipeline.pipeline import Pipeline
from tests.training.tiny_runs import make, start, suns, tiny, write_data


def upright(pictures: np.ndarray) -> float:
    """Share of pictures [N, H, W, 3] whose blue falls from top to bottom, and red rises."""
    sky = pictures[..., 2].astype(float) - pictures[..., 0]
    vertical = sky[:, :2].mean((1, 2)) - sky[:, -2:].mean((1, 2))  # the sun keeps off the edges
    horizontal = sky[:, :, :2].mean((1, 2)) - sky[:, :, -2:].mean((1, 2))
    return float(np.mean(vertical > np.abs(horizontal)))


def test_quarter_turns_at_p_08_do_not_leak(tmp_path: Path) -> None:
    data = write_data(tmp_path / "suns", 300)
    turned = np.concatenate([np.rot90(suns(100, 1), k, (1, 2)) for k in range(4)])
    assert upright(suns(300)) > 0.97
    assert upright(turned) < 0.3, "the measure sees a turned picture"
    run = make(
        tmp_path / "runs",
        tiny(data, aug="fixed", augment_p=0.8, augment_kwargs={"rotate90": 1}, total_kimg=5),
    )
    start(run)
    path = str(locate.resolve(str(run)))
    assert float(open_snapshot(path, names=("augment_pipe",)).networks["augment_pipe"].p) > 0.79
    pipeline = Pipeline()
    drawn = [
        pipeline.render(RenderRequest(path, Seed(seed))).pixels[..., :3] for seed in range(200)
    ]
    assert upright(np.stack(drawn)) > 0.9
