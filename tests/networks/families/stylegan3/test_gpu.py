"""StyleGAN3 on CUDA: the same numbers in float32, near ones in float16 and bfloat16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from networks.precision import computing
from networks.snapshots.snapshot import open_snapshot
from tests.networks.families.stylegan3.test_parity import FILES, latent
from tests.paths import DATA

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


@pytest.fixture(autouse=True)
def _true_float32() -> Iterator[None]:
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


@torch.inference_mode()
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("precision", "bound"), [("float32", 1e-4), ("float16", 0.02), ("bfloat16", 0.1)]
)
def test_pictures_are_those_of_the_public_code(name: str, precision, bound: float) -> None:
    reference = np.load(DATA / f"{name}.npz")
    G = open_snapshot(DATA / f"{name}.pkl").G_ema
    ws = latent(G, int(reference["seeds"][0]), int(reference["label"])).cuda()
    G.cuda().set_precision(precision)
    with computing(precision, torch.device("cuda")):
        img = G.render(ws)[0].float().cpu().numpy()
    image = reference["images_f32"][0, 0]
    assert np.abs(img - image).max() <= bound * np.abs(image).max()
