"""In a lower precision a picture of StyleGAN3 stays where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from networks.snapshots.snapshot import open_snapshot
from tests.foreign import SMALL
from tests.paths import DATA

XL = SMALL / "stylegan-xl" / "r-superres-cond6-32.pkl"


@pytest.mark.parametrize("path", [DATA / "sg3-t-odd-32.pkl", XL], ids=["stylegan3", "styleganxl"])
def test_waves_are_computed_in_full_precision_while_drafting(path: Path) -> None:
    G = open_snapshot(path).G_ema
    seen: dict[str, Tensor] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        seen.setdefault(name, x)
        return x

    with torch.inference_mode():
        ws = torch.randn(1, G.num_ws, G.w_dim, generator=torch.Generator().manual_seed(1))
        exact = G.render(ws, tap=tap)
        waves = seen.pop("input")
        with G.drafting():
            draft = G.render(ws, tap=tap)
    assert torch.equal(seen["input"], waves)
    assert 0 < (draft - exact).abs().mean() * 127.5 < 1
