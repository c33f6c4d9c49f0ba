"""The recipe that ours is measured against does what the paper says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from networks.features import pixels
from networks.projection import noise_maps, schedule
from networks.snapshots.snapshot import open_snapshot
from renderer.bench.published import Published, correlation, rate

DATA = Path(__file__).parents[2] / "data"


def test_several_targets_are_searched_each_on_its_own() -> None:
    G = open_snapshot(DATA / "sg2-uncond-32.pkl").G_ema
    z = torch.randn(2, G.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        targets = G.render(G.map(z)[:, None].expand(-1, G.num_ws, -1))
    search = Published(G, pixels.load(), targets, None, 60)
    before = search.distances()
    for _ in range(60):
        search.step()
    assert all(after < old / 2 for after, old in zip(search.distances(), before, strict=True))
    own, swapped = (
        pixels.load().to(target[None])(search.pictures()) for target in targets.unbind()
    )
    assert own[0] < own[1]
    assert swapped[1] < swapped[0]


def test_it_agrees_with_the_equations_as_ours_are_written() -> None:
    for t in (0.0, 0.02, 0.3, 0.8, 0.99):
        assert 0.1 * rate(t) == pytest.approx(schedule.learning_rate(t))
    maps = torch.randn(3, 32, 32)
    assert correlation([maps]).item() == pytest.approx(
        noise_maps.correlation(maps.unbind()).item(), rel=1e-3
    )
